"""Match keys in the index: 64 bits of a digest beside the customer's short number, so that a hundred thousand fit in a few pages.

What is found is to be compared on the documents: two keys may share their bits, however unlikely that is.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b

from sqlalchemy import Connection, select

from rapport_chassis.db import in_list
from rapport_customers.store.tables import locks, match_keys


@lru_cache(maxsize=1 << 13)  # what is looked up is written soon after, and names repeat
def key_number(field: str, key: str) -> int:
    """The key as it is stored."""
    digest = blake2b(f"{field}\0{key}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def lock(conn: Connection) -> None:
    """Queue behind other transactions that match: what one of them creates is found by the next."""
    conn.execute(select(locks.c.revision).where(locks.c.name == "matching").with_for_update())


def find(conn: Connection, field: str, keys: Iterable[str]) -> dict[str, list[int]]:
    """The numbers of customers that may have each of `keys` in `field`: one indexed lookup for all of them."""
    said = {key_number(field, key): key for key in keys}
    query = select(match_keys.c.key, match_keys.c.number).where(in_list(match_keys.c.key, sorted(said)))
    found: dict[str, list[int]] = {}
    for stored, number in conn.execute(query):
        found.setdefault(said[stored], []).append(number)
    return found


def is_held(conn: Connection, field: str, key: str) -> bool:
    """Whether any customer has the key."""
    query = select(match_keys.c.number).where(match_keys.c.key == key_number(field, key)).limit(1)
    return conn.execute(query).first() is not None
