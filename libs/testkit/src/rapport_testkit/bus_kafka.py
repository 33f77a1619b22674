"""Kafka as the conformance suites reach it: topics of their own on the broker of this process."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from rapport_chassis.bus.kafka import KafkaBus
from rapport_chassis.bus.kafka_settings import KafkaSettings
from rapport_chassis.bus.kafka_topics import apply_topics, configuration, remove_topics
from rapport_chassis.bus.port import Bus
from rapport_contracts.topics import CUSTOMER_EVENTS, CUSTOMERS, DEFINITIONS, Kind, Topic
from rapport_testkit.bus_conformance import read_all

TOPICS = (CUSTOMERS, CUSTOMER_EVENTS, DEFINITIONS)
"""Those that the suites use: making the others takes longer than the tests."""

_numbers = itertools.count()
_SECONDS = 30.0
_NEVER_YET = {"segment.ms": "1", "min.compaction.lag.ms": str(1 << 40)}  # every append closes the segment before it


def open_kafka(address: str) -> Bus:
    """The bus at `address`, not started."""
    return KafkaBus(KafkaSettings.from_url(address), topics=TOPICS)


class KafkaUnderTest:
    """Topics of a prefix nobody else uses, on the broker at `url`."""

    opener = "rapport_testkit.bus_kafka:open_kafka"

    def __init__(self, url: str) -> None:
        self.address = f"{url}?prefix=test-{os.getpid()}-{next(_numbers)}."
        self.settings = KafkaSettings.from_url(self.address)

    async def make(self) -> None:
        """Make the topics."""
        await apply_topics(self.settings, TOPICS)
        await self.configure(_of(Kind.STATE), _NEVER_YET)

    def open(self) -> Bus:
        """A bus on these topics."""
        return open_kafka(self.address)

    async def compact(self, bus: Bus) -> None:
        """Let the cleaner at the state topics, and wait until no key of theirs is there twice."""
        await self._close_segments()
        await self.configure(
            _of(Kind.STATE), {"segment.ms": "1", "min.cleanable.dirty.ratio": "0.0", "min.compaction.lag.ms": "0"}
        )
        async with asyncio.timeout(_SECONDS):
            for topic in _of(Kind.STATE):
                while await _doubled(bus, topic):
                    await asyncio.sleep(0.02)
        await self.configure(_of(Kind.STATE), _NEVER_YET)

    async def expire(self, bus: Bus) -> None:
        """Let retention at the fact topics, and wait until they are empty."""
        await self.configure(_of(Kind.FACT), {"retention.ms": "1"})
        async with asyncio.timeout(_SECONDS):
            for topic in _of(Kind.FACT):
                while await bus.starts(topic) != await bus.ends(topic):
                    await asyncio.sleep(0.02)
        await self.configure(_of(Kind.FACT), {})

    async def recreate(self) -> None:
        """Delete the topics and make them again."""
        await self.remove()
        await self.make()

    async def remove(self) -> None:
        """Delete the topics, and wait until the broker knows them no more."""
        await remove_topics(self.settings, TOPICS)

    async def _close_segments(self) -> None:
        """The cleaner leaves the segment alone that is written to; what nobody ever reads begins a new one everywhere."""
        producer = AIOKafkaProducer(**self.settings.connection, transactional_id=f"{self.settings.prefix}segments")
        await producer.start()
        await producer.begin_transaction()
        for topic in _of(Kind.STATE):
            for partition in range(topic.partitions):
                await producer.send_and_wait(f"{self.settings.prefix}{topic.name}", b"", b"", partition)
        await producer.abort_transaction()
        await producer.stop()

    async def configure(self, topics: Sequence[Topic], more: Mapping[str, str]) -> None:
        """Give the topics their settings and `more`, and wait until the broker says so."""
        async with _admin(self.settings) as admin:
            await admin.alter_configs(
                [
                    ConfigResource(
                        ConfigResourceType.TOPIC,
                        f"{self.settings.prefix}{topic.name}",
                        configs=configuration(topic, 1) | dict(more),
                    )
                    for topic in topics
                ]
            )
        for topic in topics:
            while not more.items() <= (await self.configuration(topic)).items():
                await asyncio.sleep(0.02)

    async def configuration(self, topic: Topic) -> Mapping[str, str]:
        """All settings of a topic."""
        async with _admin(self.settings) as admin:
            resource = ConfigResource(ConfigResourceType.TOPIC, f"{self.settings.prefix}{topic.name}")
            (answer,) = await admin.describe_configs([resource])
        return {name: value for name, value, *_ in answer.resources[0][4]}


def _of(kind: Kind) -> Sequence[Topic]:
    return [topic for topic in TOPICS if topic.kind is kind]


async def _doubled(bus: Bus, topic: Topic) -> bool:
    keys = [(one.partition, one.key) for one in await read_all(bus, topic)]
    return len(keys) != len(set(keys))


@asynccontextmanager
async def _admin(settings: KafkaSettings) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(**settings.connection)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()
