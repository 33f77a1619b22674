"""The checksum sweep (Q8): an index is compared with the state that its topic holds, and what was lost or gained is mended.

Partition by partition: the topic's records are read up to their present end, the index is waited for until it has come as far,
and then only buckets whose checksums differ are listed. What was written meanwhile is left alone.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final

from rapport_chassis.bus.port import TopicPartition
from rapport_chassis.service import Runtime
from rapport_contracts.envelope import Message
from rapport_contracts.topics import CUSTOMERS
from rapport_search.application.changes import change_of
from rapport_search.application.ports import Change, Writing
from rapport_search.domain.digest import bucket_of, digest_of
from rapport_search.store import indexes
from rapport_search.store.indexes import Sweep

EVERY: Final = timedelta(hours=6)
_READ: Final = 1_000
_LOOK_SECONDS: Final = 60.0
_CAUGHT_UP_SECONDS: Final = 30.0
_log = logging.getLogger(__name__)


class Sweeper:
    """Sweeps one index, with the writer in its hands."""

    def __init__(self, runtime: Runtime, name: str, index: Writing) -> None:
        self._runtime = runtime
        self._name = name
        self._index = index

    async def run(self) -> None:
        """Sweep every few hours, for ever."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            last = await self._runtime.db.read(indexes.last_sweep, self._name)
            if last is not None and self._runtime.clock.now() - last >= EVERY:
                try:
                    await self.sweep()
                except Exception:  # noqa: BLE001  whatever it is, the next round tries again
                    _log.exception("a sweep failed and is tried again", extra={"index": self._name})

    async def sweep(self) -> Sweep:
        """Compare and mend; what was found."""
        checked = lost = stale = extra = 0
        for partition in range(CUSTOMERS.partitions):
            state, end = await self._state(partition)
            if not await self._caught_up(partition, end):
                continue  # it is behind: what is missing may be on its way
            found = await self._mend(partition, end, state)
            checked, lost = checked + len(state), lost + found.lost
            stale, extra = stale + found.stale, extra + found.extra
        total = Sweep(checked, lost, stale, extra)
        await self._runtime.db.write(indexes.record_sweep, self._name, total)
        if lost or stale or extra:
            _log.error(
                "an index differed from its topic and was mended", extra={"index": self._name, "found": str(total)}
            )
        return total

    async def _state(self, partition: int) -> tuple[dict[str, int], int]:
        """The version of every key of the partition, and the offset up to which that is."""
        bus = self._runtime.bus
        end = (await bus.ends(CUSTOMERS))[partition]
        versions: dict[str, int] = {}
        async for message in self._records(partition, (await bus.starts(CUSTOMERS))[partition], end):
            document = message.data
            versions[document["id"]] = max(document["version"], versions.get(document["id"], 0))
        return versions, end

    async def _records(self, partition: int, start: int, end: int) -> AsyncIterator[Message]:
        place = TopicPartition(CUSTOMERS.name, partition)
        at = start
        while at < end:
            messages = await self._runtime.bus.read({place: at}, _READ)
            for message in messages:
                if message.offset < end:
                    yield message
            if not messages:
                return
            at = messages[-1].offset + 1
            await asyncio.sleep(0)

    async def _caught_up(self, partition: int, end: int) -> bool:
        db = self._runtime.db
        until = time.monotonic() + _CAUGHT_UP_SECONDS
        while True:
            seen = db.changed.count
            held = await db.read(indexes.positions, db.tables, self._name)
            if held.get(partition, 0) >= end:
                return True
            if time.monotonic() >= until:
                return False
            await db.changed.wait(seen, 0.2)

    async def _mend(self, partition: int, end: int, state: dict[str, int]) -> Sweep:
        expected, held = digest_of(state), await self._index.digest(partition)
        differing = {bucket for bucket in expected.keys() | held.keys() if expected.get(bucket) != held.get(bucket)}
        if not differing:
            return Sweep(0, 0, 0, 0)
        have = {key: version for bucket in differing for key, version in (await self._index.held(bucket)).items()}
        want = {key: version for key, version in state.items() if bucket_of(key) in differing}
        since = await self._since(partition, end)
        lost = {key for key in want if key not in have}
        stale = {key for key in want if key in have and have[key] < want[key]}
        settled = have.keys() - since  # what was written meanwhile may rightly be newer than what was read
        extra = {key for key in settled if key not in want or have[key] > want[key]}
        await self._index.remove(sorted(extra))
        await self._index.index(await self._changes(partition, end, lost | stale | (extra & want.keys())))
        return Sweep(0, len(lost), len(stale), len(extra))

    async def _since(self, partition: int, end: int) -> set[str]:
        """The keys written since `end`: the index may have them already."""
        now = (await self._runtime.bus.ends(CUSTOMERS))[partition]
        return {message.key async for message in self._records(partition, end, now)}

    async def _changes(self, partition: int, end: int, keys: set[str]) -> list[Change]:
        newest: dict[str, Message] = {}
        if keys:
            start = (await self._runtime.bus.starts(CUSTOMERS))[partition]
            async for message in self._records(partition, start, end):
                if message.key in keys:
                    newest[message.key] = message
        return [change_of(message) for message in newest.values()]
