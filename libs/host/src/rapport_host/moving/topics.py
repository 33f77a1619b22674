"""Topics on Kafka: found empty (or this migration's own, and begun anew), filled from the embedded log, compared with it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

from rapport_chassis.bus.kafka_settings import KafkaSettings
from rapport_chassis.bus.kafka_topics import apply_topics, remove_topics
from rapport_chassis.bus.opening import open_bus
from rapport_chassis.bus.port import Bus, NewRecord, TopicPartition
from rapport_contracts.envelope import Message
from rapport_contracts.topics import ALL, Kind, Topic
from rapport_host.moving.digest import Compared, Digest
from rapport_host.settings import Misconfigured, Settings

_TOGETHER = 500
_PRODUCER = "migrate"
CARRIED: Sequence[Topic] = [topic for topic in ALL if topic.kind is not Kind.COMMAND]
"""State, and facts as far as the log keeps them. Commands were all carried out: nobody who comes later wants them."""


async def prepare_topics(settings: Settings, own: Mapping[str, str]) -> dict[str, str]:
    """Make the topics, empty; what those of the incarnations `own` hold is thrown away. The incarnations that they have now.

    Raises `Misconfigured` for topics that somebody else has filled.
    """
    kafka = KafkaSettings.from_url(settings.bus_url, settings.env)
    await apply_topics(kafka)
    filled = await _filled(settings)
    foreign = [topic.name for topic, incarnation in filled.items() if own.get(topic.name) != incarnation]
    if foreign:
        raise Misconfigured(
            f"Kafka's topics are not empty ({', '.join(foreign)}): move to topics of another prefix, or delete these"
        )
    if filled:
        await remove_topics(kafka, list(filled))
        await apply_topics(kafka)
    async with opened_bus(settings) as bus:
        return {topic.name: await bus.incarnation(topic) for topic in ALL}


async def _filled(settings: Settings) -> dict[Topic, str]:
    async with opened_bus(settings) as bus:
        return {
            topic: await bus.incarnation(topic) for topic in ALL if await bus.starts(topic) != await bus.ends(topic)
        }


async def copy_topics(source: Bus, target: Bus, say: Callable[[str], None]) -> None:
    """Append what goes along, in order and keyed as it was."""
    producer = await target.producer(_PRODUCER)
    for topic in CARRIED:
        count = 0
        async for messages in carried(source, topic):
            await producer.append([NewRecord(topic, one.key, one.raw) for one in messages])
            count += len(messages)
        say(f"copied {topic.name}: {count:,} records")
    await producer.close()


async def compare_topics(source: Bus, target: Bus) -> list[Compared]:
    """Every topic on both sides: the newest record of each key, or all facts."""
    return [Compared(topic.name, await _digest(source, topic), await _digest(target, topic)) for topic in CARRIED]


async def carried(bus: Bus, topic: Topic) -> AsyncIterator[list[Message]]:
    """The newest record of each key of a state topic, or all facts, in the order of the log, some at a time."""
    newest: dict[str, int] | None = None
    if topic.kind is Kind.STATE:
        newest = {one.key: one.offset async for messages in _records(bus, topic) for one in messages}
    async for messages in _records(bus, topic):
        yield messages if newest is None else [one for one in messages if newest[one.key] == one.offset]


async def _records(bus: Bus, topic: Topic) -> AsyncIterator[list[Message]]:
    at = {TopicPartition(topic.name, number): start for number, start in (await bus.starts(topic)).items()}
    while messages := await bus.read(at, _TOGETHER):
        yield messages
        at |= {TopicPartition(one.topic, one.partition): one.offset + 1 for one in messages}


async def _digest(bus: Bus, topic: Topic) -> Digest:
    found = Digest()
    async for messages in carried(bus, topic):
        for one in messages:
            found.add((one.key, one.raw))
    return found


@asynccontextmanager
async def opened_bus(settings: Settings) -> AsyncIterator[Bus]:
    """The bus of the settings, started, and closed at the end."""
    bus = open_bus(settings.bus_url, settings.env)
    await bus.start()
    try:
        yield bus
    finally:
        await bus.close()
