"""The only place where search's parts meet."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import cast

from fastapi import FastAPI

from rapport_chassis.adapters import Adapter
from rapport_chassis.db import Database, EngineUnavailable
from rapport_chassis.http import create_app
from rapport_chassis.service import Periodic, Runtime, Service, Worker
from rapport_search.application.feeding import Feeding, ensure_first
from rapport_search.application.filters import Filters
from rapport_search.application.ports import SearchEngine
from rapport_search.application.reindexing import KIND, Reindex
from rapport_search.application.searching import Searching
from rapport_search.application.serving import Serving
from rapport_search.config import embedded_folder, engine_url
from rapport_search.entrypoints.http import filters, searches
from rapport_search.entrypoints.http.parts import Parts
from rapport_search.entrypoints.jobs import IndexAge
from rapport_search.store import installation
from rapport_search.store.tables import metadata

_log = logging.getLogger(__name__)
_ENGINE = "search engine"


def build_engine(runtime: Runtime) -> SearchEngine:
    """The engine of the environment, one a process. Raises `WrongSetting`."""
    if _ENGINE not in runtime.adapters:
        runtime.adapters.update(open_adapters(runtime.env, runtime.data))
    return cast("SearchEngine", runtime.adapters[_ENGINE])


def open_adapters(env: Mapping[str, str], data: str) -> dict[str, Adapter]:
    """The engine. Raises `WrongSetting`."""
    return {_ENGINE: _engine(engine_url(env, data))}


async def introduce(db: Database, adapters: Mapping[str, Adapter]) -> None:
    """Tell the engine whose it is, as a start does, without making anything. Raises `EngineUnfit`, `EngineUnavailable`."""
    if found := await db.read(installation.known):
        await cast("SearchEngine", adapters[_ENGINE]).claim(found)


def _engine(url: str) -> SearchEngine:
    if url.startswith("opensearch"):
        from rapport_search.adapters.opensearch import OpenSearchEngine, address_of

        return OpenSearchEngine(address_of(url))
    from rapport_search.adapters.embedded import EmbeddedEngine

    return EmbeddedEngine(embedded_folder(url))


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
    """Make the first index. An engine that is away now is no reason not to start: the worker makes it when it is back."""
    try:
        await ensure_first(runtime, build_engine(runtime))
    except EngineUnavailable as away:
        _log.warning("search begins without its engine", extra={"reason": str(away)})
    except BaseException:
        await on_stop(runtime)
        raise


async def on_stop(runtime: Runtime) -> None:
    """Let go of the engine."""
    await build_engine(runtime).close()


SERVICE = Service(
    name="search",
    metadata=metadata,
    migrations="rapport_search.migrations",
    web=build_web,
    worker=build_worker,
    on_start=on_start,
    on_stop=on_stop,
    adapters=open_adapters,
    introduce=introduce,
)
