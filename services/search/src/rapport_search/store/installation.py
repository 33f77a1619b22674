"""The id of this installation, which its indexes bear: of two that were given one place, neither may drop the other's."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from rapport_chassis.db import Tx
from rapport_chassis.ids import new_id
from rapport_search.store.tables import installation


def known(conn: Connection) -> str | None:
    """The id; None before the first start."""
    return conn.execute(select(installation.c.id)).scalar()


def ensured(tx: Tx) -> str:
    """The id, made when there is none."""
    found = known(tx.conn)
    if found is None:
        found = new_id()
        tx.conn.execute(insert(installation), {"one": 1, "id": found})
    return found
