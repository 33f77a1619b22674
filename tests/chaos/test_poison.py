"""R7: poison messages never block: the others keep their rate and their order, all poison is parked, replay works.

Judged on a consumer of ours, logging's of what happens to customers; and told of a handler that does next to nothing, where
finding poison weighs most.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Column, Integer, MetaData, Table, Text, func, select, update

from rapport_chassis.bus.opening import open_bus
from rapport_chassis.bus.port import Bus, NewRecord
from rapport_chassis.consumer import Consumer, ConsumerLoop
from rapport_chassis.db import Database, Tx, bulk_insert, open_database
from rapport_chassis.migrate import migrate
from rapport_chassis.parking import ask_replay
from rapport_chassis.tables import Serial, chassis_tables
from rapport_contracts.envelope import seal
from rapport_contracts.topics import CUSTOMER_EVENTS
from rapport_logging.bootstrap import SERVICE
from rapport_logging.entrypoints.consumers import CONSUMERS
from rapport_logging.store.tables import entries
from rapport_logging.store.tables import metadata as logging_metadata
from rapport_testkit.databases import new_database, on_real_engines
from rapport_testkit.topology import bus_url
from tests.chaos.killing import LONG

BAR = 0.9
BEGAN = datetime(2026, 11, 25, tzinfo=UTC)
ROUNDS = 3  # alternating; the best of each, because the machine's other work only ever slows
metadata = MetaData()
tables = chassis_tables(metadata)
handled = Table(
    "handled",
    metadata,
    Column("place", Serial, primary_key=True, autoincrement=True),
    Column("event_id", Text, unique=True),
    Column("key", Text, index=True),
    Column("number", Integer),
    Column("said", Text),
)


def handle(tx: Tx, messages: Any) -> None:
    """What a consumer does: read all, then write all at once, under a natural key."""
    rows = [(message.id, message.key, message.data["number"], "said") for message in messages]
    bulk_insert(tx.conn, handled, ["event_id", "key", "number", "said"], rows)


@dataclass(frozen=True)
class Case:
    """A consumer, what it reads, and its database: `fact` is the data of a readable event, by key and number."""

    consumer: Consumer
    type: str
    fact: Callable[[str, int], dict[str, Any]]
    metadata: MetaData
    prepare: Callable[[Database], Awaitable[object]]
    events: int


BARE = Case(
    Consumer(CUSTOMER_EVENTS, "t.t", handle),
    "t.t",
    lambda _key, number: {"number": number},
    metadata,
    lambda db: db.write(lambda tx: metadata.create_all(tx.conn)),
    100_000 if LONG else 10_000,
)
OURS = Case(
    CONSUMERS[0],
    "customers.customer.changed",
    lambda key, number: {"customer_id": key, "by": "u", "via": "form", "version": number, "fields": ["first_name"]},
    logging_metadata,
    lambda db: migrate(db, SERVICE.migrations),
    100_000 if LONG else 5_000,
)


@dataclass
class Run:
    """One reading of all events to the end: `rate` is readable events a second."""

    rate: float
    db: Database
    loop: ConsumerLoop
    bus: Bus

    async def close(self) -> None:
        """Close what it stands on."""
        await self.db.close()
        await self.bus.close()


async def consume(case: Case, folder: Path, *, poisoned: bool) -> Run:
    """Events on a tenth as many keys, every hundredth unreadable if `poisoned`."""
    folder.mkdir()
    bus = open_bus(bus_url(folder))
    db = open_database(new_database() if on_real_engines() else f"sqlite:///{folder / 'a.sqlite'}", case.metadata)
    await bus.start()
    await db.start()
    await case.prepare(db)
    producer = await bus.producer("t")
    for start in range(0, case.events, 1_000):
        await producer.append([_record(case, start + at, poisoned) for at in range(1_000)])
    await producer.close()
    loop = ConsumerLoop(case.consumer, db, bus)
    began = time.perf_counter()
    while await loop.once():
        pass
    readable = case.events - (case.events // 100 if poisoned else 0)
    return Run(readable / (time.perf_counter() - began), db, loop, bus)


def _record(case: Case, number: int, poisoned: bool) -> NewRecord:
    poison = poisoned and number % 100 == 50
    key = f"poison-{number}" if poison else f"k{number % (case.events // 10)}"
    data = orjson.dumps({} if poison else case.fact(key, number))
    happened = BEGAN + timedelta(seconds=number)
    return NewRecord(CUSTOMER_EVENTS, key, seal(source="t", type_=case.type, subject="s", data=data, time=happened))


async def rates(case: Case, folder: Path) -> tuple[float, float, Run]:
    """The best of alternating rounds without and with poison, and the last of these, still open."""
    clean = rate = 0.0
    for number in range(ROUNDS):
        run = await consume(case, folder / f"clean {number}", poisoned=False)
        await run.close()
        clean = max(clean, run.rate)
        run = await consume(case, folder / f"poisoned {number}", poisoned=True)
        rate = max(rate, run.rate)
        if number < ROUNDS - 1:
            await run.close()
    return clean, rate, run


async def test_one_percent_of_poison_leaves_the_timelines_of_the_others_whole_and_their_rate(tmp_path: Path) -> None:
    """R7, logging's consumer of customers' facts."""
    clean, rate, run = await rates(OURS, tmp_path)
    parked = select(func.count()).select_from(SERVICE.metadata.tables["parked_messages"])
    assert await run.db.read(lambda conn: conn.execute(parked).scalar_one()) == OURS.events // 100
    links = select(entries.c.customer_ids, entries.c.occurred_at).order_by(entries.c.id)
    rows = await run.db.read(lambda conn: list(conn.execute(links)))
    assert len(rows) == OURS.events - OURS.events // 100
    _in_order((customers[0], at.timestamp()) for customers, at in rows)
    print(f"R7: {rate:,.0f}/s with 1% poison, {clean:,.0f}/s without: {rate / clean:.2f} × (logging)")
    assert rate / clean > BAR or not LONG  # the short form runs beside whatever else the machine does
    await run.close()


async def test_one_percent_of_poison_neither_blocks_nor_reorders_nor_is_lost(tmp_path: Path) -> None:
    """R7, a bare handler; what was parked is mended and handled."""
    clean, rate, run = await rates(BARE, tmp_path)
    parked = await run.db.read(lambda conn: conn.execute(select(tables.parked.c.id)).scalars().all())
    assert len(parked) == BARE.events // 100
    rows = await run.db.read(lambda conn: list(conn.execute(select(handled).order_by(handled.c.place))))
    assert len(rows) == BARE.events - BARE.events // 100
    _in_order((key, number) for _place, _id, key, number, _said in rows)
    mended = seal(source="t", type_="t.t", subject="s", data=b'{"number": -1}', time=BEGAN, event_id="mended")
    await run.db.write(
        lambda tx: tx.conn.execute(update(tables.parked).values(value=mended)) and ask_replay(tx, parked[0])
    )
    await run.loop.once()
    again = select(func.count()).where(handled.c.number == -1)
    assert await run.db.read(lambda conn: conn.execute(again).scalar_one()) == 1
    print(f"R7: {rate:,.0f}/s with 1% poison, {clean:,.0f}/s without: {rate / clean:.2f} × (a handler of 10 µs)")
    await run.close()


def _in_order(said: Iterable[tuple[str, float]]) -> None:
    last: dict[str, float] = {}
    for key, number in said:
        assert last.get(key, -1) < number, "the order of a key must hold"
        last[key] = number
