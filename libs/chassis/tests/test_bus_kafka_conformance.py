"""Kafka under the suites that every bus adapter passes."""

from collections.abc import AsyncIterator

import pytest

pytest.register_assert_rewrite("rapport_testkit.bus_conformance", "rapport_testkit.bus_conformance_processes")

from rapport_testkit.bus_conformance import BusConformance  # noqa: E402  once its asserts are rewritten
from rapport_testkit.bus_conformance_processes import BusProcessConformance  # noqa: E402
from rapport_testkit.bus_kafka import KafkaUnderTest  # noqa: E402
from rapport_testkit.engines import running  # noqa: E402


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
