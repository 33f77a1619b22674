"""The authenticity chains (L1, L12): which chain an entry is in, what a link vouches for, and where a chain is broken.

A link's hash covers the link before it, its own place, the entry's id and a salted commitment of the entry's content. With
content and salt erased together the chain stays valid, and nothing can be guessed from what is left.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final, Literal

CHAINS: Final = 16
Reason = Literal[
    "link_missing", "hash_mismatch", "entry_missing", "content_changed", "head_mismatch", "not_chained", "not_in_timeline",
    "not_of_this_customer", "misplaced",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Head:
    """How far a chain is: the number of its links and the last one's hash."""

    length: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Link:
    """One link; positions count from 1."""

    chain: int
    position: int
    entry_id: str
    commitment: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class Broken:
    """The first thing that does not hold. `entry_id` is None where the one who asks may not know the entry."""

    chain: int
    position: int | None
    entry_id: str | None
    reason: Reason


def chain_of(customer_id: str) -> int:
    """The chain of entries whose original first customer this is: 0 … 15."""
    return hashlib.sha256(customer_id.encode()).digest()[0] % CHAINS


def genesis(chain: int) -> Head:
    """A chain before its first link."""
    return Head(0, hashlib.sha256(f"rapport.logging.chain.{chain}".encode()).digest())


def commitment(salt: bytes, content: bytes) -> bytes:
    """What stands in the chain for `content`."""
    return hashlib.sha256(salt + content).digest()


def extended(head: Head, chain: int, entry_id: str, committed: bytes) -> Link:
    """The link that follows `head`."""
    position = head.length + 1
    place = f"{chain}:{position}:{entry_id}:".encode()
    return Link(chain, position, entry_id, committed, hashlib.sha256(head.hash + place + committed).digest())


def broken_at(before: Head, link: Link, content: bytes | None, salt: bytes | None) -> Reason | None:
    """What is wrong with `link` after `before`, or None; `content` None: there is no such entry any more."""
    if link.position != before.length + 1:
        return "link_missing"
    if extended(before, link.chain, link.entry_id, link.commitment) != link:
        return "hash_mismatch"
    if content is None:
        return "entry_missing"
    return None if salt is not None and commitment(salt, content) == link.commitment else "content_changed"
