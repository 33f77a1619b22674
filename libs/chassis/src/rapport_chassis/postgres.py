"""PostgreSQL as a service's database: a few threads for writes, a few for reads, one transaction a call.

Writes are READ COMMITTED and queue at the rows that they lock, so what was read after the lock is true until the commit; reads
are one REPEATABLE READ snapshot.
"""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

import psycopg
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from rapport_chassis.clock import Clock, from_micros
from rapport_chassis.db import Ahead, Contended, EngineUnavailable, Tx, gather_result
from rapport_chassis.dialects import queue_at
from rapport_chassis.postgres_commit import committed, deciding, flushed_and_committed, said_by
from rapport_chassis.postgres_engine import connect_args, make_engine, refuse_unfit, unfit_or_away
from rapport_chassis.postgres_errors import may_be_a_race, translated
from rapport_chassis.postgres_pipeline import flowing
from rapport_chassis.postgres_pulse import Pulse
from rapport_chassis.postgres_session import LastingSession
from rapport_chassis.postgres_together import Together
from rapport_chassis.tables import ChassisTables
from rapport_chassis.wake import Signal

P = ParamSpec("P")
T = TypeVar("T")

_TRIES: Final = 8  # of a write that meets others
_PAUSE_SECONDS: Final = 0.005
_NOW: Final = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
_BEGIN_WRITE: Final = f"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; {_NOW}"
_BEGIN_SHARED: Final = f"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL lock_timeout = '100ms'; {_NOW}"
_BEGIN_READ: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


class PostgresDatabase:
    """One database of a server. At most `connections` for transactions, half of them for writes, and two more.

    One lasts; the other is for requests that failed among others or wait for a lock.
    """

    sole_worker = False

    def __init__(self, url: str, tables: ChassisTables, clock: Clock | None, connections: int, name: str) -> None:
        self.tables = tables
        self.changed = Signal()
        self._clock = clock
        self._most = max(2, connections)
        self._pulse = Pulse(connect_args(url, name), name)
        self.engine = make_engine(self._pulse.connect, self._most + 1)
        writers = self._most // 2
        self._writers = ThreadPoolExecutor(writers, f"{name}-write")
        self._readers = ThreadPoolExecutor(self._most - writers, f"{name}-read")
        self._patient = ThreadPoolExecutor(1, f"{name}-wait")
        self._together = Together(self._writers, self._patient, self._write_shared, self._write)
        self._session = LastingSession(connect_args(url, name), self.changed, name)
        self._closed = False

    async def start(self) -> None:
        """See that the database is there and fit. Raises `EngineUnavailable`, or `EngineUnfit` with what is wrong."""
        self._pulse.start()
        try:
            await gather_result(self._readers.submit(self._look))
        except BaseException:
            await self.close()
            raise
        self._session.start()

    def _look(self) -> None:
        try:
            with self._begun(_BEGIN_READ) as (conn, _):
                refuse_unfit(conn)
        except (psycopg.Error, DBAPIError, EngineUnavailable) as error:
            raise unfit_or_away(error) from error

    async def close(self) -> None:
        """Finish what waits, then close every connection."""
        if self._closed:
            return
        self._closed = True
        await gather_result(_in_thread(self._end))

    def _end(self) -> None:
        self._writers.shutdown(wait=True)
        self._patient.shutdown(wait=True)
        self._readers.shutdown(wait=True)
        self._session.end()
        self._pulse.end()
        self.engine.dispose()

    async def lead(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Run `work` under the advisory lock `name`, held by the lasting session: when that is lost, so is the lead."""
        await self._session.lead(name, work)

    async def write(self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn(tx, …)` in a transaction of its own, in the caller's trace; begun again when it met others."""
        context = copy_context()

        def run(tx: Tx) -> T:
            return context.run(fn, tx, *args, **kwargs)

        return await gather_result(self._submit(self._writers, self._write, run))

    async def write_together(self, fn: Callable[[Tx], T], ahead: Ahead | None = None, /) -> T:
        """Run `fn(tx)`, in the caller's trace, in a transaction that it may share with others that wait."""
        self._refuse_closed()
        result: T = await self._together.run(fn, ahead)
        return result

    async def read(self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn(conn, …)` on one snapshot."""
        return await gather_result(self._submit(self._readers, self._read, lambda conn: fn(conn, *args, **kwargs)))

    async def glance(self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """As `read`: the database is in another process, and the event loop waits for nobody."""
        return await self.read(fn, *args, **kwargs)

    def _submit(self, pool: ThreadPoolExecutor, run: Callable[[Any], T], fn: Callable[[Any], T]) -> Future[T]:
        self._refuse_closed()
        return pool.submit(run, fn)

    def _refuse_closed(self) -> None:
        if self._closed:
            raise EngineUnavailable("the database is closing")
        self._pulse.refuse_silent()

    def _read(self, fn: Callable[[Connection], T]) -> T:
        with self._translating(), self._begun(_BEGIN_READ) as (conn, _):
            return fn(conn)

    def _write(self, fn: Callable[[Tx], T]) -> T:
        for again in range(_TRIES):
            try:
                return self._transaction(_BEGIN_WRITE, [fn], again)[0]
            except Contended:
                if again == _TRIES - 1:
                    raise
                time.sleep(_PAUSE_SECONDS * random.uniform(0, 2**again))  # noqa: S311  apart, not secret
        raise AssertionError("unreachable")

    def _write_shared(self, fns: Sequence[Callable[[Tx], Any]]) -> list[Any]:
        return self._transaction(_BEGIN_SHARED, fns, 0)

    def _transaction(self, begin: str, fns: Sequence[Callable[[Tx], T]], again: int) -> list[T]:
        """A unique key that was taken is looked at once more: a race is then seen as what it is, a fault is raised again.

        Those that met others queue, so that they meet no more of them.
        """
        raced = None if again else may_be_a_race
        with self._translating(raced), self._begun(begin) as (conn, said):
            if again:
                queue_at(conn, "met")
            now = self._clock.now() if self._clock else from_micros(said)
            first = Tx(conn, now, self.tables, raced)
            txs = [first, *(first.beside() for _ in fns[1:])]
            with deciding() as decision:
                with flowing(conn) if begin is _BEGIN_SHARED else contextlib.nullcontext():
                    results = [fn(tx) for fn, tx in zip(fns, txs, strict=True)]
                    decision.asked = True
                    wrote = flushed_and_committed(first)
                wrote = wrote or committed(conn)
        if wrote and not all(tx.quiet for tx in txs):
            self.changed.set()
            self._session.tell()
        return results

    @contextlib.contextmanager
    def _translating(self, raced: Callable[[BaseException], bool] | None = None) -> Iterator[None]:
        try:
            yield
        except EngineUnavailable:
            raise
        except Exception as error:
            if raced and raced(error):
                raise Contended(str(error)) from error
            meaning = translated(error)
            if meaning is error:
                raise
            raise meaning from error

    @contextlib.contextmanager
    def _begun(self, begin: str) -> Iterator[tuple[Connection, Any]]:
        """A connection in a transaction, and what the server said to `begin`; whatever happens, it is left in none.

        Those that died while they waited are thrown away: nothing was done on them yet.
        """
        for left in reversed(range(self._most + 1)):
            self._pulse.refuse_silent()
            conn = self.engine.connect()
            with contextlib.ExitStack() as leaving:
                leaving.callback(_close, conn)
                leaving.enter_context(self._pulse.watching(conn.connection.dbapi_connection))
                leaving.callback(_leave, conn)
                try:
                    said = said_by(conn, begin)
                except psycopg.Error:
                    if not left:
                        raise
                    continue
                yield conn, said
                return


def _leave(conn: Connection) -> None:
    driver: Any = conn.connection.dbapi_connection if not conn.invalidated else None
    if driver is not None:
        with contextlib.suppress(psycopg.Error):
            driver.rollback()  # nothing to do, and no round trip, after a commit


def _close(conn: Connection) -> None:
    driver: Any = conn.connection.dbapi_connection if not conn.invalidated else None
    if driver is not None and driver.closed:
        conn.invalidate()
    conn.close()


def _in_thread(fn: Callable[[], None]) -> Future[None]:
    future: Future[None] = Future()

    def run() -> None:
        fn()
        future.set_result(None)

    threading.Thread(target=run, daemon=True).start()
    return future
