"""Kafka under the suites that every bus adapter passes."""

from collections.abc import AsyncIterator

import pytest

from rapport_testkit.bus_conformance import BusConformance
from rapport_testkit.bus_conformance_processes import BusProcessConformance
from rapport_testkit.bus_kafka import KafkaUnderTest
from rapport_testkit.engines import running


@pytest.fixture
async def under_test() -> AsyncIterator[KafkaUnderTest]:
    kafka = KafkaUnderTest(running("kafka").url)
    await kafka.make()
    yield kafka
    await kafka.remove()


class TestKafkaBus(BusConformance):
    pass


class TestKafkaBusAndProcesses(BusProcessConformance):
    pass
