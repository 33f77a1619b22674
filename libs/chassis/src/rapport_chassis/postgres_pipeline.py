"""Many statements in one round trip: psycopg's pipeline, for a few changes or for a whole transaction."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, Self, cast

import psycopg
from psycopg import Pipeline
from sqlalchemy import Connection as SqlConnection

from rapport_chassis.postgres_errors import raised_as_usual


def _only_asks(statement: object) -> bool:
    return isinstance(statement, str) and statement.startswith("SELECT")


class Cursor(psycopg.Cursor[Any]):
    """Where a transaction flows, the answer to what is asked comes at once, and with it those of all statements before it."""

    def execute(self, *args: Any, **kwargs: Any) -> Self:
        """Run a statement."""
        super().execute(*args, **kwargs)
        connection = cast("Connection", self.connection)
        connection.changes += not _only_asks(args[0])
        connection.settle()
        return self

    def executemany(self, *args: Any, **kwargs: Any) -> None:
        """Run a statement with each of many parameters."""
        super().executemany(*args, **kwargs)
        connection = cast("Connection", self.connection)
        connection.changes += 1
        connection.settle()


class Connection(psycopg.Connection[Any]):
    """A connection whose transaction may flow: what nobody looks at the answer of waits for the next round trip."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cursor_factory = Cursor
        self._flow: Pipeline | None = None
        self._unasked = False
        self.changes = 0
        """How many statements did more than ask."""

    @contextlib.contextmanager
    def flowing(self) -> Iterator[None]:
        """A whole transaction: what a statement meets may be raised by a later one, or at the end."""
        with self.pipeline() as flow:
            self._flow = flow
            try:
                yield
            finally:
                self._flow = None

    @contextlib.contextmanager
    def unasked(self) -> Iterator[None]:
        """Nobody looks at the answers of these statements. Where nothing flows they are a round trip of their own."""
        if self._flow is None:
            with self.pipeline():
                yield
            return
        before, self._unasked = self._unasked, True
        try:
            yield
        finally:
            self._unasked = before

    @property
    def in_pipeline(self) -> bool:
        """Whether statements wait for a round trip: COPY cannot."""
        return bool(self.pgconn.pipeline_status)

    def settle(self) -> None:
        """Wait for every answer, where they are looked at."""
        if self._flow is not None and not self._unasked:
            self._flow.sync()


def driver_of(conn: SqlConnection) -> Connection:
    """The driver's connection."""
    return cast("Connection", conn.connection.dbapi_connection)


@contextlib.contextmanager
def flowing(conn: SqlConnection) -> Iterator[None]:
    """The transaction of `conn` flows: see `Connection.flowing`."""
    with raised_as_usual(), driver_of(conn).flowing():
        yield


@contextlib.contextmanager
def unasked(conn: SqlConnection) -> Iterator[None]:
    """Changes whose answers nobody looks at: see `Connection.unasked`."""
    with raised_as_usual(), driver_of(conn).unasked():
        yield
