"""What identity needs that has a technology of its own: slow password hashes."""

from __future__ import annotations

from typing import Protocol


class PasswordHasher(Protocol):
    """Hashes and checks passwords; slow on purpose, so never called on the event loop. All methods are thread-safe."""

    @property
    def decoy(self) -> str:
        """A hash that no password has: checked for unknown users, so that they take as long as known ones."""

    def hash(self, password: str) -> str:
        """A salted hash with its parameters."""

    def verify(self, password_hash: str, password: str) -> bool:
        """Whether `password` has this hash."""

    def is_outdated(self, password_hash: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
