"""Several workers of one service share a topic: Kafka divides it among them, and the offset in the database keeps it exact."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import Column, MetaData, Table, Text, insert, select

from rapport_chassis.bus.port import Bus
from rapport_chassis.consumer import Consumer, ConsumerLoop
from rapport_chassis.db import Database, Tx, open_database
from rapport_chassis.tables import chassis_tables
from rapport_contracts.envelope import Message
from rapport_contracts.topics import CUSTOMERS
from rapport_testkit.bus_conformance import append, record
from rapport_testkit.bus_kafka import KafkaUnderTest
from rapport_testkit.installation import until

metadata = MetaData()
chassis_tables(metadata)
handled = Table("handled", metadata, Column("key", Text, primary_key=True))  # twice would be an error
_ALL = frozenset(range(CUSTOMERS.partitions))


@pytest.fixture
async def bus(kafka: KafkaUnderTest) -> AsyncIterator[Bus]:
    opened = kafka.open()
    await opened.start()
    yield opened
    await opened.close()


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path / 'shared.sqlite'}", metadata, name="shared")
    await opened.start()
    await opened.write(lambda tx: metadata.create_all(tx.conn))
    yield opened
    await opened.close()


class Worker:
    """One worker's loop, with a bus of its own, as in a process of its own."""

    def __init__(self, name: str, db: Database, kafka: KafkaUnderTest) -> None:
        self.name = name
        self.done: Counter[int] = Counter()
        self.task: asyncio.Task[None] | None = None
        self.bus = kafka.open()
        self.loop = ConsumerLoop(Consumer(CUSTOMERS, "shared", self._handle, batch=7), db, self.bus, shared=True)

    async def run(self) -> None:
        await self.bus.start()
        self.task = asyncio.create_task(self.loop.run())

    async def stop(self) -> None:
        if self.task is not None:
            self.task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.task
            await self.bus.close()
            self.task = None

    @property
    def owned(self) -> frozenset[int]:
        return frozenset(place.partition for place in self.loop._positions)

    def _handle(self, tx: Tx, messages: Sequence[Message]) -> None:
        tx.conn.execute(insert(handled), [{"key": message.key} for message in messages])
        self.done.update(message.partition for message in messages)


@pytest.fixture
async def workers(db: Database, kafka: KafkaUnderTest) -> AsyncIterator[tuple[Worker, Worker]]:
    """Two that are not started yet; those that run at the end are stopped."""
    both = Worker("first", db, kafka), Worker("second", db, kafka)
    yield both
    for worker in both:
        await worker.stop()


async def keys(db: Database) -> set[str]:
    return set(await db.read(lambda conn: conn.execute(select(handled.c.key)).scalars().all()))


@pytest.mark.timeout(400)
async def test_partitions_are_divided_and_taken_over_and_every_message_has_one_effect(
    bus: Bus, db: Database, workers: tuple[Worker, Worker]
) -> None:
    first, second = workers
    producer = await bus.producer("suite")
    appended = 0

    async def more(count: int) -> None:
        nonlocal appended
        await producer.append([record(f"customer-{appended + number}", "{}") for number in range(count)])
        appended += count

    async def all_handled() -> bool:
        return len(await keys(db)) == appended

    async def owned_by_first() -> bool:
        return first.owned == _ALL

    async def divided() -> bool:
        """For a moment both may hold a partition: the first until it looks again."""
        shares = first.owned, second.owned
        return all(shares) and sum(len(share) for share in shares) == len(_ALL) and frozenset.union(*shares) == _ALL

    async def owned_by_second() -> bool:
        return second.owned == _ALL

    await first.run()
    await more(100)
    await until(owned_by_first, 90)
    await until(all_handled, 90)
    await second.run()
    while not await divided():
        await more(5)
    before = sum(second.done.values())
    await more(300)
    await until(all_handled, 90)
    assert sum(second.done.values()) > before
    await more(50)
    await first.stop()
    await until(owned_by_second, 90)
    await more(50)
    await until(all_handled, 90)
    assert await keys(db) == {f"customer-{number}" for number in range(appended)}


async def test_a_worker_alone_on_the_embedded_bus_owns_everything(db: Database, tmp_path: Path) -> None:
    from rapport_chassis.bus.embedded import EmbeddedBus

    bus = EmbeddedBus(tmp_path / "bus.sqlite")
    await bus.start()
    await append(bus, [record("one", "{}")])
    done: list[str] = []
    loop = ConsumerLoop(
        Consumer(CUSTOMERS, "alone", lambda _tx, messages: done.extend(one.key for one in messages)),
        db,
        bus,
        shared=True,
    )
    while await loop.once():
        pass
    assert done == ["one"]
    await bus.close()
