"""Who publishes or follows rests by what it worked: under load it takes more at once, and costs less (ADR 0167, 0175)."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Sequence

import pytest
from sqlalchemy import column, insert, table

from rapport_chassis.bus.port import NewRecord
from rapport_chassis.consumer import Consumer, ConsumerLoop
from rapport_chassis.db import Tx
from rapport_contracts import topics
from rapport_contracts.envelope import Message
from rapport_testkit.service import Standing

NOTES = table("notes", column("id"), column("text"), column("version"))
WORK = 0.1
RESTED = 0.09  # a timer may come a little early
LONG = 0.3
LONG_RESTED = 0.24
RELAY_RESTED = 0.18  # its longest rest is shorter than a consumer's


@pytest.fixture(autouse=True)
def _costly_rounds(it: Standing, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Kafka, whatever the run is on."""
    monkeypatch.setattr(it.runtime.bus, "rest_fold", 16)


@contextlib.asynccontextmanager
async def beside(work: Awaitable[None]) -> AsyncIterator[None]:
    task = asyncio.ensure_future(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


class Rounds:
    """When each round of work began and ended, and how many it took."""

    def __init__(self) -> None:
        self.of: list[tuple[float, float, int]] = []

    def handle(self, _tx: Tx, messages: Sequence[Message]) -> None:
        began = time.monotonic()
        time.sleep(WORK)
        self.of.append((began, time.monotonic(), len(messages)))

    async def until(self, rounds: int) -> None:
        async with asyncio.timeout(30):
            while len(self.of) < rounds:
                await asyncio.sleep(0.01)

    @property
    def pauses(self) -> list[float]:
        return [after[0] - before[1] for before, after in zip(self.of, self.of[1:], strict=False)]


async def states_published(it: Standing, monkeypatch: pytest.MonkeyPatch) -> Rounds:
    """The rounds of the relay in which it published states, which take their time."""
    rounds = Rounds()
    producer = await it.relay._opened()
    append = producer.append

    async def slowly(records: Sequence[NewRecord]) -> None:
        began = time.monotonic()
        await append(records)
        await asyncio.sleep(WORK)
        if records[0].topic is topics.TAGS:
            rounds.of.append((began, time.monotonic(), len(records)))

    monkeypatch.setattr(producer, "append", slowly)
    return rounds


@pytest.mark.parametrize("rest", [0, LONG])
async def test_a_consumer_rests_longer_than_it_worked_and_then_takes_all_that_came(it: Standing, rest: float) -> None:
    rounds = Rounds()
    consumer = Consumer(topics.CUSTOMER_EVENTS, "resting", rounds.handle, rest=rest)
    await it.publish(topics.CUSTOMER_EVENTS, "a", {}, type_="fact")
    async with beside(ConsumerLoop(consumer, it.runtime.db, it.runtime.bus).run()):
        for _ in range(4):
            await rounds.until(len(rounds.of) + 1)
            await it.publish(topics.CUSTOMER_EVENTS, "a", {}, type_="fact")
            await it.publish(topics.CUSTOMER_EVENTS, "b", {}, type_="fact")
        await rounds.until(5)
    assert (min(rounds.pauses) >= LONG_RESTED) is bool(rest)
    assert sum(many for _, _, many in rounds.of) >= 5
    assert not rest or max(many for _, _, many in rounds.of) > 1


async def test_a_consumer_with_more_to_take_than_it_could_goes_on_at_once(it: Standing) -> None:
    rounds = Rounds()
    for key in "abcdef":
        await it.publish(topics.CUSTOMER_EVENTS, key, {}, type_="fact")
    consumer = Consumer(topics.CUSTOMER_EVENTS, "full", rounds.handle, batch=1, rest=WORK)
    async with beside(ConsumerLoop(consumer, it.runtime.db, it.runtime.bus).run()):
        await rounds.until(6)
    assert min(rounds.pauses) < RESTED


async def test_a_consumer_whose_read_ended_because_it_was_large_goes_on_at_once(it: Standing) -> None:
    rounds = Rounds()
    for _ in range(6):
        await it.publish(topics.CUSTOMER_EVENTS, "a", {"text": "x" * 10_000}, type_="fact")
    consumer = Consumer(topics.CUSTOMER_EVENTS, "large", rounds.handle, rest=LONG, most_bytes=20_000)
    async with beside(ConsumerLoop(consumer, it.runtime.db, it.runtime.bus).run()):
        await rounds.until(3)
    assert [many for _, _, many in rounds.of] == [2, 2, 2]
    assert max(rounds.pauses) < LONG_RESTED


async def test_a_relay_publishes_a_lone_change_at_once_and_what_comes_meanwhile_together(
    it: Standing, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds = await states_published(it, monkeypatch)
    async with beside(it.relay.run()):
        await it.client().post("/notes", json={"id": "alone", "text": "x"})
        await rounds.until(1)
        for number in range(12):
            await it.client().post("/notes", json={"id": f"n{number}", "text": "x"})
            await asyncio.sleep(WORK / 4)
        async with asyncio.timeout(30):
            while sum(many for _, _, many in rounds.of) < 13:
                await asyncio.sleep(0.01)
    assert RESTED <= min(rounds.pauses) < RELAY_RESTED
    assert len(rounds.of) < 13


@pytest.mark.parametrize("many", [False, True])
async def test_a_relay_rests_longer_after_many_changes_than_after_an_imports_few(
    it: Standing, monkeypatch: pytest.MonkeyPatch, many: bool
) -> None:
    rounds = await states_published(it, monkeypatch)

    def change(tx: Tx, first: int) -> None:
        keys = [(f"n{number}", 1) for number in range(first, first + 30)]
        for key, _ in keys:
            tx.conn.execute(insert(NOTES), {"id": key, "text": "x", "version": 1})
        for some in [[key] for key in keys] if many else [keys]:
            tx.publish_state(topics.TAGS, some)

    await it.runtime.db.write(change, 0)
    async with beside(it.relay.run()):
        for turn in range(1, 5):
            await rounds.until(turn)
            await it.runtime.db.write(change, turn * 100)
        await rounds.until(5)
    assert [taken for _, _, taken in rounds.of] == [30] * 5
    assert (min(rounds.pauses) >= RELAY_RESTED) is many
