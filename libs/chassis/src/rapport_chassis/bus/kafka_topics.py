"""The topics as they must be on Kafka: partitions, copies, what is kept; made and mended by `rapport topics apply`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager
from datetime import timedelta

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import for_code

from rapport_chassis.bus.kafka_cluster import REQUEST_SECONDS, Cluster, TopicFound, kafka_errors
from rapport_chassis.bus.kafka_settings import KafkaSettings
from rapport_chassis.bus.port import BusUnusable
from rapport_chassis.db import EngineUnavailable
from rapport_chassis.retention import BACKUP_WITHIN
from rapport_contracts.topics import ALL, Kind, Topic

LONGEST_RECORD = 16 << 20
"""Bytes of one batch of records, thus also of one record."""

_KNOWN_SECONDS = 30.0
_SET_FOR_THE_TOPIC = 1  # where a value of DescribeConfigs comes from: DYNAMIC_TOPIC_CONFIG


def configuration(topic: Topic, replicas: int) -> dict[str, str]:
    """The topic's settings by Kafka's names (“Topic Configs” of its documentation).

    State keeps the newest record of each key for ever, and what it superseded for as long as a backup may take; the others keep
    theirs `retention_days` by the cluster's clock. With three
    copies two must have a record before it is acknowledged.
    """
    kept = (
        {"cleanup.policy": "compact", "min.compaction.lag.ms": _millis(BACKUP_WITHIN)}
        if topic.kind is Kind.STATE or topic.retention_days is None
        else {
            "cleanup.policy": "delete",
            "retention.ms": _millis(timedelta(days=topic.retention_days)),
        }
    )
    return kept | {
        "message.timestamp.type": "LogAppendTime",
        "max.message.bytes": str(LONGEST_RECORD),
        "min.insync.replicas": str(min(2, max(1, replicas - 1))),
        "unclean.leader.election.enable": "false",
    }


def _millis(time: timedelta) -> str:
    return str(time // timedelta(milliseconds=1))


def check_topics(topics: Iterable[Topic], found: Mapping[str, TopicFound], prefix: str) -> None:
    """Raises `BusUnusable` for topics that are missing or have other partitions than they must."""
    missing = [topic.name for topic in topics if f"{prefix}{topic.name}" not in found]
    if missing:
        raise BusUnusable(f"Kafka has no topics {', '.join(missing)}: make them with “rapport topics apply”")
    for topic in topics:
        _check_partitions(topic, found[f"{prefix}{topic.name}"])


def _check_partitions(topic: Topic, found: TopicFound) -> None:
    if found.partitions != topic.partitions:
        raise BusUnusable(
            f"{topic.name} has {found.partitions} partitions on Kafka and must have {topic.partitions}: a key would move "
            "to another partition and lose its order; delete the topic, or use another prefix"
        )


async def apply_topics(settings: KafkaSettings, topics: Sequence[Topic] = ALL) -> list[str]:
    """Make what is missing and mend settings that differ; says what it did, a line each (none: all was as it must be).

    Raises `BusUnusable` for a topic with other partitions, before anything is changed; `EngineUnavailable`.
    """
    names = {topic: f"{settings.prefix}{topic.name}" for topic in topics}
    cluster = Cluster(settings)
    await cluster.start()
    try:
        found = await cluster.topics(names.values())
        there = [topic for topic in topics if names[topic] in found]
        for topic in there:
            _check_partitions(topic, found[names[topic]])
        async with _admin(settings) as admin:
            made = await _make(admin, settings, [topic for topic in topics if topic not in there])
            mended = await _mend(admin, settings, {topic: found[names[topic]].replicas for topic in there})
        await _until_known(cluster, set(names.values()))
        return made + mended + _fewer_copies({names[topic]: found[names[topic]] for topic in there}, settings.replicas)
    finally:
        await cluster.close()


def _fewer_copies(there: Mapping[str, TopicFound], wanted: int) -> list[str]:
    """What a person must do where topics have fewer copies than the URL says: a cluster's operator places copies."""
    return [
        f"{name}: has {one.replicas} of {wanted} copies; give its partitions more (kafka-reassign-partitions), then apply again"
        for name, one in there.items()
        if one.replicas < wanted
    ]


async def remove_topics(settings: KafkaSettings, topics: Sequence[Topic]) -> None:
    """Delete the topics and all they hold; they are gone when it returns. Raises `EngineUnavailable`."""
    names = {f"{settings.prefix}{topic.name}" for topic in topics}
    async with _admin(settings) as admin, asyncio.timeout(_KNOWN_SECONDS):
        await admin.delete_topics(list(names))
        while names & set(await admin.list_topics()):
            await asyncio.sleep(0.02)


async def _until_known(cluster: Cluster, names: AbstractSet[str]) -> None:
    """What was made is known to the brokers a moment later."""
    async with asyncio.timeout(_KNOWN_SECONDS):
        while names - (await cluster.topics(names)).keys():
            await asyncio.sleep(0.02)


@asynccontextmanager
async def _admin(settings: KafkaSettings) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(**settings.connection, request_timeout_ms=int(REQUEST_SECONDS * 10_000))
    with kafka_errors("set up topics"):
        try:
            await admin.start()
            yield admin
        finally:
            await admin.close()


async def _make(admin: AIOKafkaAdminClient, settings: KafkaSettings, missing: Sequence[Topic]) -> list[str]:
    if not missing:
        return []
    answer = await admin.create_topics(
        [
            NewTopic(
                f"{settings.prefix}{topic.name}",
                topic.partitions,
                settings.replicas,
                topic_configs=configuration(topic, settings.replicas),
            )
            for topic in missing
        ]
    )
    for name, error, *message in answer.topic_errors:
        if error:
            raise EngineUnavailable(
                f"Kafka did not make {name}: {for_code(error).__name__}: {' '.join(map(str, message))}"
            )
    return [f"{settings.prefix}{topic.name}: made, with {topic.partitions} partitions" for topic in missing]


async def _mend(admin: AIOKafkaAdminClient, settings: KafkaSettings, there: Mapping[Topic, int]) -> list[str]:
    """`there` are topics with how many copies each has: more of them cannot be asked to have a record than there are."""
    said, changed = [], []
    for topic, (now, set_before) in zip(there, await _described(admin, settings, list(there)), strict=True):
        wanted = configuration(topic, there[topic])
        differing = {name: value for name, value in wanted.items() if now.get(name) != value}
        if differing:
            name = f"{settings.prefix}{topic.name}"
            said += [f"{name}: {one} was {now.get(one)}, is {value}" for one, value in differing.items()]
            changed.append(ConfigResource(ConfigResourceType.TOPIC, name, configs=set_before | wanted))
    if changed:
        for answer in await admin.alter_configs(changed):
            for error, message, _type, name in answer.resources:
                if error:
                    raise EngineUnavailable(f"Kafka did not change {name}: {for_code(error).__name__}: {message}")
    return said


async def _described(
    admin: AIOKafkaAdminClient, settings: KafkaSettings, topics: Sequence[Topic]
) -> list[tuple[dict[str, str], dict[str, str]]]:
    """For each topic: all its settings, and those that were set for it (altering some must not reset the others)."""
    names = [f"{settings.prefix}{topic.name}" for topic in topics]
    if not names:
        return []
    answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in names])
    found = {}
    for answer in answers:
        for _error, _message, _type, name, entries in answer.resources:
            values = {entry[0]: entry[1] for entry in entries}
            own = {entry[0]: entry[1] for entry in entries if entry[3] == _SET_FOR_THE_TOPIC}
            found[name] = (values, own)
    return [found[name] for name in names]
