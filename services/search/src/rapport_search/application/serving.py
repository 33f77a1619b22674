"""Which index answers here and now, how fresh it is, and waiting until it holds what was just written (Q8)."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from rapport_chassis.db import EngineUnavailable
from rapport_chassis.service import Runtime
from rapport_contracts.topics import CUSTOMERS
from rapport_search.application.ports import Reading, SearchEngine
from rapport_search.store import indexes

WAIT_SECONDS: Final = 1.0
_BACKSTOP_SECONDS: Final = 0.02
_FRESH_SECONDS: Final = 0.1
_TOLD_SECONDS: Final = 1.0
_BUS_SECONDS: Final = 1.0
_MOST_POSITIONS: Final = 100
_LONGEST_VERSION: Final = 18
_NOTHING_YET: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Lag:
    """How far an index is behind its topic; `reached` is the time of the newest record it holds (1970: it has read none)."""

    records: int
    total: int
    reached: datetime


@dataclass(frozen=True, slots=True)
class _Told:
    """What was said of an index, and when."""

    name: str
    at: float
    as_of: datetime


async def lag_of(runtime: Runtime, name: str) -> Lag:
    """The lag of an index, counted in offsets (compacted ones as well)."""
    row, held = await runtime.db.read(
        lambda conn: (indexes.find(conn, name), indexes.positions(conn, runtime.db.tables, name))
    )
    ends, starts = await runtime.bus.ends(CUSTOMERS), await runtime.bus.starts(CUSTOMERS)
    behind = sum(max(0, end - held.get(partition, starts.get(partition, 0))) for partition, end in ends.items())
    total = sum(end - starts.get(partition, 0) for partition, end in ends.items())
    return Lag(behind, total, row.reached if row and row.reached else _NOTHING_YET)


class Serving:
    """The serving index as this process sees it: it follows swaps through the database's change signal."""

    def __init__(self, runtime: Runtime, engine: SearchEngine) -> None:
        self._runtime = runtime
        self._engine = engine
        self._name = ""
        self._seen = -1
        self._open: tuple[str, Reading] | None = None
        self._told: _Told | None = None
        self._looking: asyncio.Task[_Told] | None = None

    async def index(self) -> Reading:
        """The index to ask. Raises `EngineUnavailable` while there is none."""
        name = await self._current()
        if self._open is None or self._open[0] != name:
            self._open = (name, await self._engine.read(name))
        return self._open[1]

    async def as_of(self, *, complete: bool = True) -> datetime:
        """An instant up to which the answers of now are complete; not `complete` when a position was waited for in vain.

        What was true of an index stays true, so that a busy process tells what it learnt within the last second, and looks again
        beside the searches, not before them.
        """
        name = await self._current()
        if not complete:
            return await self._reached(name)
        told = self._told
        if told is None or told.name != name or time.monotonic() - told.at > _TOLD_SECONDS:
            return (await self._look(name)).as_of
        if time.monotonic() - told.at > _FRESH_SECONDS and (self._looking is None or self._looking.done()):
            self._looking = asyncio.create_task(self._look(name))
            self._looking.add_done_callback(_heard)
        return told.as_of

    async def _look(self, name: str) -> _Told:
        at, now = time.monotonic(), self._runtime.clock.now()
        self._told = _Told(name, at, now if await self._is_complete(name) else await self._reached(name))
        return self._told

    async def _is_complete(self, name: str) -> bool:
        """Whether the index holds all there is; a bus that does not say so soon is no reason not to search (R10)."""
        try:
            async with asyncio.timeout(_BUS_SECONDS):
                return not (await lag_of(self._runtime, name)).records
        except (EngineUnavailable, TimeoutError):
            return False

    async def _reached(self, name: str) -> datetime:
        """The time of the newest record that the index holds."""
        row = await self._runtime.db.read(indexes.find, name)
        return row.reached if row and row.reached else _NOTHING_YET

    async def wait_for(self, header: str | None) -> bool:
        """Wait ≤ 1 s until the index holds the positions of an `X-Position` header; whether it does.

        What is malformed in it is not waited for.
        """
        wanted = _positions(header or "")
        until = time.monotonic() + WAIT_SECONDS
        while wanted and not await self._holds(wanted):
            if time.monotonic() >= until:
                return False
            await self._runtime.db.changed.wait(self._runtime.db.changed.count, _BACKSTOP_SECONDS)
        return True

    async def _holds(self, wanted: dict[str, int]) -> bool:
        held = await (await self.index()).versions_of(list(wanted))
        return all(held.get(customer_id, -1) >= version for customer_id, version in wanted.items())

    async def _current(self) -> str:
        now = self._runtime.db.changed.count
        if not self._name or now != self._seen:
            row = await self._runtime.db.read(indexes.serving)
            if row is None:
                raise EngineUnavailable("no index serves yet")
            self._name, self._seen = row.name, now
        return self._name


def _heard(looking: asyncio.Task[_Told]) -> None:
    """Whatever it raised: who asks after a second looks, and is told."""
    if not looking.cancelled():
        looking.exception()


def _positions(header: str) -> dict[str, int]:
    wanted: dict[str, int] = {}
    for token in header.split(",")[:_MOST_POSITIONS]:
        customer_id, at, version = token.strip().rpartition("@")
        if at and version.isascii() and version.isdecimal() and len(version) <= _LONGEST_VERSION:
            wanted[customer_id] = max(int(version), wanted.get(customer_id, 0))
    return wanted
