"""Wake-ups: a signal that waiters can await with a limit, settable from any thread; polling is only the backstop."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable


class Signal:
    """Something changed. Each waiter sees every change that happens after it last looked (a counter, not a flag)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0
        self._waiters: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()
        self._listeners: list[Callable[[], None]] = []

    @property
    def count(self) -> int:
        """How many changes there were; remember it before looking, then wait `after` it."""
        return self._count

    def set(self) -> None:
        """Announce a change. Any thread."""
        with self._lock:
            self._count += 1
            waiters, self._waiters = self._waiters, set()
        for loop, event in waiters:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits there any more
                loop.call_soon_threadsafe(event.set)
        for listener in self._listeners:
            listener()

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` (quick, thread-safe) at every change from now on."""
        self._listeners.append(listener)

    async def wait(self, after: int, timeout: float) -> bool:
        """Wait for a change beyond count `after`, at most `timeout` seconds; whether there was one."""
        event = asyncio.Event()
        waiter = (asyncio.get_running_loop(), event)
        with self._lock:
            if self._count > after:
                return True
            self._waiters.add(waiter)
        try:
            async with asyncio.timeout(timeout):  # not wait_for: until Python 3.12 it can swallow a cancellation
                await event.wait()
        except TimeoutError:
            return False
        finally:
            with self._lock:
                self._waiters.discard(waiter)
        return True
