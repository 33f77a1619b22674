"""Failed sign-ins by key (`user:<username key>`, `ip:<address>`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from rapport_chassis.db import delete_some, in_list
from rapport_chassis.dialects import queue_at
from rapport_identity.domain.lockout import Attempts
from rapport_identity.store.tables import attempts


def of(conn: Connection, keys: Sequence[str]) -> dict[str, Attempts]:
    """What is remembered of each key; nothing remembered is an empty `Attempts`."""
    found = {
        row.key: Attempts(row.failures, row.last_at, row.locked_until)
        for row in conn.execute(select(attempts).where(in_list(attempts.c.key, keys)))
    }
    return {key: found.get(key, Attempts()) for key in keys}


def queue(conn: Connection, keys: Sequence[str]) -> None:
    """Wait until no other transaction counts at these keys: there may be no row yet to lock."""
    for key in sorted(keys):  # in one order, so that two never wait for each other
        queue_at(conn, f"attempts {key}")


def put(conn: Connection, rows: dict[str, Attempts]) -> None:
    """Replace what is remembered of these keys."""
    forget(conn, list(rows))
    values = [
        {"key": key, "failures": row.failures, "last_at": row.last_at, "locked_until": row.locked_until}
        for key, row in rows.items()
    ]
    conn.execute(insert(attempts), values)


def forget(conn: Connection, keys: Sequence[str]) -> None:
    """Forget these keys."""
    conn.execute(delete(attempts).where(in_list(attempts.c.key, keys)))


def purge(conn: Connection, before: datetime) -> int:
    """Forget some of what last failed before this instant; how many."""
    return delete_some(conn, attempts.c.key, attempts.c.last_at < before)
