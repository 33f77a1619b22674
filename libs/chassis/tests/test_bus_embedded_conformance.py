"""The embedded bus under the suite that every adapter passes."""

from pathlib import Path

import pytest

from rapport_testkit.bus_conformance import BusConformance
from rapport_testkit.bus_conformance_processes import BusProcessConformance
from rapport_testkit.bus_embedded import EmbeddedUnderTest


@pytest.fixture
def under_test(tmp_path: Path) -> EmbeddedUnderTest:
    return EmbeddedUnderTest(tmp_path / "bus.db")


class TestEmbeddedBus(BusConformance):
    pass


class TestEmbeddedBusAndProcesses(BusProcessConformance):
    pass
