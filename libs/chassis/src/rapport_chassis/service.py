"""What a service is to the process that hosts it, and what the process gives to it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from fastapi import FastAPI
from prometheus_client import Gauge
from sqlalchemy import MetaData

from rapport_chassis import parking
from rapport_chassis.adapters import Adapter, look_at
from rapport_chassis.auth import Directory
from rapport_chassis.blobs import Blobs
from rapport_chassis.bus.port import Bus, ProducerFenced
from rapport_chassis.clock import Clock
from rapport_chassis.consumer import Consumer, ConsumerLoop
from rapport_chassis.db import Database, Tx
from rapport_chassis.job_loop import JobLoop
from rapport_chassis.jobs import active_jobs
from rapport_chassis.outbox import Relay, RelayLoop
from rapport_chassis.peers import Peers
from rapport_chassis.retention import forget
from rapport_chassis.running_job import JobRunner
from rapport_chassis.signing import Signer
from rapport_chassis.telemetry import Metrics
from rapport_chassis.wake import Signal
from rapport_contracts import topics

_QUIET_AFTER = 1.0
_log = logging.getLogger(__name__)
_LOOK_SECONDS = 5.0
_COUNT_SECONDS = 15.0
_COUNT_AT_REST_SECONDS = 600.0


@dataclass
class Runtime:
    """What one service has in one process. `env` are the settings of the environment (`RAPPORT_…`, provider keys).

    `adapters` are those that the service's bootstrap opened for this process; its `on_stop` closes them.
    """

    name: str
    role: Literal["web", "worker"]
    db: Database
    bus: Bus
    blobs: Blobs
    clock: Clock
    directory: Directory
    peers: Peers
    metrics: Metrics
    env: Mapping[str, str]
    data: str = "./data"
    sole_worker: bool = True
    adapters: dict[str, Adapter] = field(default_factory=dict)

    async def ends_of(self, topic: str) -> dict[int, int]:
        """The ends of a topic, by name."""
        return await self.bus.ends(topics.BY_NAME[topic])


@dataclass(frozen=True)
class Periodic:
    """Something to do every so often while the worker runs; it must be harmless to skip and to repeat.

    With `quiet_seconds` it is done only so often once the service's database has not changed for a second.
    """

    name: str
    seconds: float
    run: Callable[[], Awaitable[object]]
    quiet_seconds: float = 0.0


@dataclass(frozen=True)
class Worker:
    """What a service does in the background."""

    relay: Relay = field(default_factory=Relay)
    consumers: Sequence[Consumer] = ()
    jobs: Mapping[str, JobRunner] = field(default_factory=dict)
    tasks: Sequence[Periodic] = ()


@dataclass(frozen=True)
class Service:
    """One service, as its `bootstrap.py` declares it.

    `on_start` runs once at the start of either role, after migrations: small, idempotent (the first master, an index reader).
    `adapters` opens what the service would open of its own with this environment and data folder, by name, for `rapport check`.
    Raises `WrongSetting`.
    `introduce` tells those adapters whose they are, from the service's database, as a start does. Raises `EngineUnfit`,
    `EngineUnavailable`.
    `uses_blobs` says that its processes need the blob store.
    `on_restore` runs on a restored database before anything else does (messaging: what was not terminal is unknown).
    """

    name: str
    metadata: MetaData
    migrations: str
    web: Callable[[Runtime], FastAPI]
    worker: Callable[[Runtime], Worker]
    on_start: Callable[[Runtime], Awaitable[None]] | None = None
    on_stop: Callable[[Runtime], Awaitable[None]] | None = None
    on_restore: Callable[[Tx], None] | None = None
    adapters: Callable[[Mapping[str, str], str], Mapping[str, Adapter]] | None = None
    introduce: Callable[[Database, Mapping[str, Adapter]], Awaitable[None]] | None = None
    uses_blobs: bool = False


@dataclass(frozen=True)
class GatewayParts:
    """What the host gives to `rapport_gateway.bootstrap.build_gateway(parts)`: an ASGI app with `start()` and `close()`.

    `local` are the services of this process by name, `urls` those elsewhere; `console` the folder of the built console.
    """

    local: Mapping[str, FastAPI]
    urls: Mapping[str, str]
    signer: Signer
    directory: Directory
    bus: Bus
    clock: Clock
    metrics: Metrics
    env: Mapping[str, str]
    console: Path | None


async def run_worker(runtime: Runtime, worker: Worker) -> None:
    """Run a service's background work until cancelled; what fails is started again after a pause.

    Of several workers each consumes and runs jobs; one of them leads: it alone publishes, and does the periodic tasks.
    Raises `ProducerFenced` when another worker has taken over: the process must end.
    """
    alone = runtime.sole_worker
    loops: dict[str, Callable[[], Awaitable[object]]] = {
        one.group: ConsumerLoop(one, runtime.db, runtime.bus, runtime.metrics, shared=not alone).run
        for one in worker.consumers
    }
    if worker.jobs:
        loops["jobs"] = JobLoop(runtime, worker.jobs).run
    for telling in (
        _looking(runtime),
        _counting(runtime, worker.consumers),
    ):  # each for itself: what one reaches another may not
        loops[telling.name] = _every(telling, runtime.db.changed)
    loops["leader"] = lambda: runtime.db.lead("worker", lambda: _lead(runtime, worker))
    await _together(runtime.name, loops)


async def _lead(runtime: Runtime, worker: Worker) -> None:
    changed = runtime.db.changed
    tasks = {task.name: _every(task, changed) for task in (*worker.tasks, _housekeeping(runtime))}
    await _together(runtime.name, {"relay": _relay(runtime, worker).run} | tasks)


async def _together(service: str, loops: Mapping[str, Callable[[], Awaitable[object]]]) -> None:
    async with asyncio.TaskGroup() as group:
        for name, loop in loops.items():
            group.create_task(_supervised(f"{service}.{name}", loop), name=f"{service}.{name}")


def _relay(runtime: Runtime, worker: Worker) -> RelayLoop:
    return RelayLoop(runtime.name, worker.relay, runtime.db, runtime.bus, runtime.clock, runtime.metrics)


def _housekeeping(runtime: Runtime) -> Periodic:
    return Periodic("housekeeping", 600, lambda: forget(runtime.db))


def _looking(runtime: Runtime) -> Periodic:
    async def look() -> None:
        for seen in await look_at(runtime.adapters):
            runtime.metrics.adapter_up.labels(seen.name).set(seen.ok)

    return Periodic("adapters", _LOOK_SECONDS, look)


def _counting(runtime: Runtime, consumers: Sequence[Consumer]) -> Periodic:
    none = {(one.group,): 0 for one in consumers}

    async def count() -> None:
        db = runtime.db
        _told(runtime.metrics.parked, none | await db.read(parking.counted, db.tables))
        _told(runtime.metrics.jobs, await db.read(active_jobs, db.tables))

    return Periodic("counts", _COUNT_SECONDS, count, quiet_seconds=_COUNT_AT_REST_SECONDS)


def _told(gauge: Gauge, counts: Mapping[tuple[str, ...], int]) -> None:
    gauge.clear()
    for labels, number in counts.items():
        gauge.labels(*labels).set(number)


def _every(task: Periodic, changed: Signal) -> Callable[[], Awaitable[object]]:
    async def loop() -> None:
        seen, moved_at = -1, 0.0
        while True:
            await task.run()
            await asyncio.sleep(task.seconds)
            if changed.count != seen:
                seen, moved_at = changed.count, time.monotonic()
            elif task.quiet_seconds and time.monotonic() - moved_at > _QUIET_AFTER:
                await changed.wait(seen, task.quiet_seconds - task.seconds)

    return loop


async def _supervised(name: str, loop: Callable[[], Awaitable[object]]) -> None:
    pause = 0.2
    while True:
        try:
            await loop()
        except ProducerFenced:
            raise
        except Exception as error:
            if isinstance(error, ExceptionGroup) and error.subgroup(ProducerFenced):
                raise
            _log.exception("a background loop failed and starts again", extra={"loop": name, "pause": pause})
            await asyncio.sleep(pause)
            pause = min(pause * 2, 10)
        else:
            return
