"""The audit log: written once, read by keyset, cut by age."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from rapport_chassis.db import delete_some
from rapport_identity.store.tables import audit


def add(conn: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Append entries."""
    conn.execute(insert(audit), list(rows))


def page(
    conn: Connection,
    *,
    after: str | None,
    limit: int,
    actions: Sequence[str] = (),
    actor_id: str | None = None,
    subject_id: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[dict[str, Any]]:
    """Entries, newest first, before the id `after`; filters are joined by AND, `until` is exclusive."""
    query = select(audit).order_by(audit.c.id.desc()).limit(limit)
    if after is not None:
        query = query.where(audit.c.id < after)
    if actions:
        query = query.where(audit.c.action.in_(list(actions)))
    if actor_id is not None:
        query = query.where(audit.c.actor_id == actor_id)
    if subject_id is not None:
        query = query.where(audit.c.subject_id == subject_id)
    if since is not None:
        query = query.where(audit.c.at >= since)
    if until is not None:
        query = query.where(audit.c.at < until)
    return [dict(row._mapping) for row in conn.execute(query)]  # noqa: SLF001


def purge(conn: Connection, before: datetime) -> int:
    """Delete some entries older than this instant; how many."""
    return delete_some(conn, audit.c.id, audit.c.at < before)
