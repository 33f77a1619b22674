"""Kafka under the suites that every bus adapter passes."""

import pytest

from rapport_testkit.bus_conformance import BusConformance
from rapport_testkit.bus_conformance_processes import BusProcessConformance
from rapport_testkit.bus_kafka import KafkaUnderTest


@pytest.fixture
def under_test(kafka: KafkaUnderTest) -> KafkaUnderTest:
    return kafka


class TestKafkaBus(BusConformance):
    pass


class TestKafkaBusAndProcesses(BusProcessConformance):
    pass
