"""SQLite as a service's database: WAL, `synchronous=FULL`, one writer thread that commits whoever waits together."""

from __future__ import annotations

import contextlib
import queue
import sqlite3
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, StaticPool, create_engine, event
from sqlalchemy.engine import ExceptionContext

from rapport_chassis.clock import Clock
from rapport_chassis.db import Ahead, DiskFull, EngineUnavailable, Tx, gather_result
from rapport_chassis.sqlite_errors import trouble
from rapport_chassis.sqlite_wal import write_ahead
from rapport_chassis.sqlite_watch import watch
from rapport_chassis.tables import ChassisTables
from rapport_chassis.wake import Signal

P = ParamSpec("P")
T = TypeVar("T")

_CHECKPOINT_PAGES = 16_000  # 64 MB: pages that change with every batch are copied into the file once, not each time
_BUSY_SECONDS = 30.0
_ASK_MS = 3  # SQLite asks after 1 and 2 ms, then says that it is busy
_MOST_TOGETHER = 128  # writes that share one commit
_Work = tuple[Callable[[Tx], Any], Future[Any]]


class SqliteDatabase:
    """One file, one writer thread a process, a few reader threads. `path` None is an in-memory database for tests."""

    sole_worker = True

    def __init__(self, path: Path | None, tables: ChassisTables, clock: Clock, readers: int, name: str) -> None:
        self.tables = tables
        self.changed = Signal()
        self._path = path
        self._clock = clock
        self._queue: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
        self.engine = _engine(path, readers)
        self._readers = ThreadPoolExecutor(readers, f"{name}-read") if path else None
        self._local = threading.local()
        self._open: list[Connection] = []
        self._writer = threading.Thread(target=self._write_loop, name=f"{name}-write", daemon=True)
        self._unwatch: Callable[[], None] = lambda: None
        self._closed = False

    async def start(self) -> None:
        """Start the writer thread and listen to other processes' commits."""
        self._open.append(self.engine.connect())  # here, so that a file that cannot be opened is said to who starts
        self._open[0].exec_driver_sql(f"PRAGMA busy_timeout={_ASK_MS}")
        self._open[0].rollback()
        self._writer.start()
        if self._path:
            with contextlib.closing(self.engine.raw_connection()) as made:
                made.cursor().execute("PRAGMA user_version")  # the file exists before it is watched
            self._unwatch = watch(self._path, self._moved)

    async def close(self) -> None:
        """Commit what waits, then close every connection."""
        if self._closed:
            return
        self._closed = True
        self._unwatch()
        if self._writer.is_alive():
            self._queue.put(None)
            await gather_result(_in_thread(self._writer.join))
        if self._readers:
            self._readers.shutdown(wait=True)
        for conn in self._open:
            conn.close()
        self.engine.dispose()

    def _moved(self, _connection: sqlite3.Connection) -> bool:
        self.changed.set()
        return True

    async def lead(self, name: str, work: Callable[[], Awaitable[None]]) -> None:  # noqa: ARG002
        """Whoever works on the file is its leader: there is one worker."""
        await work()

    async def write(self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn(tx, …)` on the writer thread, in the caller's trace; committed when this returns."""
        context = copy_context()
        return await gather_result(self._submit(lambda tx: context.run(fn, tx, *args, **kwargs)))

    async def write_together(self, fn: Callable[[Tx], T], _ahead: Ahead | None = None, /) -> T:
        """As `write`: here all share commits, and to ask is no round trip."""
        return await self.write(fn)

    async def read(self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn(conn, …)` on a reader thread's snapshot (in memory: on the writer's connection, between writes)."""
        if self._closed:
            raise EngineUnavailable("the database is closing")
        if self._readers is None:
            return await gather_result(self._submit(lambda tx: fn(tx.conn, *args, **kwargs)))
        return await gather_result(self._readers.submit(self._snapshot, lambda conn: fn(conn, *args, **kwargs)))

    async def glance(self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn(conn, …)` on a snapshot here and now, on the event loop's thread (ADR 0067)."""
        if self._readers is None:
            return await self.read(fn, *args, **kwargs)
        if self._closed:
            raise EngineUnavailable("the database is closing")
        return self._snapshot(lambda conn: fn(conn, *args, **kwargs))

    def _submit(self, fn: Callable[[Tx], T]) -> Future[T]:
        if self._closed:
            raise EngineUnavailable("the database is closing")
        future: Future[T] = Future()
        self._queue.put((fn, future))
        return future

    def _snapshot(self, fn: Callable[[Connection], T]) -> T:
        conn: Connection | None = getattr(self._local, "conn", None)
        if conn is None:
            conn = self._local.conn = self.engine.connect()
            self._open.append(conn)
        try:
            conn.exec_driver_sql("BEGIN")
            return fn(conn)
        finally:
            conn.rollback()

    def _write_loop(self) -> None:
        conn = self._open[0]
        while (first := self._queue.get()) is not None:
            batch = [first]
            stop = False
            with contextlib.suppress(queue.Empty):
                while len(batch) < _MOST_TOGETHER:
                    work = self._queue.get_nowait()
                    if work is None:
                        stop = True
                        break
                    batch.append(work)
            self._commit_together(conn, batch)
            if stop:
                return

    def _commit_together(self, conn: Connection, batch: list[_Work]) -> None:
        done: list[tuple[Future[Any], Any]] = []
        raw: Any = conn.connection.dbapi_connection
        before = raw.total_changes
        try:
            _begin(conn)
            for fn, future in batch:
                self._run_in_savepoint(conn, fn, future, done)
            conn.commit()
        except Exception as error:  # noqa: BLE001  whatever it is, it belongs to those who wait
            conn.rollback()
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        if raw.total_changes != before:
            self.changed.set()
        for future, result in done:
            future.set_result(result)

    def _run_in_savepoint(
        self, conn: Connection, fn: Callable[[Tx], Any], future: Future[Any], done: list[tuple[Future[Any], Any]]
    ) -> None:
        raw: Any = conn.connection.dbapi_connection
        raw.execute("SAVEPOINT alone")
        tx = Tx(conn, self._clock.now(), self.tables)
        try:
            result = fn(tx)
            tx.flush()
        except Exception as error:  # it belongs to the caller of this write alone
            if (
                not raw.in_transaction
            ):  # but SQLite may undo all, when the disk is full (“Response To Errors Within A Transaction”)
                raise
            raw.execute("ROLLBACK TO alone")
            future.set_exception(error)
        else:
            done.append((future, result))
        raw.execute("RELEASE alone")


def _begin(conn: Connection) -> None:
    """Take the file's one write lock, asking every other millisecond while another process has it.

    SQLite's own waiting asks ever more seldom, up to every 100 ms: beside a process that commits all the time it would hardly
    ever meet a moment in between.
    """
    until = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            conn.exec_driver_sql("BEGIN IMMEDIATE")
        except EngineUnavailable as error:
            if isinstance(error, DiskFull) or time.monotonic() > until:
                raise
        else:
            return


def _engine(path: Path | None, readers: int) -> Engine:
    connect_args = {"check_same_thread": False, "timeout": _BUSY_SECONDS}
    if path is None:
        engine = create_engine("sqlite://", poolclass=StaticPool, connect_args=connect_args)
    else:
        engine = create_engine(f"sqlite:///{path}", pool_size=readers + 4, connect_args=connect_args)

    @event.listens_for(engine, "connect")
    def _configure(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # transactions are begun by us, in the mode we need
        write_ahead(connection)
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA cache_size=-16384")
        connection.execute("PRAGMA temp_store=MEMORY")
        connection.execute("PRAGMA journal_size_limit=67108864")
        connection.execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES}")

    @event.listens_for(engine, "handle_error")
    def _translate(context: ExceptionContext) -> BaseException | None:
        return trouble(context.original_exception)

    return engine


def _in_thread(fn: Callable[[], T]) -> Future[T]:
    future: Future[T] = Future()

    def run() -> None:
        future.set_result(fn())

    threading.Thread(target=run, daemon=True).start()
    return future
