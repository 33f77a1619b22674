"""Kafka divides a topic's partitions among the workers of a group; positions and records go other ways."""

# mypy: disable-error-code="misc"
# (aiokafka comes without types: its classes are Any to mypy)

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener
from aiokafka import TopicPartition as KafkaPartition

from rapport_chassis.bus.kafka_clients import begun, ended
from rapport_chassis.bus.kafka_cluster import REQUEST_SECONDS, kafka_errors
from rapport_chassis.bus.kafka_settings import KafkaSettings

_SESSION_SECONDS = 6.0  # who is not heard from so long is given up (the least that brokers allow by themselves)
_JOIN_SECONDS = 30.0
_NEVER_MS = (1 << 31) - 1


class KafkaMembership(ConsumerRebalanceListener):
    """A member of a group that fetches nothing: its consumer only takes part in the division (eagerly: all give up all first)."""

    def __init__(self, settings: KafkaSettings, topic: str, group: str) -> None:
        self.owned: frozenset[int] = frozenset()
        self.turn = 0
        self._settings = settings
        self._topic = topic
        self._group = group

    async def start(self) -> None:
        """Join, and know the first division. Raises `EngineUnavailable`."""
        self._consumer = AIOKafkaConsumer(
            **self._settings.connection,
            group_id=self._group,
            enable_auto_commit=False,
            session_timeout_ms=int(_SESSION_SECONDS * 1_000),
            heartbeat_interval_ms=int(_SESSION_SECONDS * 250),
            rebalance_timeout_ms=int(_SESSION_SECONDS * 1_000),
            max_poll_interval_ms=_NEVER_MS,
            request_timeout_ms=int((_SESSION_SECONDS + REQUEST_SECONDS) * 1_000),
        )
        self._consumer.subscribe([self._topic], listener=self)
        with kafka_errors(f"join the group {self._group}"):
            async with asyncio.timeout(_JOIN_SECONDS):
                await begun(self._consumer, self._settings.connection)

    async def close(self) -> None:
        """Leave; the others take over at once. May be called twice."""
        self._give([])
        await ended(self._consumer)

    def on_partitions_revoked(self, revoked: Iterable[KafkaPartition]) -> None:
        """A new division begins: own nothing until it is known. What is in hand is guarded by its offset."""
        del revoked
        self._give([])

    def on_partitions_assigned(self, assigned: Iterable[KafkaPartition]) -> None:
        """Own these, and fetch nothing of them here."""
        self._consumer.pause(*assigned)
        self._give(assigned)

    def _give(self, partitions: Iterable[KafkaPartition]) -> None:
        self.owned = frozenset(one.partition for one in partitions)
        self.turn += 1
