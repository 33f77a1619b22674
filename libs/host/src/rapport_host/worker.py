"""A worker process: every relay, consumer, job and task of the services it works for.

Where the database or the bus is a file, a lock a service keeps it the only one; on PostgreSQL and Kafka there may be several.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Sequence

from rapport_host.locking import locked
from rapport_host.operators import exposed
from rapport_host.process import opened
from rapport_host.settings import Settings
from rapport_host.stopping import until_stopped

_LOCK_SECONDS = 15


async def serve_worker(
    settings: Settings, names: list[str], ready: Callable[[str], None], beside: Sequence[str] = ()
) -> None:
    """Work for `names` until told to stop; what is in hand is finished or handed back.

    `beside` are services that are only asked from here, in this process instead of over HTTP.
    """
    with contextlib.ExitStack() as stack:
        locks = [settings.data / f"{name}.worker.lock" for name in names]
        settings.data.mkdir(parents=True, exist_ok=True)
        if not settings.several_workers:
            for lock in locks:
                stack.enter_context(locked(lock, _LOCK_SECONDS))
        async with opened(settings, "worker", [*names, *beside]) as process:
            measured = {name: process.runtimes[name].metrics for name in names}
            work = asyncio.create_task(process.work(names))
            for lock in locks:
                lock.write_text(str(os.getpid()))  # whoever looks sees that this one works now
            ready("worker")
            with exposed(settings, measured):
                await until_stopped(work)
            work.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await work
