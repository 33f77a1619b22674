"""The only place where the parts of the import service meet."""

from __future__ import annotations

from fastapi import FastAPI

from rapport_chassis.http import create_app
from rapport_chassis.service import Periodic, Runtime, Service, Worker
from rapport_import.adapters.child.processes import ChildReader
from rapport_import.application.retention import forget_files
from rapport_import.application.run import RUN
from rapport_import.application.sweep import sweep
from rapport_import.config import limits_from
from rapport_import.entrypoints.consumers import definitions_consumer, results_consumer
from rapport_import.entrypoints.http.looking import looking_router
from rapport_import.entrypoints.http.running import running_router
from rapport_import.entrypoints.http.uploads import upload_router
from rapport_import.entrypoints.jobs import ImportRunner
from rapport_import.store.tables import METADATA

_SWEEP_SECONDS = 60
_RETENTION_SECONDS = 600


def build_web(runtime: Runtime) -> FastAPI:
    """The HTTP app."""
    limits = limits_from(runtime.env)
    reader = ChildReader(limits)
    return create_app(runtime, [upload_router(reader, limits), looking_router(reader), running_router(reader)])


def build_worker(runtime: Runtime) -> Worker:
    """What runs in the background."""
    reader = ChildReader(limits_from(runtime.env))

    async def tidy() -> None:
        await sweep(runtime.db, runtime.blobs, runtime.clock)

    async def forget() -> None:
        await forget_files(runtime.db, runtime.blobs, reader, runtime.clock)

    return Worker(
        consumers=[results_consumer(), definitions_consumer()],
        jobs={RUN: ImportRunner(runtime, reader)},
        tasks=[Periodic("sweep", _SWEEP_SECONDS, tidy), Periodic("retention", _RETENTION_SECONDS, forget)],
    )


SERVICE = Service(
    name="import",
    metadata=METADATA,
    migrations="rapport_import.migrations",
    web=build_web,
    worker=build_worker,
    uses_blobs=True,
)
