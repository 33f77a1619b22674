"""Calling another service: a direct ASGI call when it lives in this process, HTTP otherwise; the same words either way."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson

from rapport_chassis.auth import Caller
from rapport_chassis.db import EngineUnavailable
from rapport_chassis.telemetry import current_request_id, current_traceparent

IDENTITY_HEADER = "x-rapport-identity"
Asgi = Callable[[Any, Any, Any], Any]


class PeerRefused(Exception):  # noqa: N818
    """The other service answered with an error; `status` and the problem document in `body`."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body


@dataclass(frozen=True, slots=True)
class PeerReply:
    """An answer below 400."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        """The body."""
        return orjson.loads(self.content) if self.content else None


class Peer(Protocol):
    """Another service."""

    async def request(
        self, method: str, path: str, *, json: Any = None, caller: Caller | None = None, headers: Mapping[str, str] = {}
    ) -> PeerReply:
        """One call. Raises `PeerRefused` for 4xx, `EngineUnavailable` for 5xx and when there is no answer."""

    def stream(self, method: str, path: str, *, json: Any = None, caller: Caller | None = None) -> AsyncIterator[bytes]:
        """The lines of an NDJSON answer. Raises like `request`."""

    async def close(self) -> None:
        """Let go of connections, if there are any."""


@dataclass
class Peers:
    """All services, by name. One that is elsewhere keeps its connections until `close`."""

    local: Callable[[str], Asgi | None]
    urls: Mapping[str, str]
    _elsewhere: dict[str, Peer] = field(default_factory=dict)

    def get(self, name: str) -> Peer:
        """The service `name`. Raises `LookupError` when it is neither in this process nor configured."""
        app = self.local(name)
        if app is not None:
            return LocalPeer(app)
        if name not in self.urls:
            raise LookupError(f"RAPPORT_SERVICE_{name.upper()}_URL is not set")
        if name not in self._elsewhere:
            from rapport_chassis.peers_http import HttpPeer  # an HTTP client is loaded where services are elsewhere

            self._elsewhere[name] = HttpPeer(self.urls[name])
        return self._elsewhere[name]

    async def close(self) -> None:
        """Close the connections."""
        await asyncio.gather(*(peer.close() for peer in self._elsewhere.values()))


def headers_of(caller: Caller | None, headers: Mapping[str, str]) -> dict[str, str]:
    """What a call says of itself: whose it is, and its trace."""
    sent = {"content-type": "application/json"} | dict(headers)
    if caller:
        sent[IDENTITY_HEADER] = caller.token
    if trace := current_traceparent():
        sent["traceparent"] = trace
    if request := current_request_id():
        sent["x-request-id"] = request
    return sent


def refuse_errors(status: int, content: bytes) -> None:
    """Raises `PeerRefused` for 4xx, `EngineUnavailable` for 5xx."""
    if status < 400:  # noqa: PLR2004
        return
    try:
        body: Any = orjson.loads(content)
    except orjson.JSONDecodeError:
        body = content[:500].decode(errors="replace")
    if status >= 500:  # noqa: PLR2004
        said = body.get("detail", body) if isinstance(body, dict) else body
        raise EngineUnavailable(f"a service answered {status}: {said}")
    raise PeerRefused(status, body)


class LocalPeer:
    """A service in this process."""

    def __init__(self, app: Asgi) -> None:
        self._app = app

    async def request(
        self, method: str, path: str, *, json: Any = None, caller: Caller | None = None, headers: Mapping[str, str] = {}
    ) -> PeerReply:
        """One call, as a direct ASGI call."""
        call = _AsgiCall(
            self._app, method, path, orjson.dumps(json) if json is not None else b"", headers_of(caller, headers)
        )
        content = b"".join([chunk async for chunk in call.chunks()])
        refuse_errors(call.status, content)
        return PeerReply(call.status, call.headers, content)

    async def stream(
        self, method: str, path: str, *, json: Any = None, caller: Caller | None = None
    ) -> AsyncIterator[bytes]:
        """Lines as they come."""
        call = _AsgiCall(
            self._app, method, path, orjson.dumps(json) if json is not None else b"", headers_of(caller, {})
        )
        rest = b""
        async with contextlib.aclosing(call.chunks()) as chunks:
            async for chunk in chunks:
                if call.status >= 400:  # noqa: PLR2004
                    refuse_errors(call.status, chunk)
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    if line:
                        yield line
        if rest:
            yield rest

    async def close(self) -> None:
        """There is nothing to let go of."""


class _AsgiCall:
    """One request into an ASGI app, its answer as chunks with back-pressure; a fresh task, so no context leaks."""

    def __init__(self, app: Asgi, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self._app = app
        self._body: bytes | None = body
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue(8)
        plain, _, query = path.partition("?")
        self._scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": plain,
            "raw_path": plain.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
            "client": ("127.0.0.1", 0),
            "server": ("127.0.0.1", 0),
        }

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        task = asyncio.ensure_future(self._run())
        try:
            while (chunk := await self._queue.get()) is not None:
                yield chunk
            await task
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _run(self) -> None:
        try:
            await self._app(self._scope, self._receive, self._send)
        finally:
            await self._queue.put(None)

    async def _receive(self) -> dict[str, Any]:
        if self._body is None:
            await asyncio.Event().wait()  # nobody disconnects a call within the process
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}

    async def _send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode().lower(): value.decode() for name, value in message["headers"]}
        elif message.get("body"):
            await self._queue.put(message["body"])
