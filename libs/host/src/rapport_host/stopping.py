"""Stopping in order: on SIGTERM or SIGINT, or when the process that started this one is gone."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from typing import Any


async def until_stopped(work: asyncio.Future[Any]) -> None:
    """Wait for a signal, or until `work` ends by itself (its exception is raised)."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    waiting = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait({work, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if work in done:
        work.result()


def end_with_parent() -> None:
    """Stop when standard input ends: the supervisor holds its other end, so its death, however sudden, is noticed."""

    def watch() -> None:
        while os.read(0, 4096):  # not sys.stdin: its lock would be held while the interpreter ends
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()
