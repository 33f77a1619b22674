"""Whatever of the Kafka bus is cancelled, at whatever moment, leaves no connection open."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import warnings
from collections.abc import Awaitable, Callable, Iterator

import pytest
from aiokafka.conn import AIOKafkaConnection

from rapport_chassis.bus.kafka import KafkaBus
from rapport_chassis.bus.port import NewRecord
from rapport_contracts.topics import CUSTOMER_EVENTS, CUSTOMERS
from rapport_testkit.bus_conformance import positions_of
from rapport_testkit.bus_kafka import KafkaUnderTest

_MOMENTS = [milliseconds / 1_000 for milliseconds in range(30)]


async def open_a_bus(bus: KafkaBus) -> None:
    await bus.start()


async def publish(bus: KafkaBus) -> None:
    await bus.start()
    producer = await bus.producer("p")
    await producer.append([NewRecord(CUSTOMERS, "k", b"v")])


async def read(bus: KafkaBus) -> None:
    await bus.start()
    await bus.wait(positions_of(CUSTOMER_EVENTS), 60)


async def join(bus: KafkaBus) -> None:
    await bus.start()
    await bus.join(CUSTOMER_EVENTS, "g")


@pytest.mark.parametrize("use", [open_a_bus, publish, read, join])
@pytest.mark.parametrize("times", [1, 2])
async def test_what_is_cancelled_leaves_no_connection_open(
    kafka: KafkaUnderTest, use: Callable[[KafkaBus], Awaitable[None]], times: int
) -> None:
    """Twice: as a task whose group and whose parent both end it."""
    with no_connection_left():
        for moment in _MOMENTS:
            bus = kafka.open()
            using = asyncio.ensure_future(use(bus))
            await asyncio.wait([using], timeout=moment)
            for _ in range(times):
                using.cancel()
                await asyncio.sleep(0)
            await asyncio.gather(using, return_exceptions=True)
            await bus.close()


@contextlib.contextmanager
def no_connection_left() -> Iterator[None]:
    """None is open afterwards, and none was thrown away open, which is all that is heard of one that nobody holds."""
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always", ResourceWarning)
        yield
        gc.collect()
    left = [one for one in gc.get_objects() if isinstance(one, AIOKafkaConnection) and one.connected()]
    assert not left
    assert [str(one.message) for one in heard if "loop is closed" not in str(one.message)] == []
