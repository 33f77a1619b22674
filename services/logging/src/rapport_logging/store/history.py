"""What entries said before each change by a person (L2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from rapport_logging.store.tables import entry_history


def keep(conn: Connection, row: Mapping[str, Any]) -> None:
    """Keep one before-image."""
    conn.execute(insert(entry_history), dict(row))


def page(conn: Connection, entry_id: str, before: int | None, limit: int) -> list[Row[Any]]:
    """The changes of an entry, newest first, those below version `before`."""
    query = select(entry_history).where(entry_history.c.entry_id == entry_id)
    if before is not None:
        query = query.where(entry_history.c.version < before)
    return list(conn.execute(query.order_by(entry_history.c.version.desc()).limit(limit)))
