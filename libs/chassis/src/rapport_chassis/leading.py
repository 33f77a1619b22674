"""One leader's part: work that runs while the lead is held and is cancelled when it is lost."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from rapport_chassis.dialects import lock_key


class Lead:
    """A lead that one coroutine wants (`run`); a thread says `won` and `lost`."""

    def __init__(self, name: str) -> None:
        self.key = lock_key(f"lead {name}")
        self.new = True
        self.held = False
        self.over = False
        self._terms = 0
        self._loop = asyncio.get_running_loop()
        self._moved = asyncio.Event()

    def won(self) -> None:
        """It is held now. Any thread."""
        self._terms += 1
        self.held = True
        self._tell()

    def lost(self) -> None:
        """It is held no more. Any thread."""
        if self.held:
            self.held = False
            self._tell()

    def _tell(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits there any more
            self._loop.call_soon_threadsafe(self._moved.set)

    async def run(self, work: Callable[[], Awaitable[None]]) -> None:
        """See `Database.lead`."""
        while True:
            await self._until(lambda: self.held)
            term = self._terms
            working = asyncio.ensure_future(work())
            losing = asyncio.create_task(self._until(self._is_not(term)))
            try:
                await asyncio.wait({working, losing}, return_when=asyncio.FIRST_COMPLETED)
                if working.done():
                    return await working
            finally:
                await _ended(losing)
                await _ended(working)

    def _is_not(self, term: int) -> Callable[[], bool]:
        return lambda: not self.held or self._terms != term

    async def _until(self, true: Callable[[], bool]) -> None:
        while not true():
            self._moved.clear()
            if not true():
                await self._moved.wait()


async def _ended(task: asyncio.Future[None]) -> None:
    if not task.done():
        task.cancel()
        await asyncio.wait({task})
