"""Calling a service in another process, over HTTP with connections kept open."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
import orjson

from rapport_chassis.auth import Caller
from rapport_chassis.db import EngineUnavailable
from rapport_chassis.instances import Instances
from rapport_chassis.peers import PeerReply, headers_of, refuse_errors

_CALL_SECONDS = 30


class HttpPeer:
    """A service elsewhere, at one URL or at several separated by commas."""

    def __init__(self, urls: str) -> None:
        self._urls = urls
        self._instances = Instances(urls)
        self._session: aiohttp.ClientSession | None = None

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(sock_read=_CALL_SECONDS))
        return self._session

    async def request(
        self, method: str, path: str, *, json: Any = None, caller: Caller | None = None, headers: Mapping[str, str] = {}
    ) -> PeerReply:
        """One call over HTTP."""
        try:
            async with await self._ask(method, path, json, headers_of(caller, headers)) as answer:
                content = await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise EngineUnavailable(f"{self._urls} does not answer: {error!r}") from error
        refuse_errors(answer.status, content)
        return PeerReply(answer.status, {name.lower(): value for name, value in answer.headers.items()}, content)

    async def stream(
        self, method: str, path: str, *, json: Any = None, caller: Caller | None = None
    ) -> AsyncIterator[bytes]:
        """Lines as they come over HTTP."""
        try:
            async with await self._ask(method, path, json, headers_of(caller, {})) as answer:
                if answer.status >= 400:  # noqa: PLR2004
                    refuse_errors(answer.status, await answer.read())
                async for line in answer.content:
                    if line.strip():
                        yield line.rstrip(b"\n")
        except (aiohttp.ClientError, TimeoutError) as error:
            raise EngineUnavailable(f"{self._urls} does not answer: {error!r}") from error

    async def _ask(self, method: str, path: str, json: Any, headers: Mapping[str, str]) -> aiohttp.ClientResponse:
        body = orjson.dumps(json) if json is not None else None

        async def ask(url: str) -> aiohttp.ClientResponse:
            return await self._client().request(method, url + path, data=body, headers=headers)

        return await self._instances.asked(method, ask)

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
