"""Handing a request to a service elsewhere: bodies stream both ways, nothing is buffered, connections are kept."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp

from rapport_chassis.db import EngineUnavailable
from rapport_chassis.instances import Instances
from rapport_gateway.domain.faults import ClientGone

# RFC 9110, section 7.6.1: what concerns one connection only.
_HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
        b"expect",
        b"host",
    }
)
_CONNECT_SECONDS = 3.0
_SILENT_SECONDS = 120.0


class RemoteService:
    """A service at a URL, or its instances at several separated by commas."""

    def __init__(self, urls: str) -> None:
        self._urls = urls
        self._instances = Instances(urls)
        self._session: aiohttp.ClientSession | None = None

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Send the request on and its answer back. Raises `EngineUnavailable` when there is no answer."""
        sent = {name for name, _ in scope["headers"]}
        has_body = b"content-length" in sent or b"transfer-encoding" in sent
        try:
            async with await self._ask(scope, _body(receive) if has_body else None) as answer:
                await _pass_back(answer, receive, send, listening=not has_body)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise EngineUnavailable(f"{self._urls} does not answer: {error!r}") from error

    async def _ask(self, scope: dict[str, Any], body: AsyncIterator[bytes] | None) -> aiohttp.ClientResponse:
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in _end_to_end(scope["headers"])]

        async def ask(url: str) -> aiohttp.ClientResponse:
            return await self._client().request(
                scope["method"], _url(url, scope), headers=headers, data=body, allow_redirects=False
            )

        return await self._instances.asked(scope["method"] if body is None else "POST", ask)

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=30),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS, sock_read=_SILENT_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            )
        return self._session


def _url(base: str, scope: dict[str, Any]) -> Any:
    from yarl import URL

    query = scope["query_string"].decode("latin-1")
    path = scope["raw_path"].decode("latin-1")
    return URL(f"{base}{path}{'?' + query if query else ''}", encoded=True)


def _end_to_end(headers: Any) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, value in headers if name not in _HOP_BY_HOP]


async def _body(receive: Any) -> AsyncIterator[bytes]:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        if message.get("body"):
            yield message["body"]
        if not message.get("more_body"):
            return


async def _pass_back(answer: aiohttp.ClientResponse, receive: Any, send: Any, *, listening: bool) -> None:
    headers = _end_to_end((name.lower(), value) for name, value in answer.raw_headers)
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    gone = asyncio.create_task(_until_gone(receive, listening=listening))
    try:
        async for chunk in answer.content.iter_any():
            if gone.done():
                return
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
    finally:
        gone.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await gone
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _until_gone(receive: Any, *, listening: bool) -> None:
    if listening:
        await receive()  # the (empty) request itself
    while (await receive())["type"] != "http.disconnect":
        pass
