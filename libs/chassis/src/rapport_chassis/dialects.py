"""What the databases spell differently, behind one name each: membership in a list, bulk inserts, locks without a row."""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain
from types import ModuleType
from typing import Any, Final

import orjson
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Connection,
    Dialect,
    Executable,
    Integer,
    Table,
    Text,
    TypeDecorator,
    bindparam,
    func,
    literal_column,
    select,
)
from sqlalchemy import text as sql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

_ROWS_A_STATEMENT = (500, 256, 128, 64, 32, 16)  # few shapes, so that they stay prepared; SQLite takes 32,766 values

_SHARED: Final = sql("SELECT pg_advisory_xact_lock_shared(:key)")
_COUNT_ON: Final = sql("UPDATE sqlite_sequence SET seq = seq + :count WHERE name = :table RETURNING seq")
_COUNT_FROM: Final = sql("INSERT INTO sqlite_sequence VALUES (:table, :count)")
FEW: Final = 8  # things that change, or rows


class Listing(TypeDecorator[Sequence[Any]]):
    """Any number of values as one bound parameter: a JSON array on SQLite, an array on PostgreSQL."""

    impl = Text
    cache_ok = True

    def __init__(self, *, numbers: bool) -> None:
        super().__init__()
        self.numbers = numbers

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The type that is bound."""
        of_postgres = ARRAY(BigInteger() if self.numbers else Text())
        return dialect.type_descriptor(of_postgres if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Sequence[Any] | None, dialect: Dialect) -> Any:
        """The values, as they are bound."""
        values = list(value or ())
        return values if dialect.name == "postgresql" else orjson.dumps(values).decode()


class Listed(FunctionElement[bool]):
    """`column` is one of the bound values: one cached statement and one plan however many there are."""

    name = "listed"
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> Any:  # noqa: ARG002
        """A condition as it stands: compared with true, as SQLAlchemy would do on SQLite, it would use no index."""
        return self


def listed(column: ColumnElement[Any], values: Sequence[Any]) -> ColumnElement[bool]:
    """The condition that `column` is one of `values` (numbers or text)."""
    return Listed(column, bindparam("listed", list(values), _listing_of(column), unique=True))


def among(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """As `listed`, of the values that a constant statement is given as `name` (`ask`): a list."""
    return Listed(column, bindparam(name, type_=_listing_of(column)))


def _listing_of(column: ColumnElement[Any]) -> Listing:
    return Listing(numbers=column.type._type_affinity is Integer)  # noqa: SLF001  SQLAlchemy has no public word for it


@compiles(Listed)
def _in_json(element: Listed, compiler: SQLCompiler, **how: Any) -> str:
    column, values = element.clauses
    return f"({compiler.process(column, **how)} IN (SELECT value FROM json_each({compiler.process(values, **how)})))"


@compiles(Listed, "postgresql")
def _in_array(element: Listed, compiler: SQLCompiler, **how: Any) -> str:
    column, values = element.clauses
    return f"({compiler.process(column, **how)} = ANY ({compiler.process(values, **how)}))"


class Numbers(FunctionElement[int]):
    """The whole numbers of a JSON array as rows with one column, `value`."""

    name = "numbers"
    inherit_cache = True


@compiles(Numbers)
def _each_in_json(element: Numbers, compiler: SQLCompiler, **how: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **how)})"


@compiles(Numbers, "postgresql")
def _each_as_text(element: Numbers, compiler: SQLCompiler, **how: Any) -> str:
    return f"json_array_elements_text(CAST({compiler.process(element.clauses, **how)} AS json))"


def insert_rows(conn: Connection, table: Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert positional tuples in their stored form: many a statement; on PostgreSQL more than a few by COPY."""
    if conn.dialect.name == "postgresql":
        _postgres().insert_rows(conn, table, tuple(columns), rows)
    else:
        _insert(conn, table, tuple(columns), rows)


@contextlib.contextmanager
def together(conn: Connection, many: int) -> Iterator[None]:
    """Changes whose answers nobody looks at go to PostgreSQL in one round trip; what one of them meets is raised at the end.

    What is asked for inside it (a SELECT, a RETURNING) does not come. `many` things that change are each for itself when they
    are not few: their rows come by COPY, which cannot be among others.
    """
    if conn.dialect.name != "postgresql" or many > FEW:
        yield
        return
    with _postgres().unasked(conn):
        yield


def delete_rows(conn: Connection, table: Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Delete the rows that have these values, a key of the table, in `columns`."""
    if conn.dialect.name == "postgresql":
        _postgres().delete_rows(conn, table, tuple(columns), rows)
    elif rows:
        conn.exec_driver_sql(delete_of(table.name, tuple(columns), 1), list(rows))


def update_rows(
    conn: Connection, table: Table, columns: Sequence[str], key: str, rows: Sequence[tuple[Any, ...]]
) -> None:
    """Set `columns` of rows to values in their stored form; the last of each tuple is the row's `key`."""
    if conn.dialect.name == "postgresql":
        _postgres().update_rows(conn, table, tuple(columns), key, rows)
    elif rows:
        conn.exec_driver_sql(update_of(table.name, tuple(columns), key), list(rows))


def ask(conn: Connection, statement: Executable, **values: Any) -> list[Any]:
    """The rows that a constant statement gives, in their stored form; PostgreSQL's driver is asked itself, in hot paths."""
    if conn.dialect.name == "postgresql":
        rows: list[Any] = _postgres().ask(conn, statement, values)
        return rows
    return list(conn.execute(statement, values))


def new_numbers(conn: Connection, table: Table, count: int) -> Sequence[int]:
    """`count` rising numbers for new rows of a table that numbers them: nobody else ever gets them.

    On PostgreSQL nobody waits for who took some, so they are not in the order of the commits, and some are never used.
    """
    if conn.dialect.name == "postgresql":
        return [row[0] for row in ask(conn, _numbered(table), count=count)]
    last = conn.execute(_COUNT_ON, {"table": table.name, "count": count}).scalar()
    if last is None:  # the first ever
        conn.execute(_COUNT_FROM, {"table": table.name, "count": count})
        last = count
    return range(last - count + 1, last + 1)


@cache
def _numbered(table: Table) -> Executable:
    (column,) = table.primary_key
    sequence = func.pg_get_serial_sequence(literal_column(f"'{table.name}'"), literal_column(f"'{column.name}'"))
    return select(func.nextval(sequence)).select_from(func.generate_series(1, bindparam("count", type_=Integer())))


def _postgres() -> ModuleType:
    from rapport_chassis import postgres_statements

    return postgres_statements  # and with it the driver, which an embedded installation does not load


def _insert(conn: Connection, table: Table, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> None:
    """SQLite's driver gives the interpreter away at every statement, not at every row."""
    at = 0
    for size in _ROWS_A_STATEMENT:
        statement = insert_of(table.name, columns, size) if len(rows) - at >= size else ""
        while len(rows) - at >= size:
            conn.exec_driver_sql(statement, tuple(chain.from_iterable(rows[at : at + size])))
            at += size
    if at < len(rows):
        conn.exec_driver_sql(insert_of(table.name, columns, 1), list(rows[at:]))


@cache
def insert_of(table: str, columns: tuple[str, ...], size: int, mark: str = "?") -> str:
    """The statement that inserts `size` rows; `mark` is how the driver spells a value."""
    names = ",".join(f'"{column}"' for column in columns)
    marks = f"({','.join([mark] * len(columns))})"
    return f'INSERT INTO "{table}" ({names}) VALUES {",".join([marks] * size)}'


@cache
def delete_of(table: str, columns: tuple[str, ...], size: int, mark: str = "?") -> str:
    """The statement that deletes `size` rows by the values of `columns`."""
    names = ",".join(f'"{column}"' for column in columns)
    marks = f"({','.join([mark] * len(columns))})"
    return f'DELETE FROM "{table}" WHERE ({names}) IN (VALUES {",".join([marks] * size)})'


@cache
def update_of(table: str, columns: tuple[str, ...], key: str, mark: str = "?") -> str:
    """The statement that sets `columns` of a row."""
    values = ",".join(f'"{column}" = {mark}' for column in columns)
    return f'UPDATE "{table}" SET {values} WHERE "{key}" = {mark}'


def queue_at(conn: Connection, name: str) -> None:
    """Wait until no other transaction is here; held to the end of this one. SQLite has one writer: nobody else is there."""
    if conn.dialect.name == "postgresql":
        conn.execute(sql("SELECT pg_advisory_xact_lock(:key)"), {"key": lock_key(name)})


def share(conn: Connection, name: str) -> None:
    """Be where others may be as well, but nobody who came by `queue_at`: he waits, and who comes after him waits for him.

    A row that is locked `FOR SHARE` by ever new transactions would never be his. On PostgreSQL it goes with the next question.
    """
    if conn.dialect.name == "postgresql":
        with together(conn, 1):
            conn.execute(_SHARED, {"key": lock_key(name)})


def lock_key(name: str) -> int:
    """The number of an advisory lock; each database has its own."""
    return zlib.crc32(name.encode())
