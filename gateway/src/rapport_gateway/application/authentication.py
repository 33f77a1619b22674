"""From a cookie or an API key to a signed identity, asked of identity at most every few seconds per credential (G1, G2)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from rapport_chassis.peers import Peer, PeerRefused
from rapport_chassis.signing import Signer, unauthenticated

T = TypeVar("T")
FRESH_SECONDS = 3.0  # a session that ended elsewhere is refused after this at the latest
TOKEN_SECONDS = 30.0  # a signed identity is used again for this long; it is valid for 60 s
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Credential:
    """What a request showed: the cookie's session token or a bearer key."""

    kind: str  # "session" or "api_key", as identity names them
    secret: str


@dataclass(slots=True)
class Signed:
    """Who it is. `csrf_token` and `session_id` are a session's; `token` goes to the services."""

    subject: str
    rights_version: int
    password_change_required: bool
    session_id: str | None
    csrf_token: str | None
    api_key_id: str | None
    checked_at: float
    token: str = ""
    signed_at: float = -TOKEN_SECONDS

    @property
    def limit_key(self) -> str:
        """Whose requests are counted together: a user's sessions, each key for itself."""
        return self.api_key_id or self.subject


class Authentication:
    """Remembers who a credential stands for, for `FRESH_SECONDS`; asks once however many requests wait."""

    def __init__(self, identity: Callable[[], Peer], signer: Signer, clock: Callable[[], float]) -> None:
        self._identity = identity
        self._signer = signer
        self._clock = clock
        self._known: dict[Credential, Signed] = {}
        self._refused: dict[Credential, float] = {}
        self._asking: dict[Credential, asyncio.Task[Signed]] = {}

    def remembered(self, credential: Credential) -> Signed | None:
        """Who it is, when that was asked a moment ago: the hot path."""
        known = self._known.get(credential)
        now = self._clock()
        if known is None or now - known.checked_at > FRESH_SECONDS:
            return None
        if now - known.signed_at > TOKEN_SECONDS:
            self._sign(known, now)
        return known

    async def identify(self, credential: Credential) -> Signed:
        """Who it is. Raises `Problem` 401 `unauthenticated`, `EngineUnavailable` when identity is away."""
        known = self.remembered(credential)
        if known is not None:
            return known
        if self._clock() - self._refused.get(credential, -FRESH_SECONDS) < FRESH_SECONDS:
            raise unauthenticated()
        asking = self._asking.get(credential)
        if asking is None:
            asking = asyncio.create_task(self._ask(credential))
            self._asking[credential] = asking
            asking.add_done_callback(lambda _: self._asking.pop(credential, None))
        return await asyncio.shield(asking)

    def forget(self, credential: Credential) -> None:
        """Ask again at the next request (sign-out)."""
        self._known.pop(credential, None)

    def forget_user(self, subject: str) -> None:
        """Ask again for every credential of a user (password changed, rights changed)."""
        for credential in [one for one, known in self._known.items() if known.subject == subject]:
            del self._known[credential]

    async def _ask(self, credential: Credential) -> Signed:
        body = {credential.kind: credential.secret}
        now = self._clock()
        try:
            answer = await self._identity().request("POST", "/internal/credentials:resolve", json=body)
        except PeerRefused as refused:
            self._known.pop(credential, None)
            _remember(self._refused, credential, now)
            raise unauthenticated() from refused
        signed = Signed(**answer.json, checked_at=now)
        before = self._known.get(credential)
        if before is not None and before.rights_version == signed.rights_version:
            signed.token, signed.signed_at = before.token, before.signed_at
        _remember(self._known, credential, signed)
        if now - signed.signed_at > TOKEN_SECONDS:
            self._sign(signed, now)
        return signed

    def _sign(self, known: Signed, now: float) -> None:
        known.token = self._signer.sign(known.subject, known.rights_version, api_key=known.api_key_id)
        known.signed_at = now


def _remember(store: dict[Credential, T], credential: Credential, value: T) -> None:
    store.pop(credential, None)
    store[credential] = value
    if len(store) > _MOST:
        del store[next(iter(store))]
