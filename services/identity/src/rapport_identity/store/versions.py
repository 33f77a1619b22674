"""The one counter that numbers the versions of users, roles, API keys and settings."""

from __future__ import annotations

from sqlalchemy import Connection, insert, update

from rapport_identity.store.tables import counter


def following(conn: Connection) -> int:
    """The next version; taking it locks the counter to the end of the transaction, so versions are commit order."""
    raised = update(counter).where(counter.c.id == 1).values(value=counter.c.value + 1).returning(counter.c.value)
    value = conn.execute(raised).scalar()
    if value is None:
        conn.execute(insert(counter), {"id": 1, "value": 1})
        return 1
    return int(value)
