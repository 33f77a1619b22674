"""The embedded bus under the suite that every adapter passes."""

from pathlib import Path

import pytest

pytest.register_assert_rewrite("rapport_testkit.bus_conformance", "rapport_testkit.bus_conformance_processes")

from rapport_testkit.bus_conformance import BusConformance  # noqa: E402  once its asserts are rewritten
from rapport_testkit.bus_conformance_processes import BusProcessConformance  # noqa: E402
from rapport_testkit.bus_embedded import EmbeddedUnderTest  # noqa: E402


@pytest.fixture
def under_test(tmp_path: Path) -> EmbeddedUnderTest:
    return EmbeddedUnderTest(tmp_path / "bus.db")


class TestEmbeddedBus(BusConformance):
    pass


class TestEmbeddedBusAndProcesses(BusProcessConformance):
    pass
