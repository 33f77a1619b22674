"""The databases on PostgreSQL: found unused (or this migration's own, and begun anew), filled, compared, handed over."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Iterator

import psycopg
from psycopg import sql
from sqlalchemy import Table

from rapport_chassis.db import open_database
from rapport_chassis.migrate import migrate
from rapport_chassis.postgres_engine import BEING_FILLED, connect_args, unfit_or_away
from rapport_chassis.service import Service
from rapport_host.databases import create_missing, migrate_all
from rapport_host.moving.digest import Compared, digest
from rapport_host.moving.positions import Positions
from rapport_host.moving.rows import Row, copy_rows, open_source, source_rows, tables_of, target_rows
from rapport_host.roles import NAMES
from rapport_host.services import load
from rapport_host.settings import Misconfigured, Settings

Target = psycopg.Connection[Row]
_UNMARKED = sql.SQL("COMMENT ON TABLE outbox IS NULL")
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
COMMENT = "SELECT coalesce(obj_description(to_regclass('outbox'), 'pg_class'), '')"
"""Whether a migration fills the database: says so, or is empty."""


def prepare_databases(settings: Settings, migration: str) -> None:
    """Make and migrate the databases; what `migration` had filled is thrown away.

    Raises `Misconfigured` for a database that holds more than its migrations put there, or that another migration fills.
    """
    create_missing(settings)
    for name in NAMES:
        with connected(settings, name) as target:
            comment = _one(target, COMMENT)
            if comment == BEING_FILLED + migration:
                _drop_tables(target)
            elif comment:
                raise Misconfigured(f"the database of {name} is {comment}, begun elsewhere: move to other databases")
    asyncio.run(migrate_all(settings))
    used = [name for name in NAMES if asyncio.run(_is_used(settings, load(name)))]
    if used:
        raise Misconfigured(f"the databases of {', '.join(used)} are not empty: move to databases that nobody has used")


def _drop_tables(target: Target) -> None:
    found = [name for (name,) in target.execute(_TABLES).fetchall()]
    target.execute(sql.SQL("DROP TABLE {}").format(sql.SQL(", ").join(map(sql.Identifier, found))))


async def _is_used(settings: Settings, service: Service) -> bool:
    """Whether a table holds more rows than in a database that was only migrated."""
    new = open_database("sqlite://", service.metadata)
    await new.start()
    await migrate(new, service.migrations)
    names = [table.name for table in service.metadata.sorted_tables]
    counts = "SELECT " + ", ".join(f'(SELECT count(*) FROM "{name}")' for name in names)
    untouched = await new.read(lambda conn: tuple(conn.exec_driver_sql(counts).one()))
    await new.close()
    with connected(settings, service.name) as target:
        found = target.execute(counts.encode()).fetchone()
    return any(here > fresh for here, fresh in zip(found or (), untouched, strict=True))


def claim_databases(settings: Settings, migration: str) -> None:
    """From now on no process starts on them, until `release_databases`."""
    comment = sql.SQL("COMMENT ON TABLE outbox IS {}").format(sql.Literal(BEING_FILLED + migration))
    for name in NAMES:
        with connected(settings, name) as target:
            target.execute(comment)


def release_databases(settings: Settings) -> None:
    """Let processes start on them; harmless when they may."""
    for name in NAMES:
        with connected(settings, name) as target:
            target.execute(_UNMARKED)


def copy_databases(source: Settings, settings: Settings, positions: Positions, say: Callable[[str], None]) -> None:
    """Fill each service's database, in one transaction a service."""
    for name in NAMES:
        with both_sides(source, settings, name) as (service, file, target):
            tables = tables_of(service, file)
            target.execute(
                sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(sql.Identifier(one.name) for one in tables))
            )
            count = sum(_copy(file, target, name, table, positions) for table in tables)
        say(f"copied {name}: {count:,} rows")


def _copy(file: sqlite3.Connection, target: Target, service: str, table: Table, positions: Positions) -> int:
    try:
        count = copy_rows(target, table, source_rows(file, service, table, positions))
    except psycopg.DataError as error:
        raise Misconfigured(f"{service}.{table.name}: PostgreSQL does not take a value: {error}") from error
    if (numbered := table.autoincrement_column) is not None:
        _continue_numbers(file, target, table.name, numbered.name)
    return count


def _continue_numbers(file: sqlite3.Connection, target: Target, table: str, column: str) -> None:
    """New ids come after every one that was ever given."""
    last = file.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
    if last:
        target.execute("SELECT setval(pg_get_serial_sequence(%s, %s), %s)", (table, column, last[0]))


def compare_databases(source: Settings, settings: Settings, positions: Positions) -> list[Compared]:
    """Every table on both sides."""
    found = []
    for name in NAMES:
        with both_sides(source, settings, name) as (service, file, target):
            for table in service.metadata.sorted_tables:
                here = digest(source_rows(file, name, table, positions))
                found.append(Compared(f"{name}.{table.name}", here, digest(target_rows(target, table))))
    return found


@contextlib.contextmanager
def both_sides(source: Settings, settings: Settings, name: str) -> Iterator[tuple[Service, sqlite3.Connection, Target]]:
    """A service, its file, and its database in a transaction that is committed at the end."""
    with contextlib.closing(open_source(source.database_path(name))) as file, connected(settings, name) as target:
        yield load(name), file, target


@contextlib.contextmanager
def connected(settings: Settings, name: str) -> Iterator[Target]:
    """A transaction on a service's database. Raises `EngineUnfit`, `EngineUnavailable`."""
    try:
        with psycopg.connect(**connect_args(settings.database_url(name), "migrate")) as target:
            yield target
    except psycopg.OperationalError as error:
        raise unfit_or_away(error) from error


def _one(target: Target, statement: str) -> str:
    row = target.execute(statement.encode()).fetchone()
    return str(row[0]) if row else ""
