"""PostgreSQL's own ways of inserting, changing, deleting and asking, past SQLAlchemy: for `dialects`, which says what they do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import chain
from typing import Any, Final, cast

from sqlalchemy import Connection, Executable, Table
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from rapport_chassis.dialects import FEW, delete_of, insert_of, update_of
from rapport_chassis.postgres_errors import raised_as_usual
from rapport_chassis.postgres_pipeline import driver_of, unasked

__all__ = ["ask", "delete_rows", "insert_rows", "unasked", "update_rows"]

_MOST_VALUES: Final = 50  # in a statement: so many psycopg keeps ready
_Rows = Sequence[tuple[Any, ...]]


def insert_rows(conn: Connection, table: Table, columns: tuple[str, ...], rows: _Rows) -> None:
    """COPY takes two round trips and is planned anew each time, and it cannot be among other statements of a pipeline."""
    if len(rows) > FEW and not driver_of(conn).in_pipeline:
        _copy(conn, table, columns, rows)
    else:
        _some_at_a_time(conn, lambda size: insert_of(table.name, columns, size, "%s"), rows)


def delete_rows(conn: Connection, table: Table, columns: tuple[str, ...], rows: _Rows) -> None:
    """Some rows a statement."""
    _some_at_a_time(conn, lambda size: delete_of(table.name, columns, size, "%s"), rows)


def update_rows(conn: Connection, table: Table, columns: tuple[str, ...], key: str, rows: _Rows) -> None:
    """A row a statement; many in one pipeline."""
    statement = update_of(table.name, columns, key, "%s")
    with raised_as_usual(), driver_of(conn).cursor() as cursor:
        if len(rows) == 1:
            cursor.execute(statement, rows[0])
        elif rows:
            cursor.executemany(statement, rows)


def ask(conn: Connection, statement: Executable, values: dict[str, Any]) -> list[Any]:
    """The statement's text is made once."""
    text, constants = _spelled(statement)
    with raised_as_usual():
        return driver_of(conn).execute(text, constants | values).fetchall()


@cache
def _spelled(statement: Executable) -> tuple[str, dict[str, Any]]:
    compiled = cast("Any", statement).compile(dialect=cast("Any", PGDialect_psycopg)())
    return str(compiled), {name: value for name, value in compiled.params.items() if value is not None}


def _copy(conn: Connection, table: Table, columns: tuple[str, ...], rows: _Rows) -> None:
    names = ",".join(f'"{column}"' for column in columns)
    with (
        raised_as_usual(),
        driver_of(conn).cursor() as cursor,
        cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as to,
    ):
        for row in rows:
            to.write_row(row)


def _some_at_a_time(conn: Connection, statement_of: Callable[[int], str], rows: _Rows) -> None:
    driver = driver_of(conn)
    most = _MOST_VALUES // len(rows[0]) if rows else 1
    with raised_as_usual():
        for at in range(0, len(rows), most):
            some = rows[at : at + most]
            driver.execute(statement_of(len(some)), tuple(chain.from_iterable(some)))
