"""What only the embedded bus promises: its file, its group commit, gapless offsets."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from rapport_chassis.bus.embedded import BusFileUnusable, EmbeddedBus
from rapport_chassis.bus.port import IncarnationChanged, NewRecord, ProducerFenced, TopicPartition
from rapport_chassis.db import EngineUnavailable
from rapport_contracts.topics import ALL, CUSTOMERS, DEFINITIONS, Kind, Topic

ONE = TopicPartition(DEFINITIONS.name, 0)


def definition(number: int, key: str = "one") -> NewRecord:
    return NewRecord(DEFINITIONS, key, str(number).encode())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "bus.db"


@pytest.fixture
async def bus(path: Path) -> AsyncIterator[EmbeddedBus]:
    bus = EmbeddedBus(path)
    await bus.start()
    yield bus
    await bus.close()


async def started(path: Path, *topics: Topic) -> EmbeddedBus:
    bus = EmbeddedBus(path, topics=topics or ALL)
    await bus.start()
    return bus


def transactions(path: Path) -> int:
    """How often the file was committed to, as the WAL counts: a commit ends in a frame that names the database's size."""
    wal = path.with_name(path.name + "-wal").read_bytes()
    page = int.from_bytes(wal[8:12], "big")
    salts = wal[16:24]
    frames = [wal[at : at + 24] for at in range(32, len(wal), page + 24)]
    return sum(1 for frame in frames if frame[8:16] == salts and frame[4:8] != b"\0\0\0\0")


async def test_offsets_have_no_gaps_even_when_a_fenced_append_fails_in_the_same_group(bus: EmbeddedBus) -> None:
    fenced, other = await bus.producer("relay"), await bus.producer("other")
    await bus.producer("relay")
    results = await asyncio.gather(
        other.append([definition(0), definition(1)]),
        fenced.append([definition(-1)]),
        other.append([definition(2)]),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [type(None), ProducerFenced, type(None)]
    found = await bus.read({ONE: 0}, 10)
    assert [(one.offset, one.raw) for one in found] == [(0, b"0"), (1, b"1"), (2, b"2")]


async def test_appends_that_wait_are_committed_together(bus: EmbeddedBus, path: Path) -> None:
    producer = await bus.producer("relay")
    before = transactions(path)
    await asyncio.gather(*[producer.append([definition(number)]) for number in range(200)])
    assert 1 <= transactions(path) - before < 100
    assert [one.raw for one in await bus.read({ONE: 0}, 500)] == [b"%d" % number for number in range(200)]


async def test_closing_finishes_appends_that_wait_and_refuses_later_ones(bus: EmbeddedBus, path: Path) -> None:
    producer = await bus.producer("relay")
    appends = [asyncio.ensure_future(producer.append([definition(number)])) for number in range(50)]
    await asyncio.sleep(0)
    await bus.close()
    assert await asyncio.gather(*appends) == [None] * 50
    with pytest.raises(EngineUnavailable, match="closed"):
        await producer.append([definition(51)])
    with pytest.raises(EngineUnavailable, match="closed"):
        await bus.read({ONE: 0}, 10)
    again = await started(path)
    assert len(await again.read({ONE: 0}, 100)) == 50
    await again.close()


async def test_a_closed_producer_appends_nothing(bus: EmbeddedBus) -> None:
    producer = await bus.producer("relay")
    await producer.close()
    with pytest.raises(EngineUnavailable):
        await producer.append([definition(1)])
    assert await bus.read({ONE: 0}, 10) == []


async def test_a_bus_that_never_started_can_be_closed(path: Path) -> None:
    await EmbeddedBus(path).close()
    assert not path.exists()


async def test_an_append_refused_by_the_file_fails_with_nothing_changed(bus: EmbeddedBus, path: Path) -> None:
    producer = await bus.producer("relay")
    with contextlib.closing(sqlite3.connect(path)) as conn:
        conn.execute(
            "CREATE TRIGGER full BEFORE INSERT ON records WHEN NEW.key = 'bad' BEGIN SELECT raise(ABORT, 'x'); END"
        )
    with pytest.raises(BusFileUnusable):
        await producer.append([definition(1), definition(2, "bad")])
    await producer.append([definition(3)])
    assert [(one.offset, one.raw) for one in await bus.read({ONE: 0}, 10)] == [(0, b"3")]


async def test_a_lock_that_stays_is_told_as_unavailable(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rapport_chassis.bus.embedded_file.BUSY_SECONDS", 0.05)
    bus = await started(path)
    producer = await bus.producer("relay")
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute("BEGIN IMMEDIATE")
        with pytest.raises(EngineUnavailable, match="locked"):
            await producer.append([definition(1)])
        conn.execute("ROLLBACK")
    await producer.append([definition(2)])
    assert [one.raw for one in await bus.read({ONE: 0}, 10)] == [b"2"]
    await bus.close()


@pytest.mark.parametrize(
    "content", [b"not a database, but long enough to be looked at" * 100, b"SQLite format 3\0" + b"\xff" * 5000]
)
async def test_a_file_that_is_no_database_is_refused_and_left_as_it_was(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(BusFileUnusable, match=r"bus\.db"):
        await EmbeddedBus(path).start()
    assert path.read_bytes() == content


async def test_a_database_of_something_else_is_refused_and_left_as_it_was(path: Path) -> None:
    path.parent.mkdir()
    with contextlib.closing(sqlite3.connect(path)) as conn:
        conn.execute("CREATE TABLE customers (id)")
    content = path.read_bytes()
    with pytest.raises(BusFileUnusable, match="something else"):
        await EmbeddedBus(path).start()
    assert path.read_bytes() == content


async def test_a_file_of_a_newer_version_is_refused(bus: EmbeddedBus, path: Path) -> None:
    await bus.close()
    with contextlib.closing(sqlite3.connect(path)) as conn:
        conn.execute("PRAGMA user_version = 99")
    with pytest.raises(BusFileUnusable, match="newer version"):
        await EmbeddedBus(path).start()


async def test_a_topic_never_changes_its_partitions(bus: EmbeddedBus, path: Path) -> None:
    await bus.close()
    with pytest.raises(BusFileUnusable, match="1 partitions, the code says 2"):
        await started(path, Topic(DEFINITIONS.name, "customers", Kind.STATE, partitions=2))


async def test_a_topic_that_is_new_in_the_code_is_added_and_the_others_stay(path: Path) -> None:
    bus = await started(path, DEFINITIONS)
    before = await bus.incarnation(DEFINITIONS)
    await bus.close()
    bus = await started(path, DEFINITIONS, CUSTOMERS)
    assert await bus.incarnation(DEFINITIONS) == before
    assert await bus.ends(CUSTOMERS) == dict.fromkeys(range(12), 0)
    await bus.close()


async def test_many_that_start_at_once_make_one_log(path: Path) -> None:
    buses = [EmbeddedBus(path) for _ in range(6)]
    await asyncio.gather(*[bus.start() for bus in buses])
    assert len({await bus.incarnation(CUSTOMERS) for bus in buses}) == 1
    for bus in buses:
        await bus.close()


async def test_an_older_backup_under_a_reader_is_noticed(bus: EmbeddedBus, path: Path) -> None:
    """R11: a position taken after the backup was made is refused, so that nothing is skipped in silence."""
    producer = await bus.producer("relay")
    await producer.append([definition(0)])
    backup = path.with_name("backup.db")
    with contextlib.closing(sqlite3.connect(path)) as conn:
        conn.execute("VACUUM INTO ?", (str(backup),))
    await producer.append([definition(1)])
    restored = await started(backup)
    assert await restored.incarnation(DEFINITIONS) == await bus.incarnation(DEFINITIONS)
    with pytest.raises(IncarnationChanged):
        await restored.read({ONE: 2}, 10)
    await restored.close()


async def test_who_follows_waits_while_somebody_appends_in_bulk(tmp_path: Path) -> None:
    bus = EmbeddedBus(tmp_path / "bus.sqlite")
    await bus.start()
    writer = await bus.producer("writer")
    waiting = asyncio.create_task(bus.lull(30))
    for _ in range(4):
        await writer.append([NewRecord(CUSTOMERS, f"key {n}", b"{}") for n in range(500)])
        waiting = waiting if not waiting.done() else asyncio.create_task(bus.lull(30))
        await asyncio.sleep(0.1)
        assert not waiting.done()
    await asyncio.wait_for(waiting, 20)
    await writer.append([NewRecord(CUSTOMERS, "one", b"{}")])
    await asyncio.wait_for(bus.lull(30), 5)
    await bus.close()
