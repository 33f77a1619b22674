"""The signed identity that travels between the gateway and the services: who asks, and how new the rights must be."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import jwt

from rapport_chassis.clock import Clock, SystemClock
from rapport_chassis.problems import Problem

TOKEN_SECONDS = 60


class Signer:
    """Signs and checks the identity that travels between the gateway and the services (HS256, 60 s)."""

    def __init__(self, key: str, clock: Clock | None = None) -> None:
        self._key = key
        self._clock = clock or SystemClock()

    def sign(self, subject: str, rights_version: int, *, api_key: str | None = None, via: str = "form") -> str:
        """A token for user `subject`; services that know less than `rights_version` wait for it."""
        until = self._clock.now() + timedelta(seconds=TOKEN_SECONDS)
        claims = {"sub": subject, "rv": rights_version, "exp": int(until.timestamp()), "via": via}
        return jwt.encode(claims | ({"key": api_key} if api_key else {}), self._key, algorithm="HS256")

    def verify(self, token: str) -> dict[str, Any]:
        """The claims. Raises `Problem` 401 `unauthenticated`."""
        try:
            claims: dict[str, Any] = jwt.decode(
                token, self._key, algorithms=["HS256"], options={"verify_exp": False, "require": ["exp", "sub"]}
            )
        except jwt.InvalidTokenError as error:
            raise unauthenticated() from error
        if not self.is_fresh(claims["exp"]):
            raise unauthenticated()
        return claims

    def is_fresh(self, until: int) -> bool:
        """Whether a token that ends at `until` (seconds since 1970) may still be shown."""
        return self._clock.now().timestamp() <= until


def unauthenticated() -> Problem:
    """401."""
    return Problem("unauthenticated", "Sign in, or send a valid API key.", status=401)
