"""`rapport databases apply`: makes the PostgreSQL databases that are missing and migrates all; may be run again and again."""

from __future__ import annotations

import asyncio
import contextlib
import sys

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from rapport_chassis.db import EngineUnavailable, EngineUnfit, open_database
from rapport_chassis.migrate import migrate
from rapport_chassis.postgres_engine import connect_args, unfit_or_away
from rapport_host.roles import NAMES
from rapport_host.services import load
from rapport_host.settings import Misconfigured, Settings
from rapport_host.supervisor import UNAVAILABLE

_MAINTENANCE = "postgres"  # the database that every server has, to make others from


def apply(settings: Settings) -> int:
    """Apply, saying what was made; the exit status (75: PostgreSQL is away). Raises `Misconfigured`."""
    if not settings.on_postgres:
        raise Misconfigured("RAPPORT_DATABASE_URL names no PostgreSQL; SQLite's files are made by themselves")
    try:
        made = create_missing(settings)
        asyncio.run(migrate_all(settings))
    except EngineUnfit as error:
        raise Misconfigured(str(error)) from error
    except EngineUnavailable as error:
        print(f"rapport: {error}", file=sys.stderr)
        return UNAVAILABLE
    for name in made:
        print(f"made the database of {name}")
    print("all databases are there and migrated")
    return 0


def create_missing(settings: Settings) -> list[str]:
    """Make the databases that are missing, empty; whose they are. Raises `EngineUnfit`, `EngineUnavailable`."""
    return [name for name in NAMES if _create(make_url(settings.database_url(name)))]


def _create(url: URL) -> bool:
    """Whether it was missing. Of two that make it at once, one finds it made."""
    maintenance = url.set(database=_MAINTENANCE).render_as_string(hide_password=False)
    try:
        with psycopg.connect(**connect_args(maintenance, "databases"), autocommit=True) as server:
            there = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", (url.database,)).fetchone()
            if there is None:
                with contextlib.suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                    server.execute(_statement(url.database or ""))
            return there is None
    except psycopg.errors.InsufficientPrivilege as error:
        raise EngineUnfit(f"the database {url.database} is missing and this user may not create it: {error}") from error
    except psycopg.Error as error:
        raise unfit_or_away(error) from error


def _statement(database: str) -> sql.Composed:
    return sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'").format(sql.Identifier(database))


async def migrate_all(settings: Settings) -> None:
    """Bring every service's database to the newest version. Raises `EngineUnfit`, `EngineUnavailable`."""
    for name in NAMES:
        service = load(name)
        db = open_database(settings.database_url(name), service.metadata, name=name)
        await db.start()
        try:
            await migrate(db, service.migrations)
        finally:
            await db.close()
