"""Parked messages: what failed for good, and what waits behind it, kept in the consumer's own database for a person."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, case, delete, func, insert, select, update

from rapport_chassis.db import Tx, in_list
from rapport_chassis.ids import new_id
from rapport_chassis.tables import ChassisTables
from rapport_contracts.envelope import Message


class _Parked(NamedTuple):
    """The first parked message of a key: its offset, as far as this batch is concerned, and its row's id."""

    offset: float
    id: str | None


_NONE = _Parked(math.inf, None)


class Parking:
    """What one batch parks: gathered in memory, written at once by `write`.

    A parked key holds its later messages, unless `perhaps` is None. `perhaps` are keys of which something may be parked: it may
    name too many, never too few, and grows here; only they are looked up.
    """

    def __init__(self, tx: Tx, consumer: str, messages: Sequence[Message], perhaps: set[str] | None) -> None:
        self.failed: dict[Message, Exception] = {}
        self._tx = tx
        self._consumer = consumer
        self._perhaps = perhaps
        self._first = (
            _parked_before(tx, consumer, [one.key for one in messages if one.key in perhaps]) if perhaps else {}
        )
        self._rows: list[dict[str, Any]] = []

    def add(self, failed: Mapping[Message, Exception]) -> None:
        """Keep messages with the reason why each failed."""
        self.failed |= failed
        for message, error in failed.items():
            row = _row(self._tx, self._consumer, message, repr(error), None)
            self._rows.append(row)
            if self._perhaps is not None:
                self._perhaps.add(message.key)
                if message.offset < self._first.get(message.key, _NONE).offset:
                    self._first[message.key] = _Parked(message.offset, row["id"])

    def still_free(self, messages: Sequence[Message]) -> list[Message]:
        """Those that may be handled; who comes after a parked one of its key is parked behind it, so that its order holds."""
        first, failed = self._first, self.failed
        free = [one for one in messages if one.key not in first and one not in failed]
        if len(free) == len(messages):
            return free
        free = []
        for message in messages:
            parked = first.get(message.key, _NONE)
            if message in failed:
                continue
            if message.offset < parked.offset:
                free.append(message)
            else:
                self._rows.append(_row(self._tx, self._consumer, message, "waits behind a parked message", parked.id))
        return free

    def write(self) -> None:
        """Insert what was gathered."""
        if self._rows:
            self._tx.conn.execute(insert(self._tx.tables.parked), self._rows)


def parked_keys(conn: Connection, tables: ChassisTables, consumer: str) -> set[str]:
    """Every key of which something is parked."""
    table = tables.parked
    return set(conn.execute(select(table.c.key).where(table.c.consumer == consumer).distinct()).scalars())


def _parked_before(tx: Tx, consumer: str, keys: Sequence[str]) -> dict[str, _Parked]:
    """Key -> the first parked message of it."""
    if not keys:
        return {}
    table = tx.tables.parked
    query = select(table.c.key, func.min(table.c.id)).where(table.c.consumer == consumer, in_list(table.c.key, keys))
    return {key: _Parked(-1, first) for key, first in tx.conn.execute(query.group_by(table.c.key))}


def take(tx: Tx, parked_id: str) -> bool:
    """Remove a parked message because its effect happens in this transaction; whether it was still there."""
    table = tx.tables.parked
    return tx.conn.execute(delete(table).where(table.c.id == parked_id)).rowcount == 1


def failed_again(tx: Tx, parked_id: str, error: str) -> None:
    """A replay failed: keep the newer reason; it is the first of its key now, and all of the key wait to be asked for again."""
    table = tx.tables.parked
    values = {"error": error, "attempts": table.c.attempts + 1, "at": tx.now}
    whose = update(table).where(table.c.id == parked_id).values(values).returning(table.c.consumer, table.c.key)
    if row := tx.conn.execute(whose).first():
        wait_behind(tx, row.consumer, row.key, parked_id, asked_at=None)


def wait_behind(tx: Tx, consumer: str, key: str, first: str, *, asked_at: datetime | None) -> None:
    """`first` is the parked message of the key that is decided about, and the others wait behind it."""
    table = tx.tables.parked
    behind = case((table.c.id == first, None), else_=first)
    chain = (table.c.consumer == consumer) & (table.c.key == key)
    tx.conn.execute(update(table).where(chain).values(replay_at=asked_at, behind=behind))


def ask_replay(tx: Tx, parked_id: str) -> bool:
    """Ask the consumer to try again, this message and those of its key behind it; whether it is there."""
    table = tx.tables.parked
    return tx.conn.execute(update(table).where(table.c.id == parked_id).values(replay_at=tx.now)).rowcount == 1


def asked_for(conn: Connection, tables: ChassisTables, consumer: str) -> list[list[tuple[str, Message]]]:
    """The chains (a key's parked messages, oldest first) whose replay was asked for."""
    table = tables.parked
    asked = select(table.c.key).where(table.c.consumer == consumer, table.c.replay_at.is_not(None)).limit(100)
    keys = list(dict.fromkeys(conn.execute(asked).scalars()))
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


def counted(conn: Connection, tables: ChassisTables) -> dict[tuple[str, ...], int]:
    """How many are parked, by consumer."""
    consumer = tables.parked.c.consumer
    return {(name,): number for name, number in conn.execute(select(consumer, func.count()).group_by(consumer))}


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
