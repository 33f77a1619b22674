"""Messages as they are listed, published, queued and received."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, Row, bindparam, insert, select, update

from rapport_chassis.db import Tx, in_list
from rapport_chassis.dialects import among, ask
from rapport_contracts import topics
from rapport_messaging.domain.states import RANK

from .customers import visible
from .tables import messages

_SHOWN = (
    "id",
    "channel",
    "direction",
    "customer_id",
    "address",
    "body",
    "state",
    "reason",
    "at",
    "created_at",
    "created_by",
    "job_id",
    "version",
)

_KNOWN = select(messages.c.provider_ref, messages.c.id).where(
    messages.c.provider == bindparam("by"), among(messages.c.provider_ref, "references")
)


@dataclass(frozen=True, slots=True)
class Filter:
    """What GET /messages is narrowed to; None: not narrowed."""

    customer_id: str | None = None
    job_id: str | None = None
    state: str | None = None
    direction: str | None = None
    address: str | None = None
    unmatched: bool = False


def publish(tx: Tx, ids: Sequence[str]) -> None:
    """Queue the current documents of these messages. Searches do not wait for messages, so no position is told."""
    before = len(tx.positions)
    tx.publish_state(topics.MESSAGES, [(message_id, 0) for message_id in ids])
    del tx.positions[before:]


def document(row: Row[Any]) -> dict[str, Any]:
    """The message as the API and messaging.messages.v1 show it."""
    shown = {name: getattr(row, name) for name in _SHOWN}
    shown["by"] = shown.pop("created_by")
    return shown


def documents(conn: Connection, ids: Sequence[str]) -> dict[str, tuple[int, bytes]]:
    """Id -> (version, document as JSON): what the relay publishes."""
    query = select(messages).where(in_list(messages.c.id, ids))
    return {row.id: (row.version, orjson.dumps(document(row), option=orjson.OPT_UTC_Z)) for row in conn.execute(query)}


def listed(
    conn: Connection, groups: frozenset[str] | None, wanted: Filter, limit: int, before: str | None
) -> list[dict[str, Any]]:
    """Messages newest first, of customers in `groups` (None: all, and those of nobody)."""
    query = select(messages).where(visible(messages.c.customer_id, groups)).order_by(messages.c.id.desc()).limit(limit)
    for name in ("customer_id", "job_id", "direction", "address"):
        if (value := getattr(wanted, name)) is not None:
            query = query.where(messages.c[name] == value)
    if wanted.state is not None:
        query = query.where(messages.c.rank == RANK[wanted.state])
    if wanted.unmatched:
        query = query.where(messages.c.customer_id.is_(None))
    if before is not None:
        query = query.where(messages.c.id < before)
    return [document(row) for row in conn.execute(query)]


def find_visible(conn: Connection, message_id: str, groups: frozenset[str] | None) -> Row[Any] | None:
    """The message, when its customer is in `groups`."""
    query = select(messages).where(messages.c.id == message_id, visible(messages.c.customer_id, groups))
    return conn.execute(query).first()


def insert_queued(tx: Tx, rows: Sequence[dict[str, Any]]) -> None:
    """Insert outgoing messages, to be sent at once. Rows: id, customer_id, address, body, created_by, job_id."""
    same = {
        "version": 1,
        "channel": "sms",
        "direction": "outgoing",
        "state": "queued",
        "rank": RANK["queued"],
        "at": tx.now,
        "created_at": tx.now,
        "next_try_at": tx.now,
    }
    if rows:
        tx.conn.execute(insert(messages), [row | same for row in rows])
        publish(tx, [row["id"] for row in rows])


def insert_received(tx: Tx, rows: Sequence[dict[str, Any]]) -> None:
    """Insert incoming messages. Rows: id, customer_id, reason, address, body, provider, provider_ref (not known yet)."""
    same = {
        "version": 1,
        "channel": "sms",
        "direction": "incoming",
        "state": "received",
        "rank": RANK["received"],
        "at": tx.now,
        "created_at": tx.now,
    }
    if rows:
        tx.conn.execute(insert(messages), [row | same for row in rows])
        publish(tx, [row["id"] for row in rows])


def known_references(conn: Connection, provider: str, references: Sequence[str]) -> dict[str, str]:
    """Reference -> message id, of those that a message has."""
    return dict(ask(conn, _KNOWN, by=provider, references=list(references)))


def last_written_to(conn: Connection, numbers: Sequence[str]) -> dict[str, str]:
    """Number -> the customer whom we wrote to at that number most recently."""
    sent = messages.alias()
    newest = select(sent.c.id).where(sent.c.address == messages.c.address, sent.c.direction == "outgoing")
    newest = newest.order_by(sent.c.id.desc()).limit(1)
    query = select(messages.c.address, messages.c.customer_id).where(
        in_list(messages.c.address, numbers),
        messages.c.direction == "outgoing",
        messages.c.id == newest.scalar_subquery(),
    )
    return {row.address: row.customer_id for row in conn.execute(query) if row.customer_id}


def unmatched(conn: Connection, numbers: Sequence[str]) -> list[Row[Any]]:
    """Messages of nobody (id, address) that came from these numbers."""
    query = select(messages.c.id, messages.c.address).where(
        messages.c.customer_id.is_(None), in_list(messages.c.address, numbers)
    )
    return list(conn.execute(query))


def assign(tx: Tx, owners: dict[str, str]) -> None:
    """Give messages of nobody their customer: message id -> customer id."""
    from sqlalchemy import bindparam

    change = update(messages).where(messages.c.id == bindparam("message"), messages.c.customer_id.is_(None))
    values = change.values(customer_id=bindparam("owner"), reason=None, version=messages.c.version + 1)
    if owners:
        tx.conn.execute(values, [{"message": message, "owner": owner} for message, owner in owners.items()])
        publish(tx, list(owners))
