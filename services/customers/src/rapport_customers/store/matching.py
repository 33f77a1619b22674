"""Match keys in the index: 64 bits of checksums beside the customer's number, so that a hundred thousand fit in few pages.

What is found is to be compared on the documents: two keys may share their bits, however unlikely that is.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from zlib import crc32

from sqlalchemy import Connection, select

from rapport_chassis.db import in_list
from rapport_customers.store.tables import locks, match_keys

_HALF: Final = 1 << 63


def key_number(field: str, key: str) -> int:
    """The key as it is stored: CRC-32 of its bytes forwards and backwards, as a signed integer of 64 bits."""
    said = f"{field}\0{key}".encode()
    return (crc32(said) << 32 | crc32(said[::-1])) - _HALF


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
