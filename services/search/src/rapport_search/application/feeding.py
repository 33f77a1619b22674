"""Feeding indexes: each physical index follows customers.customer.v1 with a position of its own (Q8).

The worker is the only writer. An index is committed before its position: after a kill in between, redelivery finds the versions
there and changes nothing. An index that is missing, torn, of an older schema or of another log is replaced and filled anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from rapport_chassis.bus.port import IncarnationChanged
from rapport_chassis.consumer import Consumer, ConsumerLoop
from rapport_chassis.db import EngineUnavailable, Tx
from rapport_chassis.ids import new_id
from rapport_chassis.service import Runtime
from rapport_contracts.envelope import Message
from rapport_contracts.topics import CUSTOMERS
from rapport_search.application.changes import change_of
from rapport_search.application.ports import Change, SearchEngine, Writing
from rapport_search.application.sweeping import Sweeper
from rapport_search.store import indexes, installation

BATCH: Final = 8_000
_PAUSE_SECONDS: Final = 0.05  # from a change of the record of indexes to the next look at it
_LOOK_SECONDS: Final = 0.5
_AWAY_SECONDS: Final = 1.0
_WATCH_SECONDS: Final = 3.0
_log = logging.getLogger(__name__)


def new_index_name() -> str:
    """A name for a physical index."""
    return f"customers-{new_id()}"


async def ensure_first(runtime: Runtime, engine: SearchEngine) -> None:
    """Claim the engine and make the first index of an installation; harmless when there is one, and in several processes at once.

    Raises `EngineUnfit`, `EngineUnavailable`.
    """
    await engine.claim(await runtime.db.write(installation.ensured))
    if await runtime.db.read(indexes.serving) is None:
        name = new_index_name()
        if await runtime.db.write(indexes.first_serving, name) == name:
            await engine.create(name)


@dataclass(slots=True)
class Taken:
    """What became of a batch: the last record of each partition, and the messages that are no customers, each with the reason."""

    last: dict[int, Message] = field(default_factory=dict)
    unfit: dict[Message, Exception] = field(default_factory=dict)

    @property
    def newest(self) -> datetime | None:
        """The time of the newest record: a partition's records are in the order of their times."""
        return max((message.time for message in self.last.values()), default=None)


class Feeder:
    """One index and the loop that feeds it."""

    def __init__(self, runtime: Runtime, name: str, index: Writing) -> None:
        self.name = name
        self.index = index
        consumer = Consumer(
            CUSTOMERS,
            indexes.group_of(name),
            self._record,
            self._take,
            batch=BATCH,
            patience=index.patience,
            rest=index.rest,
        )
        self.loop = ConsumerLoop(consumer, runtime.db, runtime.bus, runtime.metrics)

    async def _take(self, messages: Sequence[Message]) -> Taken:
        """Index a batch, durable when it returns; what is no customer is left out and blamed in `_record`."""
        taken = Taken()
        await self.index.index(_changes(messages, taken))
        return taken

    def _record(self, tx: Tx, messages: Sequence[Message], taken: Taken) -> None:
        for message in messages if taken.unfit else ():
            if message in taken.unfit:
                _ = message.envelope  # looked into last: the first suspect
                raise taken.unfit[message]
        if newest := taken.newest:
            indexes.reach(tx, self.name, newest)


def _changes(messages: Sequence[Message], taken: Taken) -> Iterator[Change]:
    """The changes that the messages say, made as they are asked for; `taken` is complete at the end."""
    for message in messages:
        try:
            change = change_of(message)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            taken.unfit[message] = error
        else:
            taken.last[message.partition] = message
            yield change


class _Lost(Exception):  # noqa: N818
    """An index that was being fed is gone."""


class Feeding:
    """Keeps a feeder on every index that fills or serves, replaces broken ones, and clears away retired ones."""

    def __init__(self, runtime: Runtime, engine: SearchEngine) -> None:
        self._runtime = runtime
        self._engine = engine
        self._feeders: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """For ever; on cancellation every index is let go."""
        try:
            await ensure_first(self._runtime, self._engine)
            await self._clear_orphans()
            while True:
                seen = self._runtime.db.changed.count
                await self.look()
                await self._runtime.db.changed.wait(seen, _LOOK_SECONDS)
                await asyncio.sleep(_PAUSE_SECONDS)
        finally:
            await self._stop(list(self._feeders))

    async def _clear_orphans(self) -> None:
        """Remove indexes without a record: a kill left them when another was about to be replaced."""
        present = await self._engine.names()
        known = await self._runtime.db.read(indexes.known)
        for name in set(present) - known:
            await self._engine.drop(name)

    async def look(self) -> None:
        """Bring the feeders in line with the record of indexes."""
        db = self._runtime.db
        rows, idle, gone = await db.read(indexes.to_do, db.tables, self._runtime.clock.now() - indexes.GRACE)
        wanted = {row.name for row in rows}
        await self._stop([name for name in self._feeders if name not in wanted or self._feeders[name].done()])
        if idle:
            await db.write(indexes.forget_consumers, idle)
        for row in rows:
            if row.name not in self._feeders:
                self._feeders[row.name] = asyncio.create_task(self._feed(row), name=f"feed-{row.name}")
        if any(row.state == indexes.FILLING for row in rows):
            await db.write(indexes.retire_abandoned)
        for name in gone:
            await self._engine.drop(name)
            await db.write(indexes.forget, name)

    async def _feed(self, row: indexes.IndexRow) -> None:
        """Feed one index until cancelled. Whatever fails is tried again: `look` finds that this has ended."""
        try:
            if await self._usable(row.name):
                await self._follow(row)
            else:
                await self._replace(row, "it is missing, torn or of an older schema")
        except IncarnationChanged as changed:
            await self._replace(row, str(changed))
        except _Lost:
            await self._replace(row, "it went away while it was fed")
        except EngineUnavailable as away:
            _log.warning("an index waits for its engine", extra={"index": row.name, "reason": str(away)})
            await asyncio.sleep(_AWAY_SECONDS)
        except Exception:  # noqa: BLE001  whatever it is, the index is fed again
            _log.exception("feeding an index failed and starts again", extra={"index": row.name})
            await asyncio.sleep(_LOOK_SECONDS)

    async def _follow(self, row: indexes.IndexRow) -> None:
        index = await self._engine.write(row.name)
        feeder = Feeder(self._runtime, row.name, index)
        sweeping = asyncio.create_task(Sweeper(self._runtime, row.name, index).run(), name=f"sweep-{row.name}")
        try:
            await self._same_log(row)
            await self._until_lost(feeder)
        finally:
            sweeping.cancel()
            await index.close()

    async def _until_lost(self, feeder: Feeder) -> None:
        tasks = [asyncio.create_task(self._run(feeder)), asyncio.create_task(self._watch(feeder.name))]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _watch(self, name: str) -> None:
        """Raises `_Lost` when the index is there no more: its writer would wait for it for ever."""
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            with contextlib.suppress(EngineUnavailable):
                if not await self._engine.usable(name):
                    raise _Lost

    async def _run(self, feeder: Feeder) -> None:
        """After a run of failures the loop has said so and set its alarm: nothing is fed until a person looks."""
        await feeder.loop.run()
        if feeder.loop.stopped:
            await asyncio.Event().wait()

    async def _usable(self, name: str) -> bool:
        begun = await self._runtime.db.read(indexes.positions, self._runtime.db.tables, name)
        if not begun and name not in await self._engine.names():
            await self._engine.create(name)  # its record was made, and then the process was killed
        return await self._engine.usable(name)

    async def _same_log(self, row: indexes.IndexRow) -> None:
        known = await self._runtime.db.read(indexes.incarnations, self._runtime.db.tables, row.name)
        if known - {await self._runtime.bus.incarnation(CUSTOMERS)}:
            raise IncarnationChanged("the topic's log was made anew")

    async def _replace(self, row: indexes.IndexRow, reason: str) -> None:
        """Another index takes over from the start of the topic; it serves at once, as far as it is."""
        _log.warning("an index is built anew", extra={"index": row.name, "reason": reason})
        name = new_index_name()
        await self._engine.create(name)
        replaced = indexes.replace_serving if row.state == indexes.SERVING else indexes.replace_filling
        if not await self._runtime.db.write(replaced, row.name, name):
            await self._engine.drop(name)

    async def _stop(self, names: Sequence[str]) -> None:
        stopping = [self._feeders.pop(name) for name in names]
        for task in stopping:
            task.cancel()
        if stopping:
            await asyncio.wait(stopping)
