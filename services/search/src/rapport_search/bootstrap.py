"""The only place where search's parts meet."""

from __future__ import annotations

from fastapi import FastAPI

from rapport_chassis.http import create_app
from rapport_chassis.service import Periodic, Runtime, Service, Worker
from rapport_search.adapters.embedded import EmbeddedEngine
from rapport_search.application.feeding import Feeding, ensure_first
from rapport_search.application.filters import Filters
from rapport_search.application.ports import SearchEngine
from rapport_search.application.reindexing import KIND, Reindex
from rapport_search.application.searching import Searching
from rapport_search.application.serving import Serving
from rapport_search.config import index_folder
from rapport_search.entrypoints.http import filters, searches
from rapport_search.entrypoints.http.parts import Parts
from rapport_search.entrypoints.jobs import IndexAge
from rapport_search.store.tables import metadata


def build_engine(runtime: Runtime) -> SearchEngine:
    """The engine of the environment."""
    return EmbeddedEngine(index_folder(runtime.env, runtime.data))


def build_web(runtime: Runtime) -> FastAPI:
    """The HTTP application."""
    app = create_app(runtime, [searches.router, filters.router], title="Rapport: search")
    searching = Searching(runtime.directory, runtime.clock)
    app.state.search = Parts(searching, Serving(runtime, build_engine(runtime)), Filters(searching))
    return app


def build_worker(runtime: Runtime) -> Worker:
    """The indexes' feeding and reindexing, and the index age for operators."""
    engine = build_engine(runtime)
    return Worker(
        jobs={KIND: Reindex(runtime, engine)},
        tasks=[
            Periodic("feeding", 1, Feeding(runtime, engine).run),
            Periodic("index_age", 5, IndexAge(runtime).measure),
        ],
    )


async def on_start(runtime: Runtime) -> None:
    """Make the first index."""
    await ensure_first(runtime, build_engine(runtime))


SERVICE = Service(
    name="search",
    metadata=metadata,
    migrations="rapport_search.migrations",
    web=build_web,
    worker=build_worker,
    on_start=on_start,
)
