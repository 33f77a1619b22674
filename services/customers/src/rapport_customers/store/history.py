"""The history of customers and the retention of what it is made of."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection, delete, select

from rapport_chassis.db import Tx, in_list
from rapport_customers.store.tables import before_images, history, import_rows, import_runs

KEPT: Final = timedelta(days=30)
_AT_ONCE: Final = 2_000


def page(conn: Connection, customer_id: str, before: int | None, limit: int) -> list[dict[str, Any]]:
    """C9: `version, at, by, via, action, changes`, newest first, below version `before`."""
    query = select(history).where(history.c.customer_id == customer_id).order_by(history.c.version.desc()).limit(limit)
    if before is not None:
        query = query.where(history.c.version < before)
    return [{str(name): value for name, value in row.items()} for row in conn.execute(query).mappings()]


def forget_before_images(tx: Tx) -> int:
    """Retention: delete some before-images older than `KEPT`; how many. History itself stays."""
    old = select(before_images.c.customer_id, before_images.c.version)
    old = old.where(before_images.c.at < tx.now - KEPT).limit(_AT_ONCE)
    rows = tx.conn.execute(old).all()
    if rows:
        statement = delete(before_images).where(in_list(before_images.c.customer_id, sorted({row[0] for row in rows})))
        tx.conn.execute(statement.where(before_images.c.at < tx.now - KEPT))
    return len(rows)


def forget_import_rows(tx: Tx) -> int:
    """Retention: delete the row outcomes of one run whose last batch is older than `KEPT`; how many runs (0 or 1)."""
    old = select(import_runs.c.run_id).where(import_runs.c.last_at < tx.now - KEPT).limit(1)
    run_id = tx.conn.execute(old).scalar()
    if run_id is None:
        return 0
    rows = select(import_rows.c.row).where(import_rows.c.run_id == run_id).limit(_AT_ONCE)
    some = list(tx.conn.execute(rows).scalars())
    tx.conn.execute(delete(import_rows).where(import_rows.c.run_id == run_id, in_list(import_rows.c.row, some)))
    if len(some) < _AT_ONCE:
        tx.conn.execute(delete(import_runs).where(import_runs.c.run_id == run_id))
    return 1
