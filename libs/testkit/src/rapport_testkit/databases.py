"""Databases for tests: a service's, migrated and new, on the engine that the run is on.

`ENGINES=real` means PostgreSQL, where a database is a copy of a template that was migrated once; otherwise it is an SQLite file.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import hashlib
import importlib
import itertools
import os
from collections.abc import AsyncIterator
from pathlib import Path
from threading import Thread
from typing import Final

import psycopg
from psycopg.sql import SQL, Identifier
from sqlalchemy import MetaData

from rapport_chassis.clock import SystemClock
from rapport_chassis.db import Database, open_database
from rapport_chassis.migrate import migrate
from rapport_testkit.engines import running
from rapport_testkit.engines.leftovers import drop_database
from rapport_testkit.topology import REAL

_KEPT: Final = 8  # a test opens few at once, and each takes 8 MB
_made: list[str] = []
_numbers = itertools.count()


def on_real_engines() -> bool:
    """Whether this run of the tests is on the engines of the scaled-out topology."""
    return REAL


def database_url(name: str, metadata: MetaData, migrations: str, folder: Path) -> str:
    """The database of the service `name` in `folder`: migrated and empty at first, the same one when asked again."""
    if not on_real_engines():
        return f"sqlite:///{folder / (name + '.sqlite')}"
    return postgres_url(name, metadata, migrations, folder)


@contextlib.asynccontextmanager
async def opened(name: str, metadata: MetaData, migrations: str, folder: Path) -> AsyncIterator[Database]:
    """The database alone, started and migrated, for tests of what stands on nothing else (SQLite: in memory)."""
    url = postgres_url(name, metadata, migrations, folder) if on_real_engines() else "sqlite://"
    db = open_database(url, metadata, clock=SystemClock(), name=name)
    await db.start()
    await migrate(db, migrations)
    yield db
    await db.close()


def postgres_url(name: str, metadata: MetaData, migrations: str, folder: Path) -> str:
    """As `database_url`, on PostgreSQL whatever the run is on. A file in `folder` says it to other processes of the test."""
    said = folder / f"{name}.database"
    if not said.exists():
        for old in _made[:-_KEPT]:
            _drop_if_unused(old)
        _made.append(new_database(_template(name, metadata, migrations)))
        folder.mkdir(parents=True, exist_ok=True)
        said.write_text(_made[-1])
    return said.read_text()


def new_database(template: str | None = None) -> str:
    """The URL of a new database, empty or a copy of `template`; it goes with this process."""
    made = f"test_{os.getpid()}_{next(_numbers)}"
    with _server() as server:
        if template is None:
            server.execute(_create(made))
        else:
            copy = SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                Identifier(made), Identifier(template)
            )
            server.execute(copy)
    url = f"{running('postgres').url.rpartition('/')[0]}/{made}"
    atexit.register(drop_database, url)
    return url


def _template(name: str, metadata: MetaData, migrations: str) -> str:
    """A database as the migrations leave it, made once for each state of them."""
    template = f"template_{name}_{_state(migrations)}"
    with _server() as server:
        server.execute("SELECT pg_advisory_lock(20)")
        if server.execute("SELECT 1 FROM pg_database WHERE datname = %s", (template,)).fetchone() is None:
            aside = f"{template}_{os.getpid()}"
            server.execute(_create(aside))
            _in_own_loop(_migrated(f"{running('postgres').url.rpartition('/')[0]}/{aside}", metadata, migrations))
            server.execute(SQL("ALTER DATABASE {} RENAME TO {}").format(Identifier(aside), Identifier(template)))
    return template


def _state(migrations: str) -> str:
    origin = importlib.import_module(migrations).__file__ or ""
    files = sorted((Path(origin).parent / "versions").glob("*.py"))
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()[:12]


async def _migrated(url: str, metadata: MetaData, migrations: str) -> None:
    db = open_database(url, metadata)
    await db.start()
    await migrate(db, migrations)
    await db.close()


def _in_own_loop(coroutine: object) -> None:
    """Run it in a thread: the caller may be in a loop of its own."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(coroutine)  # type: ignore[arg-type]
        except BaseException as error:  # noqa: BLE001  raised again where it is waited for
            failed.append(error)

    thread = Thread(target=run)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]


def _create(name: str) -> SQL:
    return SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'").format(Identifier(name))  # type: ignore[return-value]


def _drop_if_unused(url: str) -> None:
    """Drop it, unless somebody is connected: the server would wait five seconds for that to end."""
    name = url.rpartition("/")[2]
    with contextlib.suppress(psycopg.errors.ObjectInUse), _server() as server:
        if server.execute("SELECT 1 FROM pg_stat_activity WHERE datname = %s", (name,)).fetchone() is None:
            server.execute(SQL("DROP DATABASE IF EXISTS {}").format(Identifier(name)))
            _made.remove(url)


def _server() -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(running("postgres").url, autocommit=True)
