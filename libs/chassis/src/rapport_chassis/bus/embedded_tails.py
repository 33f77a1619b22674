"""Where every log begins and ends as far as this process knows, and who waits for one to grow; it reads nothing."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

_BULK = 200  # records that come at once


@dataclass(eq=False, slots=True)
class _Waiter:
    positions: Mapping[int, int]
    loop: asyncio.AbstractEventLoop
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    found: bool = False

    def wake(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits there any more
            self.loop.call_soon_threadsafe(self.woken.set)


class Tails:
    """Starts and ends by log id. They only grow, so news may arrive in any order and from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._starts: dict[int, int] = {}
        self._nexts: dict[int, int] = {}
        self._waiters: set[_Waiter] = set()
        self._closed = False
        self._bulk_at = float("-inf")

    def observe(self, logs: Iterable[tuple[int, int, int]]) -> bool:
        """Take in (log id, start, next) as read from the file, and wake who waited for it; whether a log had grown."""
        with self._lock:
            grown = 0
            for log, start, end in logs:
                self._starts[log] = max(start, self._starts.get(log, 0))
                grown += self._grow(log, end)
            self._noted(grown)
        return grown > 0

    def appended(self, nexts: Mapping[int, int]) -> None:
        """Take in the new ends (by log id) of an append of this process, and wake who waited for it."""
        with self._lock:
            self._noted(sum(self._grow(log, end) for log, end in nexts.items()))

    def in_bulk(self, seconds: float) -> bool:
        """Whether hundreds of records came at once within the last `seconds`."""
        return time.monotonic() - self._bulk_at < seconds

    def _grow(self, log: int, end: int) -> int:
        known = self._nexts.get(log, 0)
        self._nexts[log] = max(end, known)
        return max(0, end - known)

    def _noted(self, grown: int) -> None:
        if grown >= _BULK:
            self._bulk_at = time.monotonic()
        self._wake()

    def beyond(self, positions: Mapping[int, int]) -> bool:
        """Whether a position lies after the end, as far as is known here."""
        return any(position > self._nexts.get(log, 0) for log, position in positions.items())

    async def wait(self, positions: Mapping[int, int], seconds: float) -> bool:
        """Wait until a log holds a record at or after its position; False after `seconds` or when closed."""
        waiter = _Waiter(positions, asyncio.get_running_loop())
        with self._lock:
            if self._closed or self._has_more(positions):
                return not self._closed
            self._waiters.add(waiter)
        try:
            async with asyncio.timeout(seconds):
                await waiter.woken.wait()
        except TimeoutError:
            pass
        finally:
            with self._lock:
                self._waiters.discard(waiter)
        return waiter.found

    def close(self) -> None:
        """Wake everybody with nothing, now and from now on."""
        with self._lock:
            self._closed = True
            for waiter in self._waiters:
                waiter.wake()
            self._waiters.clear()

    def _wake(self) -> None:
        for waiter in [waiter for waiter in self._waiters if self._has_more(waiter.positions)]:
            waiter.found = True
            waiter.wake()
            self._waiters.discard(waiter)

    def _has_more(self, positions: Mapping[int, int]) -> bool:
        """The last record of a log is never compacted away, so an end beyond position and start means a record."""
        starts, nexts = self._starts, self._nexts
        return any(max(position, starts.get(log, 0)) < nexts.get(log, 0) for log, position in positions.items())
