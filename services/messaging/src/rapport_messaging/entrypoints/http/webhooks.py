"""Webhooks of the provider: signed, read by hand, durable before the answer, harmless when repeated (M6, P8, R6).

A door in front of the routes, in plain ASGI: thousands a second come this way, and what a route offers (parameters, models, the
caller) none of them needs. They are public: the signature is what lets them in.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from rapport_chassis.db import EngineUnavailable
from rapport_chassis.http.problem_response import problem_response
from rapport_chassis.peers import Asgi
from rapport_chassis.problems import Problem
from rapport_messaging.entrypoints.http.parts import Parts

STATUS: Final = "/webhooks/twilio/status"
INBOUND: Final = "/webhooks/twilio/inbound"
_MOST_BYTES: Final = 64 * 1024
_NO_REPLY: Final = b'<?xml version="1.0" encoding="UTF-8"?><Response/>'
_NOTHING: Final = {"type": "http.response.start", "status": 204, "headers": []}
_TWIML: Final = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"text/xml"), (b"content-length", str(len(_NO_REPLY)).encode())],
}
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Label:
    """What metrics call the route."""

    path: str


class WebhookDoor:
    """ASGI middleware: takes POSTs to the webhooks' paths, lets everything else through."""

    def __init__(self, app: Asgi, parts: Parts) -> None:
        self._app = app
        self._parts = parts
        self._doors: dict[str, Callable[[str, str, bytes, str], Awaitable[tuple[dict[str, Any], bytes]]]] = {
            STATUS: self._status,
            INBOUND: self._inbound,
        }

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request."""
        door = self._doors.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        if door is None:
            await self._app(scope, receive, send)
            return
        scope["route"] = _Label(scope["path"])
        try:
            body = await _body(receive)
            start, content = await door(scope["path"], scope["query_string"].decode("latin-1"), body, _signature(scope))
        except Problem as problem:
            await problem_response(problem)(scope, receive, send)
        except EngineUnavailable:
            _log.warning("a webhook could not be kept; the provider will repeat it", exc_info=True)
            away = Problem("engine_unavailable", "Nothing was kept; send it again.", status=503)
            await problem_response(away)(scope, receive, send)
        else:
            await send(start)
            await send({"type": "http.response.body", "body": content})

    async def _status(self, path: str, query: str, body: bytes, signature: str) -> tuple[dict[str, Any], bytes]:
        """A status callback of Twilio: 204 when it is durable, 403 `signature_invalid`."""
        report = self._parts.webhooks.status(path, query, body, signature)
        if report is not None:
            await self._parts.reports.put(report)
        return _NOTHING, b""

    async def _inbound(self, path: str, query: str, body: bytes, signature: str) -> tuple[dict[str, Any], bytes]:
        """An incoming SMS from Twilio: an empty TwiML (nothing is sent back) when it is durable, 403 `signature_invalid`."""
        await self._parts.incoming.put(self._parts.webhooks.inbound(path, query, body, signature))
        return _TWIML, _NO_REPLY


def _signature(scope: Any) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == b"x-twilio-signature"), "")


async def _body(receive: Callable[[], Awaitable[dict[str, Any]]]) -> bytes:
    body: bytes = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Problem("bad_request", "The request ended early.", status=400)
        body += message.get("body", b"")
        if len(body) > _MOST_BYTES:
            raise Problem("too_large", "A webhook is not that large.", status=413)
        if not message.get("more_body"):
            return body
