"""The history of customers and the retention of what it is made of."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, delete, func, select

from rapport_chassis.db import Tx, in_list
from rapport_customers.store.tables import before_images, customers, history, import_batches

KEPT: Final = timedelta(days=30)
_AT_ONCE: Final = 2_000
_SHOWN: Final = tuple(column for column in history.c if column.name != "customer_id")


def page(conn: Connection, customer_id: str, before: int | None, limit: int) -> list[dict[str, Any]]:
    """C9: `version, at, by, via, action, changes`, newest first, below version `before`; the last is the creation."""
    query = select(*_SHOWN).where(history.c.customer_id == customer_id).order_by(history.c.version.desc()).limit(limit)
    if before is not None:
        query = query.where(history.c.version < before)
    found = [{str(name): value for name, value in row.items()} for row in conn.execute(query).mappings()]
    if len(found) < limit and (before is None or before > 1):
        found.append(_creation(conn, customer_id))
    return found


def _creation(conn: Connection, customer_id: str) -> dict[str, Any]:
    via, document = conn.execute(
        select(customers.c.via, customers.c.document).where(customers.c.id == customer_id)
    ).one()
    at = datetime.fromisoformat(document["created_at"])
    return {"version": 1, "at": at, "by": document["created_by"], "via": via, "action": "created", "changes": []}


def forget_before_images(tx: Tx) -> int:
    """Retention: delete some before-images older than `KEPT`; how many. History itself stays."""
    old = select(before_images.c.customer_id, before_images.c.version)
    old = old.where(before_images.c.at < tx.now - KEPT).limit(_AT_ONCE)
    rows = tx.conn.execute(old).all()
    if rows:
        statement = delete(before_images).where(in_list(before_images.c.customer_id, sorted({row[0] for row in rows})))
        tx.conn.execute(statement.where(before_images.c.at < tx.now - KEPT))
    return len(rows)


def forget_import_batches(tx: Tx) -> None:
    """Retention: forget which rows are written of runs whose last batch is older than `KEPT`."""
    runs = select(import_batches.c.run_id).group_by(import_batches.c.run_id)
    old = runs.having(func.max(import_batches.c.at) < tx.now - KEPT)
    tx.conn.execute(delete(import_batches).where(import_batches.c.run_id.in_(old)))
