"""Readers of Kafka: each streams some partitions from where its caller is, ahead of it while the caller works."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from itertools import count

from aiokafka import AIOKafkaConsumer, errors
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.structs import ConsumerRecord

from rapport_chassis.bus.kafka_clients import begun, ended
from rapport_chassis.bus.kafka_cluster import (
    EARLIEST,
    LATEST,
    PATIENCE_SECONDS,
    REQUEST_SECONDS,
    Cluster,
    kafka_errors,
)
from rapport_chassis.bus.kafka_settings import KafkaSettings
from rapport_chassis.bus.port import IncarnationChanged, TopicPartition, up_to
from rapport_chassis.db import EngineUnavailable

_PARTITION_BYTES = 1 << 20
_FETCH_BYTES = 8 << 20
_UNTIL_TAKEN = 3600.0  # seconds
_SLICE_SECONDS = 0.05  # so long it may overlook that only markers were left to read
_REST_SECONDS = 0.5  # so long a wait may overlook that the bus closed

Positions = Mapping[TopicPartition, int]


class Reader:
    """Streams a set of partitions. `at` is where its caller is; what was fetched after that waits here.

    Back-pressure is that nothing asks: a partition whose fetched records were not taken is not fetched again.
    """

    def __init__(self, settings: KafkaSettings, cluster: Cluster, positions: Positions) -> None:
        self.at = dict(positions)
        self.used = time.monotonic()
        self._settings = settings
        self._cluster = cluster
        self._places = {KafkaPartition(place.topic, place.partition): place for place in positions}
        self._stash: list[ConsumerRecord] = []
        self._turns = count()
        self._waited_long = True  # what was fetched may have, for its caller; then more may have come than was fetched
        self.closed = False

    async def start(self) -> None:
        """Connect and begin to fetch. Raises `EngineUnavailable`."""
        self._consumer = AIOKafkaConsumer(
            **self._settings.connection,
            isolation_level="read_committed",
            auto_offset_reset="none",
            enable_auto_commit=False,
            max_partition_fetch_bytes=_PARTITION_BYTES,
            fetch_max_bytes=_FETCH_BYTES,
            request_timeout_ms=int(REQUEST_SECONDS * 1_000),
        )
        with kafka_errors("open a reader"):
            async with asyncio.timeout(PATIENCE_SECONDS):
                await begun(self._consumer, self._settings.connection)
        self._consumer._fetcher._prefetch_backoff = _UNTIL_TAKEN  # noqa: SLF001  there is no setting for it (ADR 0171)
        self._consumer.assign(list(self._places))
        for partition, place in self._places.items():
            self._consumer.seek(partition, self.at[place])

    async def close(self) -> None:
        """Stop fetching; whoever waits gets nothing."""
        if not self.closed:
            self.closed = True
            await ended(self._consumer)

    async def read(self, limit: int, most_bytes: int) -> list[ConsumerRecord]:
        """Up to `limit` records, fairly over the partitions; [] only when a reader of committed records is at the end.

        They end with the one that makes their values `most_bytes` or more.
        """
        one_more = limit + 1  # so that what is taken to its end shows, and what follows it is fetched meanwhile
        records = await self._take(one_more, most_bytes)
        if len(records) < limit and (self._waited_long or not records):
            ends = await self._ends()
            while len(records) < limit and _bytes(records) < most_bytes and await self._fetched(ends):
                records += await self._take(one_more - len(records), most_bytes)
        some = len(up_to(most_bytes, records[:limit], _size))
        records, self._stash = records[:some], records[some:] + self._stash
        self._waited_long = True
        for record in records:
            self.at[self._places[KafkaPartition(record.topic, record.partition)]] = record.offset + 1
        return records

    async def wait(self, seconds: float) -> bool:
        """Wait until `read` would bring something, at most so long."""
        deadline = time.monotonic() + seconds
        if await self._fetch(0):
            return True
        self._waited_long = False
        if await self._fetched(await self._ends()):
            return True
        while not self.closed and (left := deadline - time.monotonic()) > 0:
            if await self._fetch(min(left, _REST_SECONDS)):
                return True
        return False

    async def past_holes(self) -> dict[TopicPartition, int]:
        """Where its caller may go on instead: after what was passed since, none of it a record. It is there from now on."""
        self.at = await self._reached()
        return dict(self.at)

    async def _reached(self) -> dict[TopicPartition, int]:
        """Where each partition is: at its caller, or after markers that were passed since with nothing between."""
        waiting = {KafkaPartition(record.topic, record.partition) for record in self._stash}
        return {
            place: self.at[place] if partition in waiting else await self._consumer.position(partition)
            for partition, place in self._places.items()
        }

    async def _ends(self) -> dict[TopicPartition, int]:
        ends = await self._cluster.offsets(self.at, LATEST)
        for place, at in self.at.items():
            if at > ends[place]:
                raise _beyond(place, at, ends[place])
        return ends

    async def _fetched(self, ends: Positions) -> bool:
        """Fetch what there is up to `ends`: whether it was a record (markers, aborted and compacted ones are not)."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._stash and not self.closed:
            if all(at >= ends[place] for place, at in (await self._reached()).items()):
                return False
            if time.monotonic() > deadline:
                raise EngineUnavailable(f"Kafka: nothing comes of {', '.join(sorted(at.topic for at in self.at))}")
            await self._fetch(_SLICE_SECONDS)
        return bool(self._stash)

    async def _fetch(self, seconds: float) -> bool:
        """Have one record at hand, or wait so long; whether there is one."""
        if not self._stash:
            try:
                found = await self._consumer.getmany(timeout_ms=int(seconds * 1_000), max_records=1)
            except errors.OffsetOutOfRangeError as error:
                await self._after_retention(error)
            except errors.ConsumerStoppedError:
                return False
            else:
                self._stash = [record for records in found.values() for record in records]
        return bool(self._stash)

    async def _after_retention(self, error: errors.OffsetOutOfRangeError) -> None:
        """A position before the start goes on there; one after the end belongs to another log."""
        places = [self._places[partition] for partition in error.args[0]]
        starts = await self._cluster.offsets(places, EARLIEST)
        for partition, offset in error.args[0].items():
            place = self._places[partition]
            if offset > starts[place]:
                raise _beyond(place, offset, starts[place])
            self._consumer.seek(partition, starts[place])

    async def _take(self, limit: int, most_bytes: int) -> list[ConsumerRecord]:
        """What was fetched already, in equal shares; what short partitions leave goes to the longer ones.

        When what waits here is large enough nothing is taken from there, so that no more is fetched.
        """
        first = next(self._turns) % len(self._places)
        fetched = self._consumer._fetcher._records  # noqa: SLF001  to ask all would be most of the work
        asking = [place for place in (*[*self._places][first:], *[*self._places][:first]) if place in fetched]
        taken, self._stash = self._stash[:limit], self._stash[limit:]
        while asking and len(taken) < limit and _bytes(taken) < most_bytes:
            share = max(1, (limit - len(taken)) // len(asking))
            longer = []
            for partition in asking:
                if wanted := min(share, limit - len(taken)):
                    found = await self._take_of(partition, wanted)
                    taken += found
                    if len(found) == wanted:
                        longer.append(partition)
            asking = longer
        return taken

    async def _take_of(self, partition: KafkaPartition, share: int) -> Sequence[ConsumerRecord]:
        try:
            found = await self._consumer.getmany(partition, timeout_ms=0, max_records=share)
        except errors.OffsetOutOfRangeError as error:
            await self._after_retention(error)
            return []
        records: list[ConsumerRecord] = found.get(partition, [])
        return records


def _size(record: ConsumerRecord) -> int:
    return len(record.value)


def _bytes(records: Sequence[ConsumerRecord]) -> int:
    return sum(_size(one) for one in records)


def _beyond(place: TopicPartition, at: int, end: int) -> IncarnationChanged:
    return IncarnationChanged(
        f"{place.topic}: the position {at} of partition {place.partition} lies after the end of the log ({end}): "
        "it was taken on another log"
    )
