"""Finding customers by match keys, many at once: one indexed lookup a field, never one a row."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select

from rapport_chassis.db import in_list
from rapport_customers.store.tables import locks, match_keys


def lock(conn: Connection) -> None:
    """Queue behind other transactions that match: what one of them creates is found by the next."""
    conn.execute(select(locks.c.revision).where(locks.c.name == "matching").with_for_update())


def find(conn: Connection, field: str, keys: Iterable[str]) -> dict[str, list[str]]:
    """The ids of customers that have each of `keys` in `field`."""
    query = select(match_keys.c.key, match_keys.c.customer_id)
    query = query.where(match_keys.c.field == field, in_list(match_keys.c.key, sorted(keys)))
    found: dict[str, list[str]] = {}
    for key, customer_id in conn.execute(query):
        found.setdefault(key, []).append(customer_id)
    return found
