"""Passing bodies on while watching them: requests that are too long, answers that get the gateway's headers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from rapport_chassis.problems import Problem
from rapport_gateway.entrypoints.exchange import Exchange, Header


class Passage:
    """The `receive` and `send` that a service is given for one request."""

    __slots__ = ("_allowed", "_before_success", "_exchange", "_left", "_limit", "_refused")

    def __init__(
        self,
        exchange: Exchange,
        limit: int,
        before_success: Callable[[], Awaitable[None]] | None,
        allowed: Callable[[str], Awaitable[list[str]]],
    ) -> None:
        self._exchange = exchange
        self._allowed = allowed
        self._limit = limit
        self._left = limit
        self._refused = False
        self._before_success = before_success

    async def receive(self) -> Any:
        """The next part of the request; one part too many ends it as if the client had gone away."""
        message = await self._exchange.receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                self._refused = True
                await self._exchange.problem(too_large(self._limit))
                return {"type": "http.disconnect"}
        return message

    async def send(self, message: Any) -> None:
        """A part of the answer."""
        if self._refused:
            return
        if message["type"] == "http.response.start":
            status = message["status"]
            if self._before_success is not None and status < 300:  # noqa: PLR2004
                await self._before_success()
            headers = message.get("headers", ())
            await self._exchange.start(status, await self._with_allow(headers) if status == 405 else headers)  # noqa: PLR2004
            return
        await self._exchange.send(message)

    async def _with_allow(self, headers: Any) -> list[Header]:
        """A service's routes are one a method, so that its own `Allow` names only the first."""
        methods = ", ".join(await self._allowed(self._exchange.path))
        return [*(one for one in headers if one[0] != b"allow"), (b"allow", methods.encode())]


def too_large(limit: int) -> Problem:
    """413 `too_large`."""
    return Problem("too_large", f"A request here has at most {limit:,} bytes.", status=413)


def declared_length(exchange: Exchange) -> int:
    """The length the client declared; 0 when it did not. Raises `Problem` 400 for what is no number."""
    text = exchange.header(b"content-length")
    if not text:
        return 0
    if not (text.isascii() and text.isdigit()):
        raise Problem("bad_request", "Content-Length must be a number.", status=400)
    return int(text)
