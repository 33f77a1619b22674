"""One connection to the cluster for what is asked, not streamed: topics and their ids, first and last offsets, epochs."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from aiokafka import errors
from aiokafka.client import AIOKafkaClient, ConnectionGroup, CoordinationType
from aiokafka.conn import create_conn
from aiokafka.protocol.offset import OffsetRequest
from aiokafka.protocol.transaction import EndTxnRequest

from rapport_chassis.bus.kafka_clients import bootstrap
from rapport_chassis.bus.kafka_protocol import NextEpoch, TopicIds
from rapport_chassis.bus.kafka_settings import KafkaSettings
from rapport_chassis.bus.port import BusUnusable, ProducerFenced, TopicPartition
from rapport_chassis.db import EngineUnavailable

EARLIEST, LATEST = -2, -1
OLDEST = "3.1"  # the first whose Metadata tells the ids of topics that are asked for by name (v12)
PATIENCE_SECONDS = 5.0  # a question that is not answered so long is given up
REQUEST_SECONDS = 3.0  # so long one request may take, before another node or connection is tried

_READ_COMMITTED = 1
_UNWELCOME = (
    errors.AuthenticationFailedError,
    errors.SaslAuthenticationFailed,
    errors.UnsupportedSaslMechanismError,
    ssl.SSLError,
)
_OK, _UNKNOWN_TOPIC = 0, 3
_FENCED = {47, 90}  # INVALID_PRODUCER_EPOCH, PRODUCER_FENCED
_NOTHING_OPEN = 48  # INVALID_TXN_STATE: there is no transaction to end, or it was committed
_PAUSE_SECONDS = 0.02
_UPDATE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class TopicFound:
    """A topic as the cluster knows it."""

    id: UUID
    partitions: int
    replicas: int
    """Copies of the partition that has the fewest."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a producer is to the cluster, beside its transactional id."""

    producer_id: int
    epoch: int


@contextlib.contextmanager
def kafka_errors(doing: str) -> Iterator[None]:
    """Turn what a broker that is away, slow or unwilling makes of a call into `EngineUnavailable`.

    Raises `BusUnusable` for one that does not know what is asked of it.
    """
    try:
        yield
    except errors.IncompatibleBrokerVersion as error:
        raise BusUnusable(f"Kafka is of a version that cannot do it: {OLDEST} is needed ({doing}: {error})") from error
    except (errors.KafkaError, TimeoutError, OSError) as error:
        raise EngineUnavailable(f"Kafka: {doing}: {error!r}") from error


class Cluster:
    """Questions to the cluster, under the names it uses (with the prefix). All raise `EngineUnavailable`."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._closed = asyncio.Event()

    async def start(self, topics: Iterable[str] = ()) -> None:
        """Connect, and keep knowing who leads `topics`. Raises `BusUnusable` when the cluster knows us and refuses."""
        self._closed.clear()
        milliseconds = int(REQUEST_SECONDS * 1_000)
        self._client = AIOKafkaClient(**self._settings.connection, request_timeout_ms=milliseconds)
        try:
            async with self._asking("connect"):
                await bootstrap(self._client, self._settings.connection)
                await self._client.set_topics(list(topics))
        except BaseException as error:
            await self._client.close()
            if isinstance(error, EngineUnavailable):
                await self._check_welcome(milliseconds)
            raise

    async def _check_welcome(self, milliseconds: int) -> None:
        """Aiokafka says only that it could not connect: a wrong password is not an engine that is away."""
        connection = {name: value for name, value in self._settings.connection.items() if name != "bootstrap_servers"}
        for host, port, _ in self._client.hosts:
            try:
                connected = await create_conn(host, port, request_timeout_ms=milliseconds, **connection)
            except _UNWELCOME as error:
                raise BusUnusable(
                    f"Kafka at {host}:{port} refuses the connection that RAPPORT_BUS_URL describes: {error!r}"
                ) from error
            except (errors.KafkaError, TimeoutError, OSError):
                continue
            connected.close()

    async def close(self) -> None:
        """Close the connection; questions that wait for an answer get none. May be called twice."""
        self._closed.set()
        await self._client.close()

    async def topics(self, names: Iterable[str]) -> dict[str, TopicFound]:
        """Those of the topics that exist."""
        async with self._asking("ask for topics"):
            answer = await self._ask(TopicIds(list(names)))
        found = {}
        for error, name, topic_id, _internal, partitions, *_ in answer.topics:
            if error == _OK:
                found[name] = TopicFound(topic_id, len(partitions), min((len(one[4]) for one in partitions), default=0))
            elif error != _UNKNOWN_TOPIC:
                raise EngineUnavailable(f"Kafka: ask for topics: {errors.for_code(error).__name__} for {name}")
        return found

    async def offsets(self, places: Iterable[TopicPartition], which: int) -> dict[TopicPartition, int]:
        """The `EARLIEST` offset of each place, or the `LATEST` that a reader of committed records sees."""
        wanted = list(places)
        async with self._asking("ask for offsets"):
            while not self._closed.is_set():
                try:
                    return await self._offsets(wanted, which)
                except errors.KafkaError as error:
                    if not error.retriable:
                        raise
                    updated = asyncio.ensure_future(self._client.force_metadata_update())
                    await asyncio.wait([updated], timeout=_UPDATE_SECONDS)
                    await asyncio.sleep(_PAUSE_SECONDS)
            raise EngineUnavailable("the bus is closed")

    async def renew(self, transactional_id: str, identity: Identity, timeout_ms: int) -> Identity:
        """The next epoch of a producer whose last append failed, with what it left open undone.

        Raises `ProducerFenced` when another producer has taken the name since.
        """
        name, last = transactional_id, identity
        async with self._asking("renew a producer"):
            node = await self._client.coordinator_lookup(CoordinationType.TRANSACTION, name)
            await self._coordinated(node, EndTxnRequest(name, last.producer_id, last.epoch, False), {_NOTHING_OPEN})
            request = NextEpoch(name, timeout_ms, last.producer_id, last.epoch)
            answer = await self._coordinated(node, request, set())
            return Identity(answer.producer_id, answer.producer_epoch)

    async def _coordinated(self, node: int, request: Any, tolerated: set[int]) -> Any:
        while True:
            answer = await self._client.send(node, request, group=ConnectionGroup.COORDINATION)
            if answer.error_code == _OK or answer.error_code in tolerated:
                return answer
            if answer.error_code in _FENCED:
                raise ProducerFenced("a newer producer of this name writes now")
            error = errors.for_code(answer.error_code)
            if error is not errors.ConcurrentTransactions:
                raise error
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _offsets(self, places: list[TopicPartition], which: int) -> dict[TopicPartition, int]:
        by_node: dict[int, dict[str, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
        for place in places:
            leader = self._client.cluster.leader_for_partition(place)
            if leader is None or leader < 0:
                raise errors.LeaderNotAvailableError(place)
            by_node[leader][place.topic].append((place.partition, which))
        found = {}
        for node, topics in by_node.items():
            answer = await self._client.send(node, OffsetRequest(-1, _READ_COMMITTED, list(topics.items())))
            for topic, partitions in answer.topics:
                for partition, error, _timestamp, offset in partitions:
                    if error != _OK:
                        raise errors.for_code(error)
                    found[TopicPartition(topic, partition)] = offset
        return found

    async def _ask(self, request: Any) -> Any:
        node = self._client.get_random_node()
        if node is None:
            raise errors.NodeNotReadyError("no broker is known")
        return await self._client.send(node, request)

    @contextlib.asynccontextmanager
    async def _asking(self, doing: str) -> Any:
        try:
            with kafka_errors(doing):
                async with asyncio.timeout(PATIENCE_SECONDS):
                    yield
        finally:
            if self._closed.is_set():
                await self._client.close()  # this question may have connected after the others were closed
