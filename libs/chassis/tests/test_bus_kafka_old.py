"""A Kafka that is too old is told at the start, as what it is. Played, because no such broker is kept for it."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator

import pytest
from aiokafka.protocol.admin import ApiVersionResponse_v0
from aiokafka.protocol.metadata import MetadataResponse_v0

from rapport_chassis.bus.kafka_settings import KafkaSettings
from rapport_chassis.bus.kafka_topics import apply_topics
from rapport_chassis.bus.opening import open_bus
from rapport_chassis.bus.port import BusUnusable
from rapport_testkit.engines.ports import free_port

_METADATA, _VERSIONS = 3, 18


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    """Speak as a broker that knows only the first version of the requests that say who is there."""
    said = {
        _VERSIONS: ApiVersionResponse_v0(0, [(_METADATA, 0, 0), (_VERSIONS, 0, 0)]),
        _METADATA: MetadataResponse_v0([(1, "127.0.0.1", port)], []),
    }
    while size := await reader.read(4):
        asked, _version, correlation = struct.unpack(">hhi", (await reader.readexactly(*struct.unpack(">i", size)))[:8])
        body = struct.pack(">i", correlation) + said[asked].encode()
        writer.write(struct.pack(">i", len(body)) + body)
    writer.close()


@pytest.fixture
async def old() -> AsyncIterator[str]:
    port = free_port()
    async with await asyncio.start_server(lambda *pair: answer(*pair, port), "127.0.0.1", port):
        yield f"kafka://127.0.0.1:{port}"


async def test_a_kafka_that_is_too_old_is_refused_with_the_version_that_is_needed(old: str) -> None:
    bus = open_bus(old)
    with pytest.raises(BusUnusable, match=r"3\.1 is needed"):
        await bus.start()
    with pytest.raises(BusUnusable, match=r"3\.1 is needed"):
        await apply_topics(KafkaSettings.from_url(old))
