"""Calling another service: a direct ASGI call when it lives in this process, HTTP otherwise; the same words either way."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp
import orjson

from rapport_chassis.auth import Caller
from rapport_chassis.db import EngineUnavailable
from rapport_chassis.telemetry import current_request_id, current_traceparent

IDENTITY_HEADER = "x-rapport-identity"
Asgi = Callable[[Any, Any, Any], Any]
_CALL_SECONDS = 30


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


@dataclass
class Peers:
    """All services, by name."""

    local: Callable[[str], Asgi | None]
    urls: Mapping[str, str]

    def get(self, name: str) -> Peer:
        """The service `name`. Raises `LookupError` when it is neither in this process nor configured."""
        app = self.local(name)
        if app is not None:
            return LocalPeer(app)
        if name not in self.urls:
            raise LookupError(f"RAPPORT_SERVICE_{name.upper()}_URL is not set")
        return HttpPeer(self.urls[name])


def _headers(caller: Caller | None, headers: Mapping[str, str]) -> dict[str, str]:
    sent = {"content-type": "application/json"} | dict(headers)
    if caller:
        sent[IDENTITY_HEADER] = caller.token
    if trace := current_traceparent():
        sent["traceparent"] = trace
    if request := current_request_id():
        sent["x-request-id"] = request
    return sent


def _checked(status: int, content: bytes) -> None:
    if status < 400:  # noqa: PLR2004
        return
    try:
        body: Any = orjson.loads(content)
    except orjson.JSONDecodeError:
        body = content[:500].decode(errors="replace")
    if status >= 500:  # noqa: PLR2004
        raise EngineUnavailable(f"a service answered {status}: {body}")
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
            self._app, method, path, orjson.dumps(json) if json is not None else b"", _headers(caller, headers)
        )
        content = b"".join([chunk async for chunk in call.chunks()])
        _checked(call.status, content)
        return PeerReply(call.status, call.headers, content)

    async def stream(
        self, method: str, path: str, *, json: Any = None, caller: Caller | None = None
    ) -> AsyncIterator[bytes]:
        """Lines as they come."""
        call = _AsgiCall(self._app, method, path, orjson.dumps(json) if json is not None else b"", _headers(caller, {}))
        rest = b""
        async with contextlib.aclosing(call.chunks()) as chunks:
            async for chunk in chunks:
                if call.status >= 400:  # noqa: PLR2004
                    _checked(call.status, chunk)
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    if line:
                        yield line
        if rest:
            yield rest


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


class HttpPeer:
    """A service elsewhere."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._session: aiohttp.ClientSession | None = None

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(sock_read=_CALL_SECONDS))
        return self._session

    async def request(
        self, method: str, path: str, *, json: Any = None, caller: Caller | None = None, headers: Mapping[str, str] = {}
    ) -> PeerReply:
        """One call over HTTP."""
        body = orjson.dumps(json) if json is not None else None
        try:
            async with self._client().request(
                method, self._url + path, data=body, headers=_headers(caller, headers)
            ) as answer:
                content = await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise EngineUnavailable(f"{self._url} does not answer: {error!r}") from error
        _checked(answer.status, content)
        return PeerReply(answer.status, {name.lower(): value for name, value in answer.headers.items()}, content)

    async def stream(
        self, method: str, path: str, *, json: Any = None, caller: Caller | None = None
    ) -> AsyncIterator[bytes]:
        """Lines as they come over HTTP."""
        body = orjson.dumps(json) if json is not None else None
        try:
            async with self._client().request(
                method, self._url + path, data=body, headers=_headers(caller, {})
            ) as answer:
                if answer.status >= 400:  # noqa: PLR2004
                    _checked(answer.status, await answer.read())
                async for line in answer.content:
                    if line.strip():
                        yield line.rstrip(b"\n")
        except (aiohttp.ClientError, TimeoutError) as error:
            raise EngineUnavailable(f"{self._url} does not answer: {error!r}") from error

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
