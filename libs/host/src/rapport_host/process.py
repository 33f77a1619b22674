"""One process of Rapport: opens the engines, builds the services it hosts, and runs them as web or worker."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from fastapi import FastAPI

from rapport_chassis import auth
from rapport_chassis.auth import Directory
from rapport_chassis.blobs import Blobs, open_blobs
from rapport_chassis.bus.opening import open_bus
from rapport_chassis.bus.port import Bus
from rapport_chassis.clock import SystemClock
from rapport_chassis.db import open_database
from rapport_chassis.disk import Disk
from rapport_chassis.migrate import migrate
from rapport_chassis.peers import Peers
from rapport_chassis.service import Periodic, Runtime, Service, run_worker
from rapport_chassis.signing import Signer
from rapport_chassis.telemetry import Metrics
from rapport_host.services import load
from rapport_host.settings import Settings

Role = Literal["web", "worker"]
_log = logging.getLogger(__name__)


@dataclass
class Process:
    """The engines and services of this process."""

    settings: Settings
    role: Role
    bus: Bus
    blobs: Blobs
    directory: Directory
    signer: Signer
    services: dict[str, Service] = field(default_factory=dict)
    runtimes: dict[str, Runtime] = field(default_factory=dict)
    _apps: dict[str, FastAPI] = field(default_factory=dict)

    def app(self, name: str) -> FastAPI | None:
        """The HTTP application of a service of this process, built when it is first asked for."""
        if name not in self.runtimes:
            return None
        if name not in self._apps:
            self._apps[name] = self.services[name].web(self.runtimes[name])
        return self._apps[name]

    async def work(self, names: Sequence[str]) -> None:
        """A worker's whole life: the relay, consumers, jobs and tasks of `names`, and (beside customers) the bus's upkeep."""
        async with asyncio.TaskGroup() as group:
            if "customers" in names:
                group.create_task(self._maintain())
            for name in names:
                group.create_task(run_worker(self.runtimes[name], self.services[name].worker(self.runtimes[name])))
            settled()

    async def _maintain(self) -> None:
        upkeep = Periodic("bus", 30, self.bus.maintain)
        while True:
            try:
                await upkeep.run()
            except Exception:  # noqa: BLE001  upkeep is tried again; the log only grows meanwhile
                _log.exception("the bus's upkeep failed")
            await asyncio.sleep(upkeep.seconds)


@contextlib.asynccontextmanager
async def opened(settings: Settings, role: Role, names: Sequence[str]) -> AsyncIterator[Process]:
    """Open everything that `names` need, migrated and caught up with who may what; close it in order at the end."""
    clock = SystemClock()
    signer = Signer(settings.identity_key(), clock)
    bus = open_bus(settings.bus_url, settings.env, clock)
    blobs = open_blobs(settings.blob_url, settings.env)
    process = Process(settings, role, bus, blobs, Directory(signer), signer)
    async with contextlib.AsyncExitStack() as stack:
        await process.bus.start()
        stack.push_async_callback(process.bus.close)
        process.services.update({name: load(name) for name in names})
        stack.push_async_callback(blobs.close)
        if any(service.uses_blobs for service in process.services.values()):
            await blobs.start()
        for name in names:
            process.runtimes[name] = await _runtime(process, name, clock)
            stack.push_async_callback(process.runtimes[name].db.close)
            stack.push_async_callback(process.runtimes[name].peers.close)
        for name, service in process.services.items():
            if service.on_start:
                await service.on_start(process.runtimes[name])
            if service.on_stop:
                stack.push_async_callback(service.on_stop, process.runtimes[name])
        await auth.catch_up(process.directory, process.bus)
        feeding = asyncio.create_task(auth.feed(process.directory, process.bus), name="directory")
        stack.callback(feeding.cancel)
        yield process


async def _runtime(process: Process, name: str, clock: SystemClock) -> Runtime:
    settings, service = process.settings, process.services[name]
    db = open_database(settings.database_url(name), service.metadata, clock=clock, name=name)
    await db.start()
    await migrate(db, service.migrations)
    return Runtime(
        name=name,
        role=process.role,
        db=db,
        bus=process.bus,
        blobs=process.blobs,
        clock=clock,
        directory=process.directory,
        peers=Peers(process.app, settings.urls),
        metrics=Metrics(),
        env=settings.env,
        data=str(settings.data),
        sole_worker=db.sole_worker,
        adapters={"disk": Disk(settings.data)} if settings.on_disk else {},
    )


def settled() -> None:
    """What start-up made stays: keep the collector from walking it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)  # batches make many short-lived objects and next to no cycles
