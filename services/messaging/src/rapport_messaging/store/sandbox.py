"""The sandbox's phones: what was sent to them and what they answered, kept here and nowhere else (M6)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, literal_column, or_, select, true, update

from rapport_chassis.db import Tx, in_list

from .customers import visible
from .tables import messages
from .tables import sandbox_messages as box

_FORGOTTEN_AT_ONCE: Final = 2_000
NAME: Final = "sandbox"  # of the provider, as its messages have it
Groups = frozenset[str] | None
"""What the caller sees; None: everything."""
_ON_ITS_WAY = box.c.state == literal_column("'sent'")


def known(conn: Connection, ids: Sequence[str]) -> dict[str, Row[Any]]:
    """Id -> row, of those that the sandbox has."""
    return {row.id: row for row in conn.execute(select(box).where(in_list(box.c.id, ids)))}


def accept(tx: Tx, rows: Sequence[dict[str, Any]]) -> None:
    """Messages (id, phone, body) on their way to phones; the same id again changes nothing."""
    there = known(tx.conn, [row["id"] for row in rows])
    new = [row | {"direction": "incoming", "at": tx.now, "state": "sent"} for row in rows if row["id"] not in there]
    if new:
        tx.conn.execute(insert(box), new)


def answer(tx: Tx, message_id: str, phone: str, body: str) -> None:
    """A message that the phone sent."""
    row = {"id": message_id, "phone": phone, "body": body, "direction": "outgoing", "at": tx.now, "state": "delivered"}
    tx.conn.execute(insert(box), row)


def on_their_way(conn: Connection, until: datetime, limit: int) -> list[Row[Any]]:
    """Messages (id, phone) that were accepted at or before `until` and have not arrived."""
    query = select(box.c.id, box.c.phone).where(_ON_ITS_WAY, box.c.at <= until).order_by(box.c.at).limit(limit)
    return list(conn.execute(query))


def arrive(tx: Tx, states: dict[str, str]) -> None:
    """Id -> delivered | failed."""
    for state in sorted(set(states.values())):
        ids = [message for message, its in states.items() if its == state]
        tx.conn.execute(update(box).where(in_list(box.c.id, ids)).values(state=state))


def forget_old(tx: Tx, before: datetime) -> int:
    """Drop some messages older than that; how many (0: no more)."""
    old = select(box.c.id).where(box.c.at < before).limit(_FORGOTTEN_AT_ONCE)
    ids = list(tx.conn.execute(old).scalars())
    tx.conn.execute(delete(box).where(in_list(box.c.id, ids)))
    return len(ids)


def phones(conn: Connection, groups: Groups, limit: int, before: str | None) -> list[dict[str, Any]]:
    """Phones [{number, messages, last}] with what is visible on them, the last active first; `before`: the `last` before."""
    newest = func.max(box.c.id)
    query = select(box.c.phone, newest.label("last"), func.count().label("many")).group_by(box.c.phone)
    query = query.where(_seen(groups))
    if before is not None:
        query = query.having(newest < before)
    found = list(conn.execute(query.order_by(newest.desc()).limit(limit)))
    rows = known(conn, [row.last for row in found])
    return [{"number": row.phone, "messages": row.many, "last": _shown(rows[row.last])} for row in found]


def conversation(conn: Connection, groups: Groups, phone: str, limit: int, before: str | None) -> list[dict[str, Any]]:
    """Visible messages of a phone [{id, direction, body, state, at}], newest first; directions as the phone sees them."""
    query = select(box).where(box.c.phone == phone, _seen(groups)).order_by(box.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(box.c.id < before)
    return [_shown(row) for row in conn.execute(query)]


def _seen(groups: Groups) -> ColumnElement[bool]:
    """What is on the phone is a message here: one that was sent, or one that came in with the phone's id as reference."""
    if groups is None:
        return true()
    mine = visible(messages.c.customer_id, groups)
    sent = select(messages.c.id).where(messages.c.id == box.c.id, mine)
    came = select(messages.c.id).where(messages.c.provider == NAME, messages.c.provider_ref == box.c.id, mine)
    return or_(sent.exists(), came.exists())


def _shown(row: Row[Any]) -> dict[str, Any]:
    return {"id": row.id, "direction": row.direction, "body": row.body, "state": row.state, "at": row.at}
