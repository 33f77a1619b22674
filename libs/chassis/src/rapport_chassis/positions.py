"""Where consumers stand: their offset rows, which move by compare-and-set in the transaction of the effect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from rapport_chassis.bus.port import IncarnationChanged, TopicPartition
from rapport_chassis.db import Tx
from rapport_contracts.envelope import Message
from rapport_contracts.topics import Topic


class Superseded(Exception):  # noqa: N818
    """Another instance moved this offset: what was read is stale, read again."""


def behind(messages: Sequence[Message]) -> dict[TopicPartition, int]:
    """The positions behind messages of one topic."""
    last = {message.partition: message.offset for message in messages}
    return {TopicPartition(messages[0].topic, partition): offset + 1 for partition, offset in last.items()}


def move(tx: Tx, consumer: str, old: Mapping[TopicPartition, int], new: Mapping[TopicPartition, int]) -> None:
    """From where they are in `old` to `new`. Raises `Superseded` and changes nothing when another instance moved one."""
    offsets = tx.tables.offsets
    here = (offsets.c.topic == bindparam("of")) & (offsets.c.partition == bindparam("at"))
    there = (offsets.c.consumer == consumer) & here & (offsets.c.next == bindparam("old"))
    moves = [{"of": place.topic, "at": place.partition, "old": old[place], "new": at} for place, at in new.items()]
    moved = tx.conn.execute(update(offsets).where(there).values(next=bindparam("new")), moves)
    if moved.rowcount != len(moves):
        raise Superseded(consumer)


def load(tx: Tx, consumer: str, topic: Topic, incarnation: str, first: Mapping[int, int]) -> dict[TopicPartition, int]:
    """The stored positions; partitions seen for the first time begin at `first`. Raises `IncarnationChanged`."""
    table = tx.tables.offsets
    query = select(table).where(table.c.consumer == consumer, table.c.topic == topic.name)
    stored = {row.partition: row for row in tx.conn.execute(query)}
    for row in stored.values():
        _refuse_another_log(row, incarnation)
    fresh = {partition: first.get(partition, 0) for partition in range(topic.partitions) if partition not in stored}
    if fresh:
        place = {"consumer": consumer, "topic": topic.name, "incarnation": incarnation}
        tx.conn.execute(insert(table), [place | {"partition": number, "next": at} for number, at in fresh.items()])
    stands = {partition: row.next for partition, row in stored.items()} | fresh
    return {TopicPartition(topic.name, partition): at for partition, at in stands.items()}


def _refuse_another_log(row: Any, incarnation: str) -> None:
    if row.incarnation != incarnation:
        raise IncarnationChanged(
            f"{row.consumer}: the position on {row.topic} belongs to another log "
            f"({row.incarnation}, now {incarnation}); restore both from one backup, or reset the consumer"
        )
