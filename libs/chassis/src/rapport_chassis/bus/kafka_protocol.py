"""Two requests of Kafka's protocol in newer versions than aiokafka speaks: topic ids, and a producer's next epoch.

Shapes and versions are those of “Kafka protocol guide” (Metadata v12, KIP-516; InitProducerId v4, KIP-360).
"""

# mypy: disable-error-code="misc"
# (aiokafka comes without types: its classes are Any to mypy)

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any
from uuid import UUID

from aiokafka.errors import IncompatibleBrokerVersion
from aiokafka.protocol.abstract import AbstractType
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    Boolean,
    CompactArray,
    CompactString,
    Int16,
    Int32,
    Int64,
    Schema,
    TaggedFields,
)

_NO_ID = UUID(int=0)


class _Uuid(AbstractType[UUID]):
    @classmethod
    def encode(cls, value: UUID) -> bytes:
        return value.bytes

    @classmethod
    def decode(cls, data: BytesIO) -> UUID:
        return UUID(bytes=data.read(16))


def _of(*fields: Any) -> Schema:
    """A structure of a flexible version, which always ends with tagged fields (KIP-482)."""
    return Schema(*fields, ("tags", TaggedFields))


def _many(*fields: Any) -> CompactArray:
    return CompactArray(*fields, ("tags", TaggedFields))


_Text = CompactString("utf-8")
_PRODUCER = (("producer_id", Int64), ("producer_epoch", Int16))


class _MetadataResponse(Response):
    API_KEY = 3
    API_VERSION = 12
    SCHEMA = _of(
        ("throttle_time_ms", Int32),
        ("brokers", _many(("node_id", Int32), ("host", _Text), ("port", Int32), ("rack", _Text))),
        ("cluster_id", _Text),
        ("controller_id", Int32),
        (
            "topics",
            _many(
                ("error_code", Int16),
                ("name", _Text),
                ("topic_id", _Uuid),
                ("is_internal", Boolean),
                (
                    "partitions",
                    _many(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", CompactArray(Int32)),
                        ("isr", CompactArray(Int32)),
                        ("offline_replicas", CompactArray(Int32)),
                    ),
                ),
                ("authorized_operations", Int32),
            ),
        ),
    )


class _MetadataStruct(RequestStruct):
    FLEXIBLE_VERSION = True
    API_KEY = 3
    API_VERSION = 12
    RESPONSE_TYPE = _MetadataResponse
    SCHEMA = _of(
        ("topics", _many(("topic_id", _Uuid), ("name", _Text))),
        ("allow_auto_topic_creation", Boolean),
        ("include_topic_authorized_operations", Boolean),
    )


def _refuse_unknown(asked: type[RequestStruct], versions: dict[int, tuple[int, int]]) -> None:
    """Raises `IncompatibleBrokerVersion` when the broker's `versions` are not those of the one that we speak."""
    first, last = versions.get(asked.API_KEY, (0, -1))
    if not first <= asked.API_VERSION <= last:
        raise IncompatibleBrokerVersion(
            f"request {asked.API_KEY} in version {asked.API_VERSION}, it knows {first} to {last}"
        )


class TopicIds(Request[_MetadataStruct]):
    """Asks what the cluster knows of topics by name; the answer's `topics` are tuples (error, name, id, …, partitions, …)."""

    API_KEY = 3

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names

    def prepare(self, versions: dict[int, tuple[int, int]]) -> _MetadataStruct:
        """The request in the one version that there is. Raises `IncompatibleBrokerVersion`."""
        _refuse_unknown(_MetadataStruct, versions)
        return self.build(_MetadataStruct)

    def build(self, request_struct_class: type[_MetadataStruct]) -> _MetadataStruct:
        """The request as it travels."""
        topics: list[tuple[Any, ...]] = [(_NO_ID, name, {}) for name in self._names]
        return request_struct_class(topics, False, False, {})


class _InitProducerIdResponse(Response):
    API_KEY = 22
    API_VERSION = 4
    SCHEMA = _of(("throttle_time_ms", Int32), ("error_code", Int16), *_PRODUCER)


class _InitProducerIdStruct(RequestStruct):
    FLEXIBLE_VERSION = True
    API_KEY = 22
    API_VERSION = 4
    RESPONSE_TYPE = _InitProducerIdResponse
    SCHEMA = _of(("transactional_id", _Text), ("transaction_timeout_ms", Int32), *_PRODUCER)


class NextEpoch(Request[_InitProducerIdStruct]):
    """Asks for the next epoch of a producer that names its last one: refused when another has taken the name since."""

    API_KEY = 22

    def __init__(self, transactional_id: str, timeout_ms: int, producer_id: int, epoch: int) -> None:
        self._fields: tuple[Any, ...] = (transactional_id, timeout_ms, producer_id, epoch, {})

    def prepare(self, versions: dict[int, tuple[int, int]]) -> _InitProducerIdStruct:
        """The request in the one version that there is. Raises `IncompatibleBrokerVersion`."""
        _refuse_unknown(_InitProducerIdStruct, versions)
        return self.build(_InitProducerIdStruct)

    def build(self, request_struct_class: type[_InitProducerIdStruct]) -> _InitProducerIdStruct:
        """The request as it travels."""
        return request_struct_class(*self._fields)
