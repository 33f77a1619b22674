"""Drains an installation: every change is published and every consumer is at the end of its topics.

No job and no periodic task runs meanwhile, so nothing new is sent, and what is there to do has an end.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from rapport_chassis.consumer import ConsumerLoop
from rapport_chassis.db import EngineUnavailable
from rapport_chassis.outbox import RelayLoop
from rapport_chassis.positions import Superseded
from rapport_host.process import Process, opened
from rapport_host.roles import NAMES
from rapport_host.settings import Misconfigured, Settings

_PATIENCE_SECONDS = 60.0
_PAUSE_SECONDS = 0.5
_SAID_EVERY = 5.0


async def drain(settings: Settings, say: Callable[[str], None]) -> None:
    """Drain what `settings` name; nothing else may work on it.

    Raises `Misconfigured` when a consumer stops, `EngineUnavailable` when nothing goes on for a minute.
    """
    async with opened(settings, "worker", NAMES) as process:
        relays, consumers = _loops(process)
        handled = 0
        said = time.monotonic()
        while some := await _round(relays, consumers):
            handled += some
            if time.monotonic() - said > _SAID_EVERY:
                said = time.monotonic()
                say(f"drained {handled:,} changes and messages so far")
        say(f"drained: {handled:,} changes and messages were on their way")


def _loops(process: Process) -> tuple[list[RelayLoop], list[ConsumerLoop]]:
    relays, consumers = [], []
    for name, runtime in process.runtimes.items():
        worker = process.services[name].worker(runtime)
        relays.append(RelayLoop(name, worker.relay, runtime.db, runtime.bus, runtime.clock))
        consumers += [ConsumerLoop(one, runtime.db, runtime.bus) for one in worker.consumers]
    return relays, consumers


async def _round(relays: list[RelayLoop], consumers: list[ConsumerLoop]) -> int:
    """One look at everything; 0: all are done, for a change by one would have been taken by another in the next round."""
    handled = 0
    for relay in relays:
        handled += await _patiently(relay.once)
    for consumer in consumers:
        handled += await _patiently(consumer.once)
        if consumer.stopped:
            raise Misconfigured(f"{consumer.consumer.group} has stopped, so nothing was moved: {consumer.stopped}")
    return handled


async def _patiently(once: Callable[[], Awaitable[int]]) -> int:
    until = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            return await once()
        except (EngineUnavailable, Superseded):
            if time.monotonic() > until:
                raise
            await asyncio.sleep(_PAUSE_SECONDS)
