"""A named producer on Kafka: every append is one transaction of the name, so that it is all or none and fences."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import defaultdict
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer, errors
from aiokafka.structs import RecordMetadata

from rapport_chassis.bus.kafka_clients import begun, ended
from rapport_chassis.bus.kafka_cluster import LATEST, REQUEST_SECONDS, Cluster, Identity, kafka_errors
from rapport_chassis.bus.kafka_settings import KafkaSettings
from rapport_chassis.bus.port import NewRecord, ProducerFenced, TopicPartition
from rapport_chassis.db import EngineUnavailable

_APPEND_SECONDS = 15.0  # an append that takes longer has failed; whether it is there, nobody knows
_VISIBLE_SECONDS = 1.0
_BATCH_BYTES = 512 << 10

_Rows = dict[TopicPartition, list[tuple[bytes, bytes]]]


class KafkaProducer:
    """The port's `Producer`. One that failed goes on with the next epoch of its own, unless it was fenced meanwhile."""

    def __init__(self, name: str, settings: KafkaSettings, cluster: Cluster) -> None:
        self._name = name
        self._settings = settings
        self._cluster = cluster
        self._id = f"{settings.prefix}{name}"
        self._timeout_ms = int(settings.transaction_timeout * 1_000)
        self._producer: AIOKafkaProducer | None = None
        self._identity: Identity | None = None
        self._fenced = False
        self._closed = False
        self._turn = asyncio.Lock()

    async def open(self) -> None:
        """Take the name over. Raises `EngineUnavailable`."""
        with kafka_errors(f"open the producer {self._name}"):
            async with asyncio.timeout(_APPEND_SECONDS):
                await self._connect(None)

    async def append(self, records: Sequence[NewRecord]) -> None:
        """Append all or none, in the order given: durable when it returns, and seen by readers.

        (Unless the transaction of another producer that died is open before it: then it is seen when that is undone.)
        Raises `ProducerFenced`; `EngineUnavailable` when closed or when the cluster does not answer for 15 s, after
        which nobody knows whether the records are there, but all are or none.
        """
        if not records:
            return
        rows = self._rows(records)
        async with self._turn:
            ends = await self._transact(rows)
        with contextlib.suppress(EngineUnavailable):  # durable it is
            await self._until_seen(ends)

    async def close(self) -> None:
        """Refuse further appends; the name stays usable."""
        self._closed = True
        async with self._turn:
            await self._disconnect()

    def _rows(self, records: Sequence[NewRecord]) -> _Rows:
        rows: _Rows = defaultdict(list)
        for new in records:
            place = TopicPartition(f"{self._settings.prefix}{new.topic.name}", new.topic.partition_of(new.key))
            rows[place].append((new.key.encode(), new.value))
        return rows

    async def _transact(self, rows: _Rows) -> dict[TopicPartition, int]:
        """One transaction; the offset after the last record of each place."""
        if self._closed:
            raise EngineUnavailable(f"the producer {self._name} is closed")
        if self._fenced:
            raise ProducerFenced(f"{self._name}: a newer producer of this name writes now")
        try:
            with kafka_errors(f"append as {self._name}"):
                async with asyncio.timeout(_APPEND_SECONDS):
                    producer = self._producer or await self._reconnected()
                    return await _in_transaction(producer, rows)
        except ProducerFenced:
            self._fenced = True
            await self._disconnect()
            raise
        except BaseException as error:
            fenced = isinstance(error.__cause__, (errors.ProducerFenced, errors.InvalidProducerEpoch))
            self._fenced = fenced
            await self._disconnect()
            if fenced:
                raise ProducerFenced(f"{self._name}: a newer producer of this name writes now") from error
            raise

    async def _reconnected(self) -> AIOKafkaProducer:
        identity = self._identity
        if identity is not None:
            identity = await self._cluster.renew(self._id, identity, self._timeout_ms)
        return await self._connect(identity)

    async def _connect(self, identity: Identity | None) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            **self._settings.connection,
            transactional_id=self._id,
            transaction_timeout_ms=self._timeout_ms,
            request_timeout_ms=int(REQUEST_SECONDS * 1_000),
            max_batch_size=_BATCH_BYTES,
        )
        state = producer._txn_manager  # noqa: SLF001  aiokafka knows no way to give it the epoch it shall go on with
        self._producer = producer
        if identity is not None:
            state.set_pid_and_epoch(identity.producer_id, identity.epoch)
        try:
            await begun(producer, self._settings.connection)
        except BaseException:
            await self._disconnect()
            raise
        self._identity = Identity(state.producer_id, state.producer_epoch)
        return producer

    async def _disconnect(self) -> None:
        """Let go of the connection, however it feels; the identity stays."""
        producer, self._producer = self._producer, None
        if producer is None:
            return
        await ended(producer)
        _listen_to(producer._txn_manager.wait_for_transaction_end())  # noqa: SLF001  what it failed with was said by then

    async def _until_seen(self, ends: dict[TopicPartition, int]) -> None:
        """A commit is durable before it is seen; the next append would have to wait for it as well."""
        pause = 0.002
        deadline = time.monotonic() + _VISIBLE_SECONDS
        while time.monotonic() < deadline:
            await asyncio.sleep(pause)
            seen = await self._cluster.offsets(ends, LATEST)
            if all(seen[place] >= end for place, end in ends.items()):
                return
            pause = min(pause * 2, 0.02)


async def _in_transaction(producer: AIOKafkaProducer, rows: _Rows) -> dict[TopicPartition, int]:
    try:
        await producer.begin_transaction()
        sent = [one for place, pairs in rows.items() for one in await _send(producer, place, pairs)]
    except (errors.IllegalOperation, AssertionError) as error:  # aiokafka gave the transaction up meanwhile
        await producer._txn_manager.wait_for_transaction_end()  # noqa: SLF001  raises what it failed with
        raise errors.KafkaError("the transaction was given up") from error
    written: list[RecordMetadata] = await asyncio.gather(*[future for _, future, _ in sent])
    await producer.commit_transaction()
    return {place: one.offset + count for (place, _, count), one in zip(sent, written, strict=True)}


async def _send(
    producer: AIOKafkaProducer, place: TopicPartition, pairs: list[tuple[bytes, bytes]]
) -> list[tuple[TopicPartition, asyncio.Future[RecordMetadata], int]]:
    """Hand the records over in batches; (place, its future, how many) of each batch."""
    batches = [producer.create_batch()]
    for key, value in pairs:
        if batches[-1].append(key=key, value=value, timestamp=None) is None:
            batches.append(producer.create_batch())
            batches[-1].append(key=key, value=value, timestamp=None)
    sent = []
    for batch in batches:
        future = await producer.send_batch(batch, place.topic, partition=place.partition)
        future.add_done_callback(_listen_to)
        sent.append((place, future, batch.record_count()))
    return sent


def _listen_to(future: asyncio.Future[object] | None) -> None:
    """Take note of a failure, so that asyncio does not report it as overlooked: the append fails as a whole anyway."""
    if future is not None and future.done() and not future.cancelled():
        future.exception()
