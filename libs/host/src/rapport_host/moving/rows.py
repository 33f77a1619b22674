"""A service's rows as they are stored, read from its file or from PostgreSQL: the same values on both sides.

Documents are text and instants numbers on every engine (ADR 0093), so that only truth values are converted.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Boolean, Table

from rapport_chassis.service import Service
from rapport_host.moving.positions import TABLES, Positions
from rapport_host.settings import Misconfigured

Row = tuple[Any, ...]
CHUNK = 5_000
_NOT_OURS = {"alembic_version", "sqlite_sequence"}


def open_source(path: Path) -> sqlite3.Connection:
    """The file, only to be read."""
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True)


def tables_of(service: Service, source: sqlite3.Connection) -> list[Table]:
    """The service's tables, those that others refer to first. Raises `Misconfigured` when the file has others."""
    tables = service.metadata.sorted_tables
    found = {
        name: {column[1] for column in source.execute(f'PRAGMA table_info("{name}")')}
        for (name,) in source.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        if name not in _NOT_OURS
    }
    if found != {table.name: {column.name for column in table.c} for table in tables}:
        raise Misconfigured(f"{service.name}.sqlite has other tables or columns than this version of Rapport knows")
    return tables


def source_rows(source: sqlite3.Connection, service: str, table: Table, positions: Positions) -> Iterator[Row]:
    """The rows of the file, as they are to be after the move."""
    names = [column.name for column in table.c]
    truth = [place for place, column in enumerate(table.c) if isinstance(column.type, Boolean)]
    listed = ", ".join(f'"{name}"' for name in names)
    with closing(source.execute(f'SELECT {listed} FROM "{table.name}"')) as found:
        for row in found:
            if table.name not in TABLES:
                yield _with_truth(row, truth)
            elif moved := positions.moved(service, table.name, dict(zip(names, row, strict=True))):
                yield tuple(moved.values())


def _with_truth(row: Row, places: Sequence[int]) -> Row:
    if not places:
        return row
    values = list(row)
    for place in places:
        values[place] = None if values[place] is None else bool(values[place])
    return tuple(values)


def target_rows(target: psycopg.Connection[Row], table: Table) -> Iterator[Row]:
    """The rows on PostgreSQL, streamed; inside a transaction."""
    with target.cursor(name="moved") as cursor:
        cursor.itersize = CHUNK
        cursor.execute(sql.SQL("SELECT {} FROM {}").format(_columns(table), sql.Identifier(table.name)))
        yield from cursor


def copy_rows(target: psycopg.Connection[Row], table: Table, rows: Iterable[Row]) -> int:
    """Insert the rows by COPY, so many a statement that none takes long; how many they were."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), _columns(table))
    rest, count = iter(rows), 0
    with target.cursor() as cursor:
        while chunk := list(islice(rest, CHUNK)):
            with cursor.copy(statement) as to:
                for row in chunk:
                    to.write_row(row)
            count += len(chunk)
    return count


def _columns(table: Table) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(column.name) for column in table.c)
