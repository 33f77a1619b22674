"""One request and its answer, as the gateway sees them: the headers it reads, the headers it adds."""

from __future__ import annotations

import random as numbers
import re
from collections.abc import Iterable
from typing import Any

import orjson

from rapport_chassis.peers import IDENTITY_HEADER
from rapport_chassis.problems import Problem
from rapport_chassis.signing import unauthenticated
from rapport_gateway.application.authentication import Credential

Header = tuple[bytes, bytes]
API_HEADERS: tuple[Header, ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
HSTS: Header = (b"strict-transport-security", b"max-age=31536000")

# Only the gateway says these; from outside they are lies. The credentials themselves go no further either.
_INTERNAL = b"x-rapport-"
_KEPT_BACK = frozenset({b"cookie", b"authorization", b"x-csrf-token", b"traceparent", b"x-request-id", b"forwarded"})
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_TRACEPARENT = re.compile(rb"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_COOKIE = b"rapport_session="
_IDENTITY = IDENTITY_HEADER.encode()
_random = numbers.Random()  # noqa: S311  ids of requests are no secrets; asking the system for each costs a call


class Exchange:
    """A request with what is needed of its headers, read once."""

    __slots__ = (
        "_headers",
        "address",
        "api_key",
        "extra",
        "method",
        "path",
        "receive",
        "request_id",
        "route",
        "scope",
        "send",
        "session",
        "status",
        "traceparent",
    )

    def __init__(self, scope: dict[str, Any], receive: Any, send: Any, extra: tuple[Header, ...]) -> None:
        self.scope = scope
        self.receive = receive
        self.send = send
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.route = "none"  # what it is counted as
        self.status = 0  # 0: not answered yet
        self.extra = extra
        self._headers: dict[bytes, bytes] = dict(scope["headers"])
        client = scope.get("client")
        self.address: str = client[0] if client else "unknown"
        random = f"{_random.getrandbits(256):064x}"
        self.request_id = self._checked(b"x-request-id", _REQUEST_ID) or random[:16].encode()
        self.traceparent = self._checked(b"traceparent", _TRACEPARENT) or _new_trace(random[16:])
        self.session = _cookie(self._headers.get(b"cookie"))
        self.api_key = self._headers.get(b"authorization")

    def header(self, name: bytes) -> str | None:
        """A request header."""
        value = self._headers.get(name)
        return None if value is None else value.decode("latin-1")

    def forwarded(self, added: Iterable[Header]) -> list[Header]:
        """The headers that go to a service: the client's, without what it must not say, and `added`."""
        kept = [one for one in self.scope["headers"] if one[0] not in _KEPT_BACK and not one[0].startswith(_INTERNAL)]
        return [*kept, (b"x-request-id", self.request_id), (b"traceparent", self.traceparent), *added]

    def stamped(self, headers: Iterable[Header]) -> list[Header]:
        """An answer's headers with the request's id and the security headers, which a service may have said more strictly."""
        own = list(headers)
        said = {name for name, _ in own}
        own += [one for one in self.extra if one[0] not in said]
        own.append((b"x-request-id", self.request_id))
        return own

    async def answer(self, status: int, body: bytes, headers: Iterable[Header]) -> None:
        """Answer in one piece; a HEAD gets the headers alone."""
        sized = [*headers, (b"content-length", b"%d" % len(body))]
        await self.start(status, sized)
        await self.send({"type": "http.response.body", "body": b"" if self.method == "HEAD" else body})

    async def start(self, status: int, headers: Iterable[Header]) -> None:
        """Begin the answer."""
        self.status = status
        await self.send({"type": "http.response.start", "status": status, "headers": self.stamped(headers)})

    async def json(self, body: Any, status: int = 200) -> None:
        """Answer with JSON that must not be stored."""
        content = orjson.dumps(body, option=orjson.OPT_UTC_Z)
        await self.answer(status, content, [(b"content-type", b"application/json"), (b"cache-control", b"no-store")])

    async def problem(self, problem: Problem) -> None:
        """Answer with a problem document; nothing when the answer has begun."""
        if self.status:
            return
        headers = [(name.lower().encode(), value.encode()) for name, value in problem.headers.items()]
        headers += [(b"content-type", b"application/problem+json"), (b"cache-control", b"no-store")]
        await self.answer(
            problem.status, orjson.dumps(problem.document(), default=str, option=orjson.OPT_UTC_Z), headers
        )

    def _checked(self, name: bytes, pattern: re.Pattern[bytes]) -> bytes | None:
        value = self._headers.get(name)
        return value if value is not None and pattern.fullmatch(value) else None


def identity_header(token: str) -> Header:
    """The signed identity for a service."""
    return _IDENTITY, token.encode()


def credential_of(exchange: Exchange) -> Credential:
    """The key or the session that the request carries. Raises `Problem` 401 `unauthenticated` without one."""
    if exchange.api_key is not None:
        scheme, _, secret = exchange.api_key.decode("latin-1").partition(" ")
        if scheme.lower() != "bearer" or not secret:
            raise unauthenticated()
        return Credential("api_key", secret.strip())
    if exchange.session is not None:
        return Credential("session", exchange.session)
    raise unauthenticated()


def _new_trace(random: str) -> bytes:
    return f"00-{random[:32]}-{random[32:]}-01".encode()


def _cookie(header: bytes | None) -> str | None:
    if header is None:
        return None
    for part in header.split(b";"):
        pair = part.strip()
        if pair.startswith(_COOKIE):
            return pair[len(_COOKIE) :].strip(b'"').decode("latin-1") or None
    return None
