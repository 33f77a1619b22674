"""The embedded bus: a durable partitioned log in one SQLite file, for several processes of one machine.

It owns that file and the threads that work on it. It keeps no reader's position, and no server runs.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import count
from pathlib import Path

from rapport_chassis.bus.embedded_file import BusFileUnusable, Catalog, open_file, sqlite_errors
from rapport_chassis.bus.embedded_reader import ReaderThreads, read_fairly, read_logs
from rapport_chassis.bus.embedded_tails import Tails
from rapport_chassis.bus.embedded_upkeep import Maintained, checkpoint, compact, expire
from rapport_chassis.bus.embedded_writer import Append, WriterThread
from rapport_chassis.bus.port import MOST_BYTES, IncarnationChanged, NewRecord, TopicPartition
from rapport_chassis.clock import Clock, SystemClock, to_micros
from rapport_chassis.db import EngineUnavailable, gather_result
from rapport_chassis.sqlite_watch import watch
from rapport_contracts.envelope import Message
from rapport_contracts.topics import ALL, Kind, Topic

__all__ = ["BusFileUnusable", "EmbeddedBus", "EmbeddedProducer", "Maintained"]

_CATCH_UP = timedelta(hours=1)
_QUIET_SECONDS = 0.4


class EmbeddedProducer:
    """A named writer with the epoch it was opened with; the file refuses it once a newer one was opened."""

    def __init__(self, name: str, epoch: int, catalog: Catalog, writer: WriterThread) -> None:
        self._name = name
        self._epoch = epoch
        self._logs = catalog.logs
        self._writer = writer
        self._closed = False

    async def append(self, records: Sequence[NewRecord]) -> None:
        """Append all or none, in the order given; durable when it returns.

        Raises `ProducerFenced`; `EngineUnavailable` when closed, busy for ten seconds, or the disk refuses. A caller
        that is cancelled while it waits does not know whether the records were appended, but all were or none.
        """
        if self._closed:
            raise EngineUnavailable(f"the producer {self._name} is closed")
        if not records:
            return
        logs = self._logs
        rows = [
            (logs[TopicPartition(new.topic.name, new.topic.partition_of(new.key))], new.key, new.value)
            for new in records
        ]
        await gather_result(self._writer.append(Append(self._name, self._epoch, rows)))

    async def close(self) -> None:
        """Refuse further appends; the name stays usable."""
        self._closed = True


class Everything:
    """The membership of the only worker there is."""

    turn = 0

    def __init__(self, topic: Topic) -> None:
        self.owned = frozenset(range(topic.partitions))

    async def close(self) -> None:
        """Nobody is there to take over."""


class EmbeddedBus:
    """The port `Bus` on one SQLite file. `compact_after`: the least new records of a partition worth compacting."""

    rest_fold = 1

    def __init__(
        self,
        path: Path,
        clock: Clock | None = None,
        *,
        topics: Sequence[Topic] = ALL,
        readers: int = 2,
        compact_after: int = 1_000,
    ) -> None:
        self._path = path
        self._clock = clock or SystemClock()
        self._topics = topics
        self._reader_count = readers
        self._compact_after = compact_after
        self._turns = count()
        self._tails = Tails()
        self._threads = contextlib.ExitStack()

    async def start(self) -> None:
        """Open the file and its threads, creating file and topics that are missing.

        Raises `BusFileUnusable` for a file that is foreign, damaged, or from a newer version.
        """
        self._catalog = await asyncio.to_thread(open_file, self._path, self._topics)
        self._tails = Tails()
        self._started = self._clock.now()
        with sqlite_errors(self._path), contextlib.ExitStack() as opened:
            self._readers = ReaderThreads(self._path, self._reader_count)
            opened.callback(self._readers.close)
            self._writer = WriterThread(self._path, self._tails, self._clock)
            opened.callback(self._writer.close)
            opened.callback(watch(self._path, self._grown))
            await self._logs()
            self._threads = opened.pop_all()

    async def close(self) -> None:
        """Finish appends and reads that wait; wake waiting readers with nothing; fail what comes later."""
        self._tails.close()
        await asyncio.to_thread(self._threads.close)

    async def producer(self, name: str) -> EmbeddedProducer:
        """Open the producer `name`, fencing an older one of the same name, in whichever process it is."""
        epoch = await gather_result(
            self._writer.run(
                lambda conn: conn.execute(
                    "INSERT INTO producers VALUES (?, 1) ON CONFLICT DO UPDATE SET epoch = epoch + 1 RETURNING epoch",
                    (name,),
                ).fetchone()[0]
            )
        )
        return EmbeddedProducer(name, epoch, self._catalog, self._writer)

    async def join(self, topic: Topic, group: str) -> Everything:  # noqa: ARG002  the port's names
        """Own every partition: one worker has the file's data folder to itself."""
        return Everything(topic)

    async def incarnation(self, topic: Topic) -> str:
        """An id made with the topic: the same after a reopening, another one in another file."""
        return self._catalog.incarnations[topic.name]

    async def ends(self, topic: Topic) -> dict[int, int]:
        """The offset the next record will get, by partition."""
        ends = {log: end for log, _, end in await self._logs()}
        return {partition: ends[log] for partition, log in self._catalog.partitions(topic.name).items()}

    async def starts(self, topic: Topic) -> dict[int, int]:
        """The first offset that is still kept, by partition."""
        starts = {log: start for log, start, _ in await self._logs()}
        return {partition: starts[log] for partition, log in self._catalog.partitions(topic.name).items()}

    async def read(
        self, positions: Mapping[TopicPartition, int], limit: int, most_bytes: int = MOST_BYTES
    ) -> list[Message]:
        """Up to `limit` records at or after the positions, fairly over the partitions, in offset order within each.

        Raises `IncarnationChanged` for a position after the end.
        """
        places = {self._catalog.logs[place]: place for place in positions}
        wanted = {log: positions[place] for log, place in places.items()}
        turn = next(self._turns)
        found = await gather_result(self._readers.run(lambda conn: read_fairly(conn, wanted, limit, most_bytes, turn)))
        self._tails.observe(found.logs)
        if self._tails.beyond(wanted):
            raise _beyond(positions)
        return [
            Message(places[log].topic, places[log].partition, offset, key, value)
            for log, offset, key, value in found.records
        ]

    async def past_holes(self, positions: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
        """The same positions: this log ends with a record."""
        return dict(positions)

    async def wait(self, positions: Mapping[TopicPartition, int], timeout: float) -> bool:
        """Wait until there is something at or after a position, at most `timeout` seconds; whether there is.

        Raises `IncarnationChanged` for a position after the end.
        """
        wanted = {self._catalog.logs[place]: position for place, position in positions.items()}
        if self._tails.beyond(wanted):
            await self._logs()
            if self._tails.beyond(wanted):
                raise _beyond(positions)
        return await self._tails.wait(wanted, timeout)

    async def lull(self, timeout: float) -> None:
        """Wait, at most `timeout` seconds, until no process has appended in bulk for 0.4 s."""
        until = time.monotonic() + timeout
        while self._tails.in_bulk(_QUIET_SECONDS) and time.monotonic() < until:
            await asyncio.sleep(_QUIET_SECONDS / 10)

    async def maintain(self) -> Maintained:
        """Compact state topics, cut what is older than `retention_days` from the others, and shorten the WAL.

        To be called now and then, by one process; appends go on in between. Nothing is cut in the first hour after
        `start`: a machine that was off for weeks has old facts its consumers have not read. Returns what was removed.
        """
        return await asyncio.to_thread(self._maintain)

    def _maintain(self) -> Maintained:
        now = self._clock.now()
        rested = now - self._started >= _CATCH_UP
        compacted = expired = 0
        for topic in self._topics:
            for log in self._catalog.partitions(topic.name).values():
                if topic.kind is Kind.STATE:
                    compacted += compact(log, self._compact_after, self._readers, self._writer)
                elif topic.retention_days is not None and rested:
                    before = to_micros(now - timedelta(days=topic.retention_days))
                    expired += expire(log, before, self._readers, self._writer)
        self._tails.observe(self._readers.run(read_logs).result())
        self._writer.run(checkpoint, in_transaction=False).result()
        return Maintained(compacted, expired)

    def _grown(self, connection: sqlite3.Connection) -> bool:
        return self._tails.observe(read_logs(connection))

    async def _logs(self) -> list[tuple[int, int, int]]:
        """(log id, start, next) of every log, fresh from the file."""
        logs = await gather_result(self._readers.run(read_logs))
        self._tails.observe(logs)
        return logs


def _beyond(positions: Mapping[TopicPartition, int]) -> IncarnationChanged:
    topics = ", ".join(sorted({place.topic for place in positions}))
    return IncarnationChanged(f"{topics}: a position lies after the end of the log: it was taken on another log")
