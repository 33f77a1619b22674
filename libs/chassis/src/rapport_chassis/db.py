"""The database port: synchronous use cases run by `await db.write(fn)` and `await db.read(fn)`, never a session in a coroutine.

On SQLite one writer thread commits whoever is waiting together, a savepoint each; on PostgreSQL a small pool of threads does.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Concatenate, Final, ParamSpec, Protocol, TypeVar

import orjson
from sqlalchemy import Column, ColumnElement, Connection, Engine, MetaData, Table, delete, select

from rapport_chassis.clock import Clock, SystemClock, to_micros
from rapport_chassis.dialects import insert_rows, listed
from rapport_chassis.queued import Queued
from rapport_chassis.tables import ChassisTables, chassis_tables
from rapport_chassis.telemetry import current_traceparent
from rapport_chassis.wake import Signal
from rapport_contracts.topics import Topic

P = ParamSpec("P")
T = TypeVar("T")

_MAX_POSITIONS = 50
_OUTBOX = ("topic", "keys", "type", "event_id", "data", "traceparent", "at")
MOST_DELETED: Final = 1_000


class EngineUnavailable(Exception):  # noqa: N818  a state of the world, not a fault of the caller
    """An engine (database, bus, search, blobs) does not answer now; trying again later is right."""


class DiskFull(EngineUnavailable):
    """The disk of an engine is full: nothing was changed, and nothing will be before somebody makes room."""


class Contended(EngineUnavailable):
    """Two transactions were in each other's way; the whole write may be done again, and is, a few times."""


class EngineUnfit(Exception):  # noqa: N818
    """An engine answers but cannot be used as it is set up (password, name, encoding); the message says what to change."""


class Tx:
    """What a use case gets: the connection of its transaction, the transaction's time, and the outbox.

    It may be called again from the start (`Contended`), so it changes nothing outside but what it returns.
    """

    __slots__ = ("_queued", "conn", "held", "now", "positions", "quiet", "raced", "tables")

    def __init__(
        self,
        conn: Connection,
        now: datetime,
        tables: ChassisTables,
        raced: Callable[[BaseException], bool] | None = None,
    ) -> None:
        self._queued = Queued()
        self.conn = conn
        self.now = now
        self.positions: list[str] = []
        self.tables = tables
        self.quiet = False
        """Nobody waits for what this writes: other processes need not be told, where that costs something."""
        self.raced = raced or (lambda _error: False)
        """Whether an error may be owed to a transaction beside this one, so that all is to be done again."""
        self.held: dict[str, Any] = {}
        """What was read under a lock, and so stays true until the transaction ends; who changes it takes it out."""

    def beside(self) -> Tx:
        """What another use case gets that shares this transaction: its positions are its own."""
        other = Tx(self.conn, self.now, self.tables, self.raced)
        other._queued, other.held = self._queued, self.held
        return other

    def publish_state(self, topic: Topic, versions: Sequence[tuple[str, int]]) -> None:
        """Queue the current documents of these keys: one outbox row, read by the relay when it publishes."""
        if not versions:
            return
        self.positions += [f"{key}@{version}" for key, version in versions[: _MAX_POSITIONS - len(self.positions)]]
        self._queue(topic, [key for key, _ in versions], None, None, None)

    def publish_fact(
        self, topic: Topic, key: str, type_: str, data: bytes | str, *, event_id: str | None = None
    ) -> None:
        """Queue one fact or command; `data` is JSON. `event_id` is the natural key consumers deduplicate by."""
        from rapport_chassis.ids import new_id

        body = data.decode() if isinstance(data, bytes) else data
        self._queue(topic, [key], type_, event_id or new_id(), body)

    def _queue(self, topic: Topic, keys: list[str], type_: str | None, event_id: str | None, data: str | None) -> None:
        said = (topic.name, orjson.dumps(keys).decode(), type_, event_id, data, current_traceparent())
        self.insert_last(self.tables.outbox, _OUTBOX, [(*said, to_micros(self.now))])

    def insert_last(self, table: Table, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert rows, in their stored form, at the transaction's end, those of a table at once: nobody asks for them before."""
        self._queued.insert(table, columns, rows)

    def replace_last(
        self, table: Table, columns: tuple[str, ...], gone: Iterable[tuple[Any, ...]], new: Iterable[tuple[Any, ...]]
    ) -> None:
        """Take rows away and put others in, as `insert_last`; `columns` are the table's key. Who asks for any flushes first."""
        self._queued.replace(table, columns, gone, new)

    @property
    def queued(self) -> int:
        """How many rows `flush` has to write or to delete."""
        return len(self._queued)

    def flush(self) -> None:
        """Write the rows that were queued; who began a transaction or a savepoint does it at its end."""
        self._queued.write(self.conn)

    def drop(self) -> None:
        """Forget what was queued since the last `flush`, and what is held: the effect is taken back, and its locks with it."""
        self._queued.clear()
        self.held.clear()


@dataclass(frozen=True, slots=True)
class Ahead:
    """What a write will ask for before all else. Those that share a transaction may have it asked for at once, into `Tx.held`.

    `ask` locks what it locks in the same order in every process. Two that lock are not for writes that may meet.
    """

    ask: Callable[[Tx, list[Any]], None]
    what: Any


class Database(Protocol):
    """One service's database."""

    changed: Signal
    """Set after every commit, by whichever process (LISTEN/NOTIFY, or the file's data version), perhaps not after a quiet one."""

    tables: ChassisTables
    engine: Engine
    sole_worker: bool
    """Whether at most one worker process has this database (a file)."""

    async def write(self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn(tx, …)` in a transaction; its result once it is durable, or its exception with nothing changed."""

    async def write_together(self, fn: Callable[[Tx], T], ahead: Ahead | None = None, /) -> T:
        """As `write`, for the few rows of one request: it may share its transaction with others that wait at the same time."""

    async def read(self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn(conn, …)` on a consistent snapshot."""

    async def glance(self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """As `read`, for a few rows by their keys: where the database is in this process, without a hop to a thread."""

    async def lead(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Run `work` while this process is the one leader `name` of all that share the database.

        It is cancelled when another may lead, begun again when this one leads again, and never twice at a time. Returns, or
        raises, as `work` does.
        """

    async def start(self) -> None:
        """Open the database. Raises `EngineUnavailable`, or `EngineUnfit`."""

    async def close(self) -> None:
        """Finish what waits, then close."""


def open_database(
    url: str, metadata: MetaData, *, clock: Clock | None = None, connections: int = 4, name: str = "service"
) -> Database:
    """The database at `url`: `sqlite:///path`, `sqlite://` (in memory, for tests) or `postgresql://user@host/database`.

    `connections` is how many a process uses at most for transactions, on PostgreSQL half of them for writes. Without
    `clock` the time of a transaction is that of the database's machine.
    """
    tables = chassis_tables(metadata)
    if url.startswith("sqlite:"):
        from rapport_chassis.sqlite import SqliteDatabase

        path = url.removeprefix("sqlite:").removeprefix("//").removeprefix("/")
        return SqliteDatabase(Path(path) if path else None, tables, clock or SystemClock(), connections, name)
    if url.startswith("postgresql:"):
        from rapport_chassis.postgres import PostgresDatabase

        return PostgresDatabase(url, tables, clock, connections, name)
    raise ValueError(f"RAPPORT_DATABASE_URL: this engine is not known: {url.split(':', 1)[0]}")


def bulk_insert(conn: Connection, table: Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert positional tuples, already in their stored form (instants as microseconds, JSON as text)."""
    if rows:
        insert_rows(conn, table, columns, rows)


def delete_some(conn: Connection, key: Column[Any], *which: ColumnElement[bool]) -> int:
    """Delete rows of the table of `key`, its primary key: `MOST_DELETED` at most, so that others wait for moments; how many."""
    some = select(key).where(*which).limit(MOST_DELETED)
    return conn.execute(delete(key.table).where(key.in_(some))).rowcount


def in_list(column: ColumnElement[Any], values: Sequence[Any]) -> ColumnElement[bool]:
    """`column IN values` for any number of values: one bound array, so one cached statement and one plan."""
    return listed(column, values)


async def gather_result(future: Future[T]) -> T:
    """Await a thread's future; a cancelled waiter does not cancel the work, which is committed or not as a whole."""
    loop = asyncio.get_running_loop()
    waiter: asyncio.Future[None] = loop.create_future()

    def done(_future: Future[T]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits there any more
            loop.call_soon_threadsafe(_wake, waiter)

    future.add_done_callback(done)
    await waiter
    return future.result()


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
