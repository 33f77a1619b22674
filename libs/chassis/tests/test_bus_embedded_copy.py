"""A log of another bus in a file: offsets and incarnations are kept, and nobody waits for what no reader sees."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rapport_chassis.bus.embedded import EmbeddedBus
from rapport_chassis.bus.embedded_copy import CopiedLog
from rapport_chassis.bus.port import NewRecord, TopicPartition
from rapport_contracts.envelope import Message
from rapport_contracts.topics import ALL, CUSTOMERS

KEY = "a"
HERE = CUSTOMERS.partition_of(KEY)
EMPTY = (HERE + 1) % CUSTOMERS.partitions
PLACES = [TopicPartition(topic.name, number) for topic in ALL for number in range(topic.partitions)]


@pytest.fixture
def copied(tmp_path: Path) -> CopiedLog:
    """Two records with holes around them, as transactions and compaction leave them; the last offset before 12 is a marker."""
    log = CopiedLog(tmp_path / "bus.sqlite", {CUSTOMERS.name: "of Kafka"}, datetime.now(UTC))
    log.append([Message(CUSTOMERS.name, HERE, 5, KEY, b"1"), Message(CUSTOMERS.name, HERE, 10, KEY, b"2")])
    log.finish(dict.fromkeys(PLACES, 12))
    return log


async def test_records_keep_their_offsets_and_the_log_goes_on_after_them(copied: CopiedLog, tmp_path: Path) -> None:
    bus = EmbeddedBus(tmp_path / "bus.sqlite")
    await bus.start()
    try:
        assert await bus.incarnation(CUSTOMERS) == "of Kafka"
        starts, ends = await bus.starts(CUSTOMERS), await bus.ends(CUSTOMERS)
        assert (starts[HERE], ends[HERE], starts[EMPTY], ends[EMPTY]) == (5, 11, 12, 12)
        producer = await bus.producer("next")
        await producer.append([NewRecord(CUSTOMERS, KEY, b"3")])
        await producer.close()
        found = await bus.read({TopicPartition(CUSTOMERS.name, HERE): 0}, 10)
        assert [(one.offset, one.key, one.raw) for one in found] == [(5, KEY, b"1"), (10, KEY, b"2"), (11, KEY, b"3")]
    finally:
        await bus.close()


@pytest.mark.parametrize(
    ("partition", "before", "after"),
    [(HERE, 6, 6), (HERE, 10, 10), (HERE, 11, 11), (HERE, 12, 11), (EMPTY, 0, 12), (EMPTY, 9, 12), (EMPTY, 12, 12)],
)
def test_who_has_read_every_record_is_at_the_end(
    copied: CopiedLog, tmp_path: Path, partition: int, before: int, after: int
) -> None:
    path = tmp_path / "service.sqlite"
    with closing(sqlite3.connect(path)) as file, file:
        file.execute('CREATE TABLE offsets (consumer TEXT, topic TEXT, partition INTEGER, "next" INTEGER)')
        file.execute(
            "INSERT INTO offsets VALUES ('c', ?, ?, ?), ('c', 'unknown', 0, 12)", (CUSTOMERS.name, partition, before)
        )
    copied.clamp_positions(path)
    with closing(sqlite3.connect(path)) as file:
        found = file.execute('SELECT "next" FROM offsets ORDER BY topic').fetchall()
    assert found == [(after,), (12,)]
