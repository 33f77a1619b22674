"""What the embedded bus does to keep its file small: retention, compaction in steps, the journal emptied."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rapport_chassis.bus.embedded import EmbeddedBus, Maintained
from rapport_chassis.bus.port import NewRecord, TopicPartition
from rapport_chassis.clock import SetClock
from rapport_contracts.topics import CUSTOMER_EVENTS, DEFINITIONS

NOW = datetime(2026, 3, 21, 12, tzinfo=UTC)
ONE = TopicPartition(DEFINITIONS.name, 0)
EVENTS = TopicPartition(CUSTOMER_EVENTS.name, CUSTOMER_EVENTS.partition_of("one"))


def definition(number: int, key: str = "one") -> NewRecord:
    return NewRecord(DEFINITIONS, key, str(number).encode())


def event(number: int) -> NewRecord:
    return NewRecord(CUSTOMER_EVENTS, "one", str(number).encode())


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOW)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "bus.db"


@pytest.fixture
async def bus(path: Path, clock: SetClock) -> AsyncIterator[EmbeddedBus]:
    bus = EmbeddedBus(path, clock, compact_after=10)
    await bus.start()
    yield bus
    await bus.close()


async def test_facts_are_cut_by_age_from_the_front(bus: EmbeddedBus, clock: SetClock) -> None:
    producer = await bus.producer("relay")
    await producer.append([event(number) for number in range(2_500)])
    clock.advance(days=6)
    await producer.append([event(9_999), definition(1)])
    clock.advance(days=1, seconds=1)
    assert await bus.maintain() == Maintained(compacted=0, expired=2_500)
    assert (await bus.starts(CUSTOMER_EVENTS))[EVENTS.partition] == 2_500
    assert [one.raw for one in await bus.read({EVENTS: 0}, 10)] == [b"9999"]
    assert len(await bus.read({ONE: 0}, 10)) == 1
    assert await bus.maintain() == Maintained(compacted=0, expired=0)


async def test_what_retention_cut_takes_no_share_of_a_read(bus: EmbeddedBus, clock: SetClock) -> None:
    producer = await bus.producer("relay")
    await producer.append([event(number) for number in range(100)])
    clock.advance(days=8)
    await bus.maintain()
    await producer.append([event(100), *[definition(number) for number in range(50)]])
    found = await bus.read({EVENTS: 0, ONE: 0}, 40)
    assert [one.topic for one in found].count(DEFINITIONS.name) == 39


async def test_after_weeks_off_consumers_get_an_hour_before_old_facts_go(
    bus: EmbeddedBus, path: Path, clock: SetClock
) -> None:
    await (await bus.producer("relay")).append([event(number) for number in range(10)])
    await bus.close()
    clock.advance(days=30)
    again = EmbeddedBus(path, clock)
    await again.start()
    clock.advance(minutes=59)
    assert (await again.maintain()).expired == 0
    assert len(await again.read({EVENTS: 0}, 100)) == 10
    clock.advance(minutes=1)
    assert (await again.maintain()).expired == 10
    await again.close()


async def test_compaction_waits_until_half_of_a_log_is_new(bus: EmbeddedBus) -> None:
    producer = await bus.producer("relay")
    await producer.append([definition(0, f"key-{number}") for number in range(100)])
    assert (await bus.maintain()).compacted == 0
    await producer.append([definition(1, f"key-{number}") for number in range(99)])
    assert (await bus.maintain()).compacted == 0
    await producer.append([definition(2, "key-0")])
    assert (await bus.maintain()).compacted == 100
    assert [one.offset for one in await bus.read({ONE: 0}, 500)] == [99, *range(101, 200)]


async def test_compaction_in_several_rounds_keeps_the_newest_of_each_key(
    bus: EmbeddedBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rapport_chassis.bus.embedded_upkeep._MOST_KEYS", 7)
    monkeypatch.setattr("rapport_chassis.bus.embedded_upkeep._CHUNK", 3)
    producer = await bus.producer("relay")
    for round_ in range(10):
        await producer.append([definition(round_, f"key-{number}") for number in range(20)])
    for _ in range(40):
        await bus.maintain()
        found = {one.key: one.raw for one in await bus.read({ONE: 0}, 500)}
        assert found == {f"key-{number}": b"9" for number in range(20)}
    assert len(await bus.read({ONE: 0}, 500)) < 60


async def test_appends_and_reads_go_on_during_upkeep(bus: EmbeddedBus) -> None:
    producer = await bus.producer("relay")
    await producer.append([definition(number, f"key-{number % 50}") for number in range(5_000)])
    upkeep = asyncio.ensure_future(bus.maintain())
    appended = 0
    while not upkeep.done():
        await producer.append([definition(10_000 + appended)])
        appended += 1
    assert (await upkeep).compacted > 4_000
    newest = {one.key: one.raw for one in await bus.read({ONE: 0}, 10_000)}
    assert newest["one"] == b"%d" % (10_000 + appended - 1)
    assert newest["key-49"] == b"4999"


async def test_upkeep_empties_the_journal_unless_a_reader_holds_it(bus: EmbeddedBus, path: Path) -> None:
    producer = await bus.producer("relay")
    journal = path.with_name("bus.db-wal")
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM records").fetchall()
        await producer.append([definition(number) for number in range(500)])
        await asyncio.wait_for(bus.maintain(), 9)  # SQLite's own waiting would be ten seconds
        assert journal.stat().st_size > 0
        reader.execute("COMMIT")
    await bus.maintain()
    assert journal.stat().st_size == 0
    assert len(await bus.read({ONE: 0}, 1_000)) >= 1
