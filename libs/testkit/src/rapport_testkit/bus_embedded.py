"""The embedded bus as the conformance suites reach it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from rapport_chassis.bus.embedded import EmbeddedBus
from rapport_chassis.bus.port import Bus
from rapport_chassis.clock import SetClock


def open_embedded(address: str) -> Bus:
    """The bus in the file at `address`, not started."""
    return EmbeddedBus(Path(address))


class EmbeddedUnderTest:
    """A bus file at `path`, with a clock that moves when records are to grow old."""

    opener = "rapport_testkit.bus_embedded:open_embedded"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.address = str(path)
        self.clock = SetClock(datetime.now(UTC))

    def open(self) -> EmbeddedBus:
        """A bus on the file, which compacts whatever it can."""
        return EmbeddedBus(self.path, self.clock, compact_after=1)

    async def compact(self, bus: Bus) -> None:
        """One round of upkeep."""
        await cast("EmbeddedBus", bus).maintain()

    async def expire(self, bus: Bus) -> None:
        """One round of upkeep, a month and a year later."""
        self.clock.advance(days=400)
        await cast("EmbeddedBus", bus).maintain()

    async def recreate(self) -> None:
        """Remove the file with its journal."""
        for path in self.path.parent.glob(f"{self.path.name}*"):
            path.unlink()
