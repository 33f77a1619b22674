"""The worker process: every relay, consumer, job and task of the services it hosts; a file lock keeps it the only one."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from rapport_chassis.turns import take_turns
from rapport_host.metrics import exposed
from rapport_host.process import opened
from rapport_host.settings import Misconfigured, Settings
from rapport_host.stopping import until_stopped

_LOCK_SECONDS = 15


async def serve_worker(settings: Settings, names: list[str], ready: Callable[[str], None]) -> None:
    """Work until told to stop; what is in hand is finished or handed back."""
    take_turns()
    with locked(settings.data / "worker.lock", _LOCK_SECONDS) as lock:
        async with opened(settings, "worker", names) as process:
            measured = {name: runtime.metrics for name, runtime in process.runtimes.items()}
            work = asyncio.create_task(process.work())
            lock.write_text(str(os.getpid()))  # whoever looks sees that this one works now
            ready("worker")
            with exposed(settings, "worker", measured):
                await until_stopped(work)
            work.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await work


@contextlib.contextmanager
def locked(path: Path, seconds: float) -> Iterator[Path]:
    """Hold the lock file `path`, waiting at most `seconds` for it. Raises `Misconfigured`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    until = time.monotonic() + seconds
    with path.open("a") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() >= until:
                    raise Misconfigured(f"another Rapport works on {path.parent} ({path.name} is held)") from error
                time.sleep(0.05)
        yield path
