"""Match keys in the index: 64 bits of a hash beside the customer's number, so that a hundred thousand fit in few pages.

What is found is to be compared on the documents: two keys may share their bits, however unlikely that is. The keys of many
new customers wait in `fresh_keys`, in the order they came, and are moved sorted: each batch of an import by itself would write
nearly every page of the index again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final

import orjson
from sqlalchemy import BigInteger, Connection, cast, delete, func, insert, select, true
from xxhash import xxh3_64_intdigest

from rapport_chassis.db import Tx, bulk_insert, in_list
from rapport_chassis.dialects import Numbers
from rapport_customers.store.tables import fresh_keys, locks, match_keys

KEYS: Final = ("key", "number")
_HALF: Final = 1 << 63
_MANY: Final = 200  # customers
_AT_ONCE: Final = 50_000  # customers


def key_number(field: str, key: str) -> int:
    """The key as it is stored: a signed integer of 64 bits."""
    return xxh3_64_intdigest(f"{field}\0{key}".encode()) - _HALF


def find(conn: Connection, field: str, keys: Iterable[str]) -> dict[str, list[int]]:
    """The numbers of customers that may have each of `keys` in `field`, by one indexed lookup; fresh ones are not looked at."""
    said = {key_number(field, key): key for key in keys}
    query = select(match_keys.c.key, match_keys.c.number).where(in_list(match_keys.c.key, sorted(said)))
    found: dict[str, list[int]] = {}
    for stored, number in conn.execute(query):
        found.setdefault(said[stored], []).append(number)
    return found


def is_held(tx: Tx, field: str, key: str) -> bool:
    """Whether any customer has the key."""
    settle_all(tx)
    query = select(match_keys.c.number).where(match_keys.c.key == key_number(field, key)).limit(1)
    return tx.conn.execute(query).first() is not None


def insert_new(tx: Tx, keys: Sequence[tuple[int, Collection[int]]]) -> None:
    """Insert the keys of new customers, in order of their numbers."""
    if len(keys) < _MANY:
        _insert(tx, keys)
    else:
        rows = [(number, orjson.dumps(list(its_keys)).decode()) for number, its_keys in keys]
        bulk_insert(tx.conn, fresh_keys, ("number", "hashes"), rows)


def settle_of(tx: Tx, numbers: Sequence[int]) -> None:
    """Move the fresh keys of these customers, who are about to change; it waits for who moves them already."""
    taken = delete(fresh_keys).where(in_list(fresh_keys.c.number, numbers))
    _insert(tx, [tuple(row) for row in tx.conn.execute(taken.returning(fresh_keys.c.number, fresh_keys.c.hashes))])


def settle_all(tx: Tx) -> None:
    """Queue behind other transactions that match, and move every fresh key: whatever is committed, or changed here, is found."""
    tx.flush()
    while settle(tx):
        pass


def settle(tx: Tx, most: int = _AT_ONCE) -> bool:
    """Move the fresh keys of `most` customers to where they are found; whether there may be more.

    Who changes one of them meanwhile waits. Who is created meanwhile may have a lower number than they: it stays.
    """
    _queue(tx.conn)
    held = select(fresh_keys.c.number).order_by(fresh_keys.c.number).limit(most).with_for_update()
    numbers = list(tx.conn.execute(held).scalars())
    some = in_list(fresh_keys.c.number, numbers)
    each = Numbers(fresh_keys.c.hashes).table_valued("value")
    key = cast(each.c.value, BigInteger)
    moved = select(key, fresh_keys.c.number).join_from(fresh_keys, each, true()).where(some).order_by(key)
    tx.conn.execute(insert(match_keys).from_select(["key", "number"], moved))
    tx.conn.execute(delete(fresh_keys).where(some))
    return len(numbers) == most


def fresh_numbers(conn: Connection) -> tuple[int, int]:
    """The first and the last customer with fresh keys; zeros when there is none."""
    first, last = conn.execute(select(func.min(fresh_keys.c.number), func.max(fresh_keys.c.number))).one()
    return first or 0, last or 0


def _insert(tx: Tx, keys: Iterable[tuple[int, Iterable[int]]]) -> None:
    tx.replace_last(match_keys, KEYS, (), [(key, number) for number, its_keys in keys for key in its_keys])


def _queue(conn: Connection) -> None:
    conn.execute(select(locks.c.revision).where(locks.c.name == "matching").with_for_update())
