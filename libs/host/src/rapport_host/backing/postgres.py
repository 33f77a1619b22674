"""A service's database on PostgreSQL: held still by its outbox, and written into a file as the embedded default has it."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from pathlib import Path

import psycopg
from sqlalchemy import Table

from rapport_chassis.db import open_database
from rapport_chassis.migrate import migrate, newest
from rapport_chassis.postgres_engine import connect_args, unfit_or_away
from rapport_host.moving.postgres import COMMENT
from rapport_host.moving.rows import Row, target_rows
from rapport_host.services import load
from rapport_host.settings import Misconfigured, Settings

_LIMITS = "SET lock_timeout = '2s'; SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0"


class HeldDatabase:
    """`hold` keeps everybody from changing what others are told of, until `let_go`; `look` begins the snapshot to copy."""

    def __init__(self, settings: Settings, name: str, leaving: contextlib.ExitStack) -> None:
        self._service = load(name)
        self._url = settings.database_url(name)
        self._holder = self._connected(leaving)
        self._snapshot = self._connected(leaving)
        self._refuse_unfit()

    def _connected(self, leaving: contextlib.ExitStack) -> psycopg.Connection[Row]:
        try:
            connection = psycopg.connect(**connect_args(self._url, "backup"))
        except psycopg.OperationalError as error:
            raise unfit_or_away(error) from error
        leaving.callback(connection.close)
        connection.execute(_LIMITS)
        connection.commit()
        return connection

    def _refuse_unfit(self) -> None:
        """Another version's tables have columns that this one would leave out; what a migration fills is not complete."""
        with self._holder.transaction():
            comment = self._holder.execute(COMMENT).fetchall()[0][0]
            found = self._holder.execute("SELECT version_num FROM alembic_version").fetchall()
        if comment:
            raise Misconfigured(f"the database of {self._service.name} is {comment}: finish that first")
        if found != [(newest(self._service.migrations),)]:
            raise Misconfigured(
                f"the database of {self._service.name} is of another version of Rapport: back it up with that version"
            )

    def hold(self) -> None:
        """Lock the outbox, where every published change leaves a row, as soon as those who write in it are done.

        Raises `psycopg.OperationalError` when they take longer than two seconds, for who comes next waits behind this.
        """
        try:
            self._holder.execute("LOCK TABLE outbox IN EXCLUSIVE MODE")
        except psycopg.OperationalError:
            self._holder.rollback()
            raise

    def look(self) -> None:
        """From now on what is copied is what is there at this moment."""
        self._snapshot.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        self._snapshot.read_only = True
        self._snapshot.execute("SELECT 1 FROM alembic_version")

    def let_go(self) -> None:
        """Others may write."""
        self._holder.rollback()

    def copy(self, folder: Path) -> None:
        """`<service>.sqlite` in `folder`, with the same rows."""
        path = folder / f"{self._service.name}.sqlite"
        asyncio.run(self._make(path))
        with contextlib.closing(sqlite3.connect(path)) as file:
            file.execute("PRAGMA journal_mode=DELETE")
            with file:
                for table in reversed(self._service.metadata.sorted_tables):
                    file.execute(f'DELETE FROM "{table.name}"')  # what migrations put there
                for table in self._service.metadata.sorted_tables:
                    self._fill(file, table)

    async def _make(self, path: Path) -> None:
        db = open_database(f"sqlite:///{path}", self._service.metadata)
        await db.start()
        try:
            await migrate(db, self._service.migrations)
        finally:
            await db.close()

    def _fill(self, file: sqlite3.Connection, table: Table) -> None:
        names = ", ".join(f'"{column.name}"' for column in table.c)
        marks = ", ".join("?" * len(table.c))
        file.executemany(f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})', target_rows(self._snapshot, table))
        if (numbered := table.autoincrement_column) is not None:
            self._continue_numbers(file, table.name, numbered.name)

    def _continue_numbers(self, file: sqlite3.Connection, table: str, column: str) -> None:
        """New ids come after every one that was ever given."""
        last = self._snapshot.execute(
            "SELECT pg_sequence_last_value(pg_get_serial_sequence(%s, %s)::regclass)", (table, column)
        ).fetchall()[0][0]
        if last is not None:
            file.execute("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
            file.execute("INSERT INTO sqlite_sequence VALUES (?, ?)", (table, last))
