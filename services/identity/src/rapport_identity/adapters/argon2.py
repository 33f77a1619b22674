"""Passwords by Argon2id (RFC 9106)."""

from __future__ import annotations

import base64
import os

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError


class Argon2Hasher:
    """Argon2id; by default RFC 9106's second recommended option (64 MiB, 3 passes, 4 lanes)."""

    def __init__(self, *, memory_kib: int = 65536, passes: int = 3, lanes: int = 4) -> None:
        self._argon2 = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=lanes)
        salt, digest = (base64.b64encode(os.urandom(size)).decode().rstrip("=") for size in (16, 32))
        self._decoy = f"$argon2id$v=19$m={memory_kib},t={passes},p={lanes}${salt}${digest}"

    @property
    def decoy(self) -> str:
        """A hash that was drawn, not computed: checking against it costs what a real one does and never succeeds."""
        return self._decoy

    def hash(self, password: str) -> str:
        """A salted hash in PHC form."""
        return self._argon2.hash(password)

    def verify(self, password_hash: str, password: str) -> bool:
        """Whether the hash is this password's."""
        try:
            return self._argon2.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False

    def is_outdated(self, password_hash: str) -> bool:
        """Whether it was made with other parameters."""
        return self._argon2.check_needs_rehash(password_hash)
