"""What two sides hold, compared without regard to order: how many, and a sum of hashes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

_BYTES = 16


@dataclass
class Digest:
    """Rows or records, counted and summed: in whatever order the same, but not when one is there twice."""

    count: int = 0
    total: int = 0

    def add(self, one: tuple[object, ...]) -> None:
        """Take in one; its values are numbers, text, bytes, booleans or None."""
        self.count += 1
        hashed = hashlib.blake2b(repr(one).encode("utf-8", "surrogatepass"), digest_size=_BYTES).digest()
        self.total = (self.total + int.from_bytes(hashed)) % (1 << 8 * _BYTES)


def digest(some: Iterable[tuple[object, ...]]) -> Digest:
    """The digest of all of them."""
    found = Digest()
    for one in some:
        found.add(one)
    return found


@dataclass(frozen=True)
class Compared:
    """One table or topic on both sides."""

    what: str
    here: Digest
    there: Digest

    @property
    def same(self) -> bool:
        """Whether both sides hold the same."""
        return self.here == self.there

    def __str__(self) -> str:
        """A line of the report."""
        words = "same" if self.same else "DIFFERENT" + (" content" if self.here.count == self.there.count else "")
        return f"{self.what:<40} {self.here.count:>12,} {self.there.count:>12,}  {words}"
