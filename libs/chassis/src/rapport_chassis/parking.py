"""Parked messages: what failed for good, and what waits behind it, kept in the consumer's own database for a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from rapport_chassis.db import Tx, in_list
from rapport_chassis.ids import new_id
from rapport_chassis.tables import ChassisTables
from rapport_contracts.envelope import Message


def park(tx: Tx, consumer: str, failed: Mapping[Message, Exception]) -> None:
    """Keep messages with the reason why each failed."""
    rows = [_row(tx, consumer, message, repr(error), None) for message, error in failed.items()]
    tx.conn.execute(insert(tx.tables.parked), rows)


def park_behind(tx: Tx, consumer: str, messages: Sequence[Message]) -> Sequence[Message]:
    """Park those whose key is parked already (order per key must hold); the others are given back."""
    table = tx.tables.parked
    if tx.conn.execute(select(table.c.id).where(table.c.consumer == consumer).limit(1)).first() is None:
        return messages
    keys = in_list(table.c.key, list({message.key for message in messages}))
    query = select(table.c.key, func.min(table.c.id)).where(table.c.consumer == consumer, keys).group_by(table.c.key)
    held = {key: first for key, first in tx.conn.execute(query)}  # noqa: C416  rows are not pairs to dict()
    behind = [
        _row(tx, consumer, one, "waits behind a parked message", held[one.key]) for one in messages if one.key in held
    ]
    if behind:
        tx.conn.execute(insert(table), behind)
    return [message for message in messages if message.key not in held]


def take(tx: Tx, parked_id: str) -> bool:
    """Remove a parked message because its effect happens in this transaction; whether it was still there."""
    table = tx.tables.parked
    return tx.conn.execute(delete(table).where(table.c.id == parked_id)).rowcount == 1


def failed_again(tx: Tx, parked_id: str, error: str) -> None:
    """A replay failed: keep the newer reason."""
    table = tx.tables.parked
    values = {"error": error, "attempts": table.c.attempts + 1, "replay_at": None, "at": tx.now}
    tx.conn.execute(update(table).where(table.c.id == parked_id).values(values))


def ask_replay(tx: Tx, parked_id: str) -> bool:
    """Ask the consumer to try again, this message and those of its key behind it; whether it is there."""
    table = tx.tables.parked
    return tx.conn.execute(update(table).where(table.c.id == parked_id).values(replay_at=tx.now)).rowcount == 1


def asked_for(conn: Connection, tables: ChassisTables, consumer: str) -> list[list[tuple[str, Message]]]:
    """The chains (a key's parked messages, oldest first) whose replay was asked for."""
    table = tables.parked
    asked = select(table.c.key).where(table.c.consumer == consumer, table.c.replay_at.is_not(None)).distinct()
    keys = list(conn.execute(asked.limit(100)).scalars())
    if not keys:
        return []
    query = select(table).where(table.c.consumer == consumer, in_list(table.c.key, keys))
    chains: dict[str, list[tuple[str, Message]]] = {}
    for row in conn.execute(query.order_by(table.c.topic, table.c.partition, table.c.offset)):
        message = Message(row.topic, row.partition, row.offset, row.key, row.value)
        chains.setdefault(row.key, []).append((row.id, message))
    return list(chains.values())


def listed(conn: Connection, tables: ChassisTables, limit: int, after: str | None) -> list[dict[str, Any]]:
    """Parked messages, oldest first, without their values (they may hold personal data)."""
    table = tables.parked
    query = select(table).order_by(table.c.id).limit(limit)
    if after:
        query = query.where(table.c.id > after)
    shown = ("id", "consumer", "topic", "partition", "offset", "key", "error", "behind", "attempts", "at")
    return [{name: getattr(row, name) for name in shown} for row in conn.execute(query)]


def _row(tx: Tx, consumer: str, message: Message, error: str, behind: str | None) -> dict[str, Any]:
    return {
        "id": new_id(),
        "consumer": consumer,
        "topic": message.topic,
        "partition": message.partition,
        "offset": message.offset,
        "key": message.key,
        "value": message.raw,
        "error": error[:2_000],
        "behind": behind,
        "at": tx.now,
    }
