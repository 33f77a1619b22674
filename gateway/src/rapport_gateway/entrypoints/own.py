"""The gateway's own paths: merged lists, the system's state, the merged OpenAPI document, health."""

from __future__ import annotations

import asyncio
import time
from typing import Any
from urllib.parse import parse_qs

from rapport_chassis.auth import Directory
from rapport_chassis.db import EngineUnavailable
from rapport_chassis.peers import PeerRefused
from rapport_chassis.problems import FieldError, Forbidden, Invalid
from rapport_gateway.application.live import Live
from rapport_gateway.application.merging import Services, health_of, merged_page
from rapport_gateway.application.openapi import merged, methods_at
from rapport_gateway.domain.routing import Routes
from rapport_gateway.entrypoints.exchange import Exchange
from rapport_gateway.entrypoints.gateway import Visitor

_MOST, _USUAL = 500, 50
_LONGEST_CURSOR = 2_000
_RETRY_SECONDS = 2.0


class OwnPaths:
    """Handlers of the gateway's own paths."""

    def __init__(self, services: Services, directory: Directory, live: Live, routes: Routes) -> None:
        self._services = services
        self._directory = directory
        self._live = live
        self._routes = routes
        self._openapi: dict[str, Any] | None = None
        self._openapi_at = 0.0
        self._began = time.monotonic()

    async def jobs(self, visitor: Visitor) -> None:
        """GET /jobs."""
        await self._merged(visitor, "/jobs", newest_first=True)

    async def parked(self, visitor: Visitor) -> None:
        """GET /parked-messages."""
        await self._merged(visitor, "/parked-messages", newest_first=False)

    async def system(self, visitor: Visitor) -> None:
        """GET /system, for `system.view`."""
        if not visitor.caller.can("system.view"):
            raise Forbidden("This needs the permission “system.view”.")
        services = await health_of(self._services)
        gateway = {
            "live_streams": self._live.count,
            "rights_version": self._directory.version,
            "uptime_seconds": int(time.monotonic() - self._began),
        }
        await visitor.exchange.json({"gateway": gateway, "services": services})

    async def openapi(self, exchange: Exchange) -> None:
        """GET /openapi.json; without the parts of services that do not answer now."""
        await exchange.json(await self.document())

    async def healthz(self, exchange: Exchange) -> None:
        """GET /healthz: this process answers."""
        await exchange.json({"ok": True})

    async def readyz(self, exchange: Exchange) -> None:
        """GET /readyz: 200 when every service answers and rights are known, 503 otherwise. Lag never fails it."""
        services = await health_of(self._services)
        ready = self._directory.version > 0 and all(one.get("ok") for one in services.values())
        body = {"ready": ready, "rights_version": self._directory.version, "services": services}
        await exchange.json(body, 200 if ready else 503)

    async def document(self) -> dict[str, Any]:
        """The merged document; made once when all services answer, else anew after a moment."""
        now = time.monotonic()
        if self._openapi is None or (self._openapi_at and now - self._openapi_at > _RETRY_SECONDS):
            documents = await asyncio.gather(*(self._document(name) for name in self._services))
            known = {name: one for name, one in zip(self._services, documents, strict=True) if one is not None}
            self._openapi = merged(known, self._routes)
            self._openapi_at = 0.0 if len(known) == len(self._services) else now
        return self._openapi

    async def allowed(self, path: str) -> list[str]:
        """The methods of a public path."""
        return methods_at(await self.document(), path)

    async def _document(self, name: str) -> dict[str, Any] | None:
        try:
            document: dict[str, Any] = (await self._services[name]().request("GET", "/internal/openapi.json")).json
        except (EngineUnavailable, PeerRefused):
            return None
        return document

    async def _merged(self, visitor: Visitor, path: str, *, newest_first: bool) -> None:
        query = parse_qs(visitor.exchange.scope["query_string"].decode("latin-1"))
        limit, after = _limit(query.get("limit", [str(_USUAL)])[0]), query.get("after", [None])[0]
        if after is not None and len(after) > _LONGEST_CURSOR:
            raise _wrong("after", "too_long", "This cursor is not ours.")
        page = await merged_page(
            self._services, path, visitor.caller, limit=limit, after=after, newest_first=newest_first
        )
        await visitor.exchange.json(page)


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= _MOST):
        raise _wrong("limit", "out_of_range", f"limit is a number from 1 to {_MOST}.")
    return int(text)


def _wrong(field: str, code: str, words: str) -> Invalid:
    return Invalid(words, FieldError(field, code, words))
