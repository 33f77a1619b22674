"""The one row of workspace settings."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, insert, select, update

from rapport_identity.store.tables import settings

KEY = "settings"


def get(conn: Connection) -> dict[str, Any] | None:
    """`{region, time_zone, language, calendar, version}`; None before the first start."""
    row = conn.execute(select(settings).where(settings.c.id == KEY)).first()
    return None if row is None else {str(key): value for key, value in row._mapping.items() if key != "id"}  # noqa: SLF001


def add(conn: Connection, values: dict[str, Any]) -> None:
    """Insert the row."""
    conn.execute(insert(settings), {"id": KEY, **values})


def change(conn: Connection, values: dict[str, Any]) -> None:
    """Update columns of the row."""
    conn.execute(update(settings).where(settings.c.id == KEY).values(values))
