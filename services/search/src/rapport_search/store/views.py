"""Which customers a user viewed last; a fixed number a user is kept."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, delete, insert, select

from rapport_chassis.db import Tx
from rapport_search.store.tables import views

KEPT: Final = 100


def record(tx: Tx, user_id: str, customer_id: str) -> None:
    """The user looked at the customer now."""
    tx.conn.execute(delete(views).where(views.c.user_id == user_id, views.c.customer_id == customer_id))
    tx.conn.execute(insert(views), {"user_id": user_id, "customer_id": customer_id, "at": tx.now})
    surplus = (
        select(views.c.customer_id).where(views.c.user_id == user_id).order_by(views.c.at.desc(), views.c.customer_id)
    )
    beyond = list(tx.conn.execute(surplus.offset(KEPT).limit(KEPT)).scalars())
    if beyond:
        tx.conn.execute(delete(views).where(views.c.user_id == user_id, views.c.customer_id.in_(beyond)))


def recent(conn: Connection, user_id: str) -> list[str]:
    """Ids, the last viewed first."""
    query = (
        select(views.c.customer_id).where(views.c.user_id == user_id).order_by(views.c.at.desc(), views.c.customer_id)
    )
    return list(conn.execute(query.limit(KEPT)).scalars())
