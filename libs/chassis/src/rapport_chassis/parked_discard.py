"""Giving a parked message up: only a person does that, never time."""

from __future__ import annotations

from sqlalchemy import delete, select

from rapport_chassis.db import Tx
from rapport_chassis.parking import wait_behind


def discard(tx: Tx, parked_id: str) -> bool:
    """Forget a parked message without its effect, and try what waits behind it again; whether it was there."""
    table = tx.tables.parked
    gone = delete(table).where(table.c.id == parked_id).returning(table.c.consumer, table.c.key)
    row = tx.conn.execute(gone).first()
    if row is None:
        return False
    rest = (table.c.consumer == row.consumer) & (table.c.key == row.key)
    first = select(table.c.id).where(rest).order_by(table.c.topic, table.c.partition, table.c.offset).limit(1)
    head = tx.conn.execute(first).scalar()
    if head is not None:
        wait_behind(tx, row.consumer, row.key, head, asked_at=tx.now)
    return True
