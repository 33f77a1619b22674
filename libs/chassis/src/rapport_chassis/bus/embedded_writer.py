"""The one thread of a process that writes the bus file: appends that wait are committed together, each all or none."""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeVar, cast

from rapport_chassis.bus.embedded_file import OFFSET_BITS, connect, sqlite_errors, transaction
from rapport_chassis.bus.embedded_tails import Tails
from rapport_chassis.bus.port import ProducerFenced
from rapport_chassis.clock import Clock, to_micros
from rapport_chassis.db import EngineUnavailable

T = TypeVar("T")

_GROUP_RECORDS = 8_000


@dataclass(eq=False, slots=True)
class Append:
    """What one `append` call brings: rows of (log id, key, value), to be written if `epoch` is still the producer's."""

    producer: str
    epoch: int
    rows: list[tuple[int, str, bytes]]
    done: Future[None] = field(default_factory=Future)


@dataclass(eq=False, slots=True)
class _Step:
    """Another write, in a transaction of its own unless it says otherwise."""

    run: Callable[[sqlite3.Connection], Any]
    in_transaction: bool
    done: Future[Any] = field(default_factory=Future)


class WriterThread:
    """Owns the writing connection. `close` finishes what waits; what comes later fails with `EngineUnavailable`."""

    def __init__(self, path: Path, tails: Tails, clock: Clock) -> None:
        self._path = path
        self._tails = tails
        self._clock = clock
        self._queue: queue.SimpleQueue[Append | _Step | None] = queue.SimpleQueue()
        self._gate = threading.Lock()
        self._closed = False
        self._conn = connect(path)
        self._thread = threading.Thread(target=self._serve, name=f"bus-writer-{path.name}", daemon=True)
        self._thread.start()

    def append(self, append: Append) -> Future[None]:
        """Queue an append; the future is done once it is durable."""
        self._submit(append)
        return append.done

    def run(self, step: Callable[[sqlite3.Connection], T], *, in_transaction: bool = True) -> Future[T]:
        """Queue another write, between appends."""
        work = _Step(step, in_transaction)
        self._submit(work)
        return work.done

    def close(self) -> None:
        """Finish what waits, then stop. May be called twice."""
        with self._gate:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()
        self._conn.close()

    def _submit(self, work: Append | _Step) -> None:
        work.done.set_running_or_notify_cancel()  # from here on nobody can cancel it: the thread may always answer
        with self._gate:
            if self._closed:
                raise EngineUnavailable("the bus is closed")
            self._queue.put(work)

    def _serve(self) -> None:
        going_on = True
        while going_on:
            for kind, works in groupby(self._waiting(), key=type):
                if kind is Append:
                    self._commit(cast("list[Append]", list(works)))
                elif kind is _Step:
                    for step in works:
                        self._step(cast("_Step", step))
                else:
                    going_on = False

    def _waiting(self) -> list[Append | _Step | None]:
        """Whoever waits now, at least one, and not more than a transaction should hold."""
        works = [self._queue.get()]
        records = 0
        while records < _GROUP_RECORDS and not self._queue.empty():
            work = self._queue.get_nowait()
            works.append(work)
            records += len(work.rows) if isinstance(work, Append) else 0
        return works

    def _step(self, step: _Step) -> None:
        try:
            with sqlite_errors(self._path):
                if step.in_transaction:
                    with transaction(self._conn):
                        result = step.run(self._conn)
                else:
                    result = step.run(self._conn)
        except BaseException as error:  # noqa: BLE001  it belongs to the caller, the thread goes on
            step.done.set_exception(error)
        else:
            step.done.set_result(result)

    def _commit(self, appends: list[Append]) -> None:
        try:
            with sqlite_errors(self._path), transaction(self._conn):
                accepted = self._accepted(appends)
                nexts = self._insert(accepted)
        except BaseException as error:  # noqa: BLE001  it belongs to the callers, the thread goes on
            for append in appends:
                append.done.set_exception(error)
            return
        self._tails.appended(nexts)
        for append in appends:
            if append in accepted:
                append.done.set_result(None)
            else:
                append.done.set_exception(
                    ProducerFenced(f"{append.producer}: a newer producer of this name writes now")
                )

    def _accepted(self, appends: list[Append]) -> list[Append]:
        epochs = dict(self._conn.execute("SELECT name, epoch FROM producers"))
        return [append for append in appends if epochs.get(append.producer) == append.epoch]

    def _insert(self, appends: list[Append]) -> dict[int, int]:
        """Write the records of all appends; the new end of each log they went to."""
        at = to_micros(self._clock.now())
        before = dict(self._conn.execute("SELECT id, next FROM logs"))
        nexts: dict[int, int] = {}
        rows = []
        for append in appends:
            for log, key, value in append.rows:
                offset = nexts.get(log) or before[log]
                nexts[log] = offset + 1
                rows.append((log << OFFSET_BITS | offset, key, at, value))
        rows.sort(key=itemgetter(0))  # neighbours go to the same page
        self._conn.executemany("INSERT INTO records VALUES (?, ?, ?, ?)", rows)
        self._conn.executemany("UPDATE logs SET next = ? WHERE id = ?", [(end, log) for log, end in nexts.items()])
        return nexts
