"""The bus on Apache Kafka: the port's words in Kafka's: transactions of a named producer, committed records, topic ids.

It keeps no reader's position: those are in the readers' databases, and every read says where it begins.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Mapping, Sequence

from rapport_chassis.bus.kafka_cluster import EARLIEST, LATEST, Cluster, kafka_errors
from rapport_chassis.bus.kafka_membership import KafkaMembership
from rapport_chassis.bus.kafka_producer import KafkaProducer
from rapport_chassis.bus.kafka_reader import Reader
from rapport_chassis.bus.kafka_settings import KafkaSettings
from rapport_chassis.bus.kafka_topics import check_topics
from rapport_chassis.bus.port import MOST_BYTES, TopicPartition
from rapport_chassis.db import EngineUnavailable
from rapport_contracts.envelope import Message
from rapport_contracts.topics import ALL, Topic

__all__ = ["KafkaBus"]

_IDLE_SECONDS = 60.0  # a reader that nobody used so long is closed
_LULL_SECONDS = 0.4
_LOOK_SECONDS = 10.0  # the mean of a longer time says little about now
_BULK = 1_000
_MOST_IDLE = 48  # each holds a connection and what it fetched


class KafkaBus:
    """The port `Bus` on a cluster whose topics exist (`rapport topics apply`)."""

    rest_fold = 16

    def __init__(self, settings: KafkaSettings, *, topics: Sequence[Topic] = ALL) -> None:
        self._settings = settings
        self._topics = topics
        self._cluster = Cluster(settings)
        self._idle: list[Reader] = []
        self._busy: set[Reader] = set()
        self._producers: list[KafkaProducer] = []
        self._memberships: list[KafkaMembership] = []
        self._open = False
        self._looked_at = 0.0
        self._looked_ends = 0

    async def start(self) -> None:
        """Connect and look at the topics. Raises `BusUnusable` for missing or differing ones, `EngineUnavailable`."""
        names = [self._name(topic.name) for topic in self._topics]
        await self._cluster.start(names)
        try:
            check_topics(self._topics, await self._cluster.topics(names), self._settings.prefix)
        except BaseException:
            await self._cluster.close()
            raise
        self._open = True

    async def close(self) -> None:
        """Close; readers that wait are woken and get nothing, what comes later fails."""
        if not self._open:
            return
        self._open = False
        readers = [one.close() for one in (*self._idle, *self._busy)]
        members = [one.close() for one in self._memberships]
        await asyncio.gather(*readers, *members, *[one.close() for one in self._producers])
        await self._cluster.close()

    async def producer(self, name: str) -> KafkaProducer:
        """Open the producer `name`, fencing an older one of the same name, wherever it is."""
        self._check_open()
        producer = KafkaProducer(name, self._settings, self._cluster)
        await producer.open()
        if not self._open:
            await producer.close()
        self._producers.append(producer)
        return producer

    async def join(self, topic: Topic, group: str) -> KafkaMembership:
        """Become one of the workers of `group`: Kafka divides the partitions among those it hears from."""
        self._check_open()
        membership = KafkaMembership(self._settings, self._name(topic.name), self._name(group))
        await membership.start()
        if not self._open:
            await membership.close()
        self._memberships.append(membership)
        return membership

    async def incarnation(self, topic: Topic) -> str:
        """The topic's id: another one when it is deleted and made again."""
        self._check_open()
        found = await self._cluster.topics([self._name(topic.name)])
        check_topics([topic], found, self._settings.prefix)
        return found[self._name(topic.name)].id.hex

    async def ends(self, topic: Topic) -> dict[int, int]:
        """The offset after the last record that readers see (or its transaction's marker), by partition."""
        return await self._offsets(topic, LATEST)

    async def starts(self, topic: Topic) -> dict[int, int]:
        """The first offset that is still kept, by partition."""
        return await self._offsets(topic, EARLIEST)

    async def read(
        self, positions: Mapping[TopicPartition, int], limit: int, most_bytes: int = MOST_BYTES
    ) -> list[Message]:
        """Up to `limit` records at or after the positions, fairly over the partitions, in offset order within each.

        Raises `IncarnationChanged` for a position after the end.
        """
        if not positions:
            return []
        async with self._reader(positions) as reader:
            records = await reader.read(limit, most_bytes)
        skip = len(self._settings.prefix)
        return [Message(one.topic[skip:], one.partition, one.offset, one.key.decode(), one.value) for one in records]

    async def past_holes(self, positions: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
        """The positions after the markers of transactions that a read of them passed."""
        if not positions:
            return {}
        async with self._reader(positions) as reader:
            past = await reader.past_holes()
        return {place: past[TopicPartition(self._name(place.topic), place.partition)] for place in positions}

    async def wait(self, positions: Mapping[TopicPartition, int], timeout: float) -> bool:
        """Wait until there is something at or after a position, at most `timeout` seconds; whether there is.

        Raises `IncarnationChanged` for a position after the end.
        """
        if not positions:
            await asyncio.sleep(timeout)
            return False
        try:
            async with self._reader(positions) as reader:
                return await reader.wait(timeout)
        except EngineUnavailable:
            if self._open:
                raise
            return False

    async def lull(self, timeout: float) -> None:
        """Where all share one machine wait, at most `timeout` seconds, until fewer than a thousand records come in 0.4 s."""
        until = time.monotonic() + timeout
        while self._settings.one_machine and await self._in_bulk() and time.monotonic() < until:
            await asyncio.sleep(_LULL_SECONDS)

    async def _in_bulk(self) -> bool:
        """Whether records came by thousands since somebody last asked; when that is too long ago, or too short, perhaps."""
        now, ends = time.monotonic(), await self._all_ends()
        passed, came = now - self._looked_at, ends - self._looked_ends
        if passed < _LULL_SECONDS:
            return True
        self._looked_at, self._looked_ends = now, ends
        return passed > _LOOK_SECONDS or came * _LULL_SECONDS > _BULK * passed

    async def _all_ends(self) -> int:
        """How many records were ever appended, of all topics."""
        places = [
            TopicPartition(self._name(one.name), number) for one in self._topics for number in range(one.partitions)
        ]
        return sum((await self._cluster.offsets(places, LATEST)).values())

    async def maintain(self) -> None:
        """Nothing: the brokers compact and expire by themselves."""

    def _name(self, topic: str) -> str:
        return f"{self._settings.prefix}{topic}"

    def _check_open(self) -> None:
        if not self._open:
            raise EngineUnavailable("the bus is closed")

    async def _offsets(self, topic: Topic, which: int) -> dict[int, int]:
        self._check_open()
        places = [TopicPartition(self._name(topic.name), number) for number in range(topic.partitions)]
        found = await self._cluster.offsets(places, which)
        return {place.partition: found[place] for place in places}

    @contextlib.asynccontextmanager
    async def _reader(self, positions: Mapping[TopicPartition, int]) -> AsyncIterator[Reader]:
        """The reader that is at these positions, or a new one: no two callers share one, so none moves another's."""
        self._check_open()
        wanted = {TopicPartition(self._name(place.topic), place.partition): at for place, at in positions.items()}
        reader = next((one for one in self._idle if one.at == wanted), None)
        if reader is None:
            reader = await self._new_reader(wanted)
        else:
            self._idle.remove(reader)
        self._busy.add(reader)
        try:
            with kafka_errors("read"):
                yield reader
        except BaseException:
            await reader.close()  # what it had fetched may be lost: the next one begins where the caller is
            raise
        finally:
            self._busy.discard(reader)
            if not reader.closed:
                reader.used = time.monotonic()
                self._idle.append(reader)

    async def _new_reader(self, wanted: Mapping[TopicPartition, int]) -> Reader:
        await self._close_forgotten()
        reader = Reader(self._settings, self._cluster, wanted)
        await reader.start()
        if not self._open:
            await reader.close()
        return reader

    async def _close_forgotten(self) -> None:
        """`_idle` is in the order of use."""
        while self._idle and (len(self._idle) > _MOST_IDLE or time.monotonic() - self._idle[0].used > _IDLE_SECONDS):
            await self._idle.pop(0).close()
