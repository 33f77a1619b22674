"""The gateway itself: every request of an installation passes here, once (G2).

Order: what is it → is the address or sign-in too eager → who is it → may the page write → is the caller too eager → pass it on.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rapport_chassis.auth import Caller, Directory
from rapport_chassis.db import EngineUnavailable
from rapport_chassis.peers import Peer
from rapport_chassis.problems import Forbidden, NotFound, Problem
from rapport_chassis.telemetry import Metrics
from rapport_gateway.application.authentication import Authentication, Credential, Signed
from rapport_gateway.config import Config
from rapport_gateway.domain.faults import ClientGone
from rapport_gateway.domain.limits import Limiter
from rapport_gateway.domain.origins import SAFE, csrf_token_is_right, origin_is_ours
from rapport_gateway.domain.routing import PREFIX, WEBHOOKS, Routes, Rule
from rapport_gateway.entrypoints.bodies import Passage, declared_length, too_large
from rapport_gateway.entrypoints.console import Console
from rapport_gateway.entrypoints.exchange import API_HEADERS, HSTS, Exchange, Header, credential_of, identity_header

_log = logging.getLogger(__name__)
Service = Callable[[dict[str, Any], Any, Any], Awaitable[None]]
_LIVE = f"{PREFIX}/live"
_REFUSED, _FAILED = 400, 500
_CLOSE_WEBSOCKET = {"type": "websocket.close", "code": 1008}


@dataclass(frozen=True)
class Limits:
    """The limiters of this process."""

    per_user: Limiter
    per_address: Limiter
    sign_ins: Limiter


@dataclass(frozen=True)
class Visitor:
    """A signed-in request to one of the gateway's own paths."""

    exchange: Exchange
    credential: Credential
    signed: Signed
    caller: Caller


Own = Callable[[Visitor], Awaitable[None]]


class Gateway:
    """The ASGI application. `own` are its own paths below /api/v1, `open_` whole paths that anybody may read."""

    def __init__(
        self,
        *,
        config: Config,
        routes: Routes,
        services: Mapping[str, Service],
        peers: Mapping[str, Callable[[], Peer]],
        authentication: Authentication,
        directory: Directory,
        limits: Limits,
        console: Console,
        own: Mapping[str, Own],
        open_: Mapping[str, Callable[[Exchange], Awaitable[None]]],
        allowed: Callable[[str], Awaitable[list[str]]],
        metrics: Metrics,
    ) -> None:
        self._config = config
        self._routes = routes
        self._services = services
        self._peers = peers
        self._authentication = authentication
        self._directory = directory
        self._limits = limits
        self._console = console
        self._own = own
        self._open = open_
        self._allowed = allowed
        self._metrics = metrics
        self._extra: tuple[Header, ...] = (*API_HEADERS, HSTS) if config.https else API_HEADERS

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """One connection's request."""
        if scope["type"] == "websocket":
            await send(_CLOSE_WEBSOCKET)
            return
        if scope["type"] != "http":
            return
        exchange = Exchange(scope, receive, send, self._extra)
        began = time.perf_counter()
        try:
            await self._answer(exchange)
        finally:
            self._measure(exchange, time.perf_counter() - began)

    async def _answer(self, exchange: Exchange) -> None:
        try:
            await self._dispatch(exchange)
        except Problem as problem:
            await exchange.problem(problem)
        except EngineUnavailable as error:
            _log.warning("a service does not answer", extra={"path": exchange.path}, exc_info=error)
            await exchange.problem(_unavailable())
        except ClientGone:
            return
        except Exception:  # noqa: BLE001  the last place that can answer in our own words
            _log.exception("a request failed", extra={"path": exchange.path})
            await exchange.problem(_broken())

    def _measure(self, exchange: Exchange, seconds: float) -> None:
        timed = None if exchange.route == _LIVE else seconds  # open for hours: no duration of a request
        self._metrics.answered(exchange.method, exchange.route, exchange.status or 499, timed)

    async def _dispatch(self, exchange: Exchange) -> None:
        path = exchange.path
        if wait := self._limits.per_address.take(exchange.address):
            raise _rate_limited(wait)
        if path in self._open and exchange.method in ("GET", "HEAD"):
            exchange.route = path
            await self._open[path](exchange)
        elif path.startswith(f"{PREFIX}/"):
            await self._api(exchange, path[len(PREFIX) :])
        elif path.startswith("/webhooks/"):
            await self._callback(exchange, path)
        elif path.startswith("/api/") or path == "/api":
            raise NotFound
        else:
            exchange.route = "console"
            await self._console.serve(exchange)

    async def _callback(self, exchange: Exchange, path: str) -> None:
        """A provider's callback: what the service did not refuse costs its address nothing (ADR 0135)."""
        exchange.route = WEBHOOKS.pattern
        try:
            await self._pass_on(exchange, WEBHOOKS, path, None)
        finally:
            if not _REFUSED <= exchange.status < _FAILED:
                self._limits.per_address.give_back(exchange.address)

    async def _api(self, exchange: Exchange, path: str) -> None:
        own = self._own.get(path)
        rule = None if own else self._routes.find(exchange.method, path)
        exchange.route = PREFIX + (path if own else rule.pattern if rule else "/none")
        if rule is not None and rule.public:
            self._check_sign_in(exchange, rule)
            await self._pass_on(exchange, rule, path, None)
            return
        credential = credential_of(exchange)
        signed = self._authentication.remembered(credential) or await self._authentication.identify(credential)
        if wait := self._limits.per_user.take(signed.limit_key):
            raise _rate_limited(wait)
        if signed.password_change_required and not (rule and rule.before_password_change):
            raise Forbidden("Choose a password of your own first.", "password_change_required")
        if own is not None and exchange.method != "GET":
            raise Problem("method_not_allowed", "Only GET here.", status=405, headers={"Allow": "GET"})
        if own is not None:
            await own(Visitor(exchange, credential, signed, await self._directory.authenticate(signed.token)))
            return
        if rule is None:
            raise NotFound
        if credential.kind == "session" and exchange.method not in SAFE:
            self._check_page(exchange, signed)
        await self._pass_on(exchange, rule, path, signed)
        self._forget(rule, credential, signed)

    async def _pass_on(self, exchange: Exchange, rule: Rule, path: str, signed: Signed | None) -> None:
        if declared_length(exchange) > rule.max_body:
            raise too_large(rule.max_body)
        service = self._services.get(rule.service)
        if service is None:
            raise EngineUnavailable(f"RAPPORT_SERVICE_{rule.service.upper()}_URL is not set")
        added: list[Header] = [(b"x-rapport-client", exchange.address.encode())]
        if signed is not None:
            added.append(identity_header(signed.token))
            if signed.session_id is not None:
                added.append((b"x-rapport-session", signed.session_id.encode()))
        scope = dict(exchange.scope)
        raw: bytes = scope.get("raw_path") or path.encode()
        scope.update(path=path, raw_path=raw.removeprefix(PREFIX.encode()), headers=exchange.forwarded(added))
        audit = self._audited(exchange, rule, path, signed) if rule.audit and signed else None
        passage = Passage(exchange, rule.max_body, audit, self._allowed)
        await service(scope, passage.receive, passage.send)

    def _audited(self, exchange: Exchange, rule: Rule, path: str, signed: Signed) -> Callable[[], Awaitable[None]]:
        async def write() -> None:
            caller = await self._directory.authenticate(signed.token)
            entry = {"action": "export_read", "subject_type": rule.audit, "subject_id": path.split("/")[2]}
            client = {"x-rapport-client": exchange.address, "x-request-id": exchange.request_id.decode()}
            await self._peers["identity"]().request(
                "POST", "/internal/audit", json=entry, caller=caller, headers=client
            )

        return write

    def _check_sign_in(self, exchange: Exchange, rule: Rule) -> None:
        if rule.sign_in and (wait := self._limits.sign_ins.take(exchange.address)):
            raise _rate_limited(wait)
        self._check_origin(exchange)

    def _check_page(self, exchange: Exchange, signed: Signed) -> None:
        self._check_origin(exchange)
        if not csrf_token_is_right(exchange.header(b"x-csrf-token"), signed.csrf_token):
            words = "Send the session's csrf_token as X-CSRF-Token (GET /auth/me shows it)."
            raise Forbidden(words, "csrf_failed")

    def _check_origin(self, exchange: Exchange) -> None:
        origin, site = exchange.header(b"origin"), exchange.header(b"sec-fetch-site")
        if not origin_is_ours(origin, site, exchange.header(b"host"), self._config.origins):
            raise Forbidden("This page may not write here: it comes from another site.", "csrf_failed")

    def _forget(self, rule: Rule, credential: Credential, signed: Signed) -> None:
        """What a request may have ended is asked anew by the next one: here at once, in other processes after seconds."""
        if rule.service != "identity":
            return
        if rule.pattern == "/auth/sign-out":
            self._authentication.forget(credential)
        elif rule.pattern in ("/auth/password", "/auth/sessions*"):
            self._authentication.forget_user(signed.subject)


def _rate_limited(seconds: int) -> Problem:
    words = f"Too many requests. Try again in {seconds} s."
    return Problem("rate_limited", words, status=429, headers={"Retry-After": str(seconds)})


def _unavailable() -> Problem:
    words = "A part of the system does not answer now; try again soon. With an Idempotency-Key nothing is done twice."
    return Problem("engine_unavailable", words, status=503, headers={"Retry-After": "2"})


def _broken() -> Problem:
    return Problem("internal_error", "Something went wrong on our side; it was logged.", status=500)
