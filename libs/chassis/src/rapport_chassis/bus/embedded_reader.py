"""Reads the bus file, on threads with a connection each, fairly over partitions; it changes nothing."""

from __future__ import annotations

import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from rapport_chassis.bus.embedded_file import OFFSET_BITS, OFFSET_MASK, connect, sqlite_errors
from rapport_chassis.bus.port import up_to
from rapport_chassis.db import EngineUnavailable

T = TypeVar("T")

_Record = tuple[int, int, str, bytes]  # log id, offset, key, value

_GOLDEN = 0.6180339887498949
_RECORDS = "SELECT place, key, value FROM records WHERE place >= ? AND place < ? ORDER BY place LIMIT ?"


class ReaderThreads:
    """Runs reads off the event loop. `close` finishes what was asked for; later reads fail with `EngineUnavailable`."""

    def __init__(self, path: Path, count: int) -> None:
        self._path = path
        self._queue: queue.SimpleQueue[tuple[Callable[[sqlite3.Connection], Any], Future[Any]] | None] = (
            queue.SimpleQueue()
        )
        self._gate = threading.Lock()
        self._closed = False
        self._threads = [
            threading.Thread(target=self._serve, args=(conn,), name=f"bus-reader-{path.name}-{number}", daemon=True)
            for number, conn in enumerate([connect(path) for _ in range(count)])
        ]
        for thread in self._threads:
            thread.start()

    def run(self, read: Callable[[sqlite3.Connection], T]) -> Future[T]:
        """Run `read(connection)` on a free thread."""
        done: Future[T] = Future()
        done.set_running_or_notify_cancel()  # from here on nobody can cancel it: the thread may always answer
        with self._gate:
            if self._closed:
                raise EngineUnavailable("the bus is closed")
            self._queue.put((read, done))
        return done

    def close(self) -> None:
        """Finish what was asked for, then stop. May be called twice."""
        with self._gate:
            if not self._closed:
                self._closed = True
                for _ in self._threads:
                    self._queue.put(None)
        for thread in self._threads:
            thread.join()

    def _serve(self, conn: sqlite3.Connection) -> None:
        with contextlib.closing(conn):
            while (asked := self._queue.get()) is not None:
                read, done = asked
                try:
                    with sqlite_errors(self._path):
                        result = read(conn)
                except BaseException as error:  # noqa: BLE001  it belongs to the caller, the thread goes on
                    done.set_exception(error)
                else:
                    done.set_result(result)


def read_logs(conn: sqlite3.Connection) -> list[tuple[int, int, int]]:
    """(log id, start, next) of every log."""
    return conn.execute("SELECT id, start, next FROM logs").fetchall()


def shares(available: Mapping[int, int], limit: int, turn: int) -> dict[int, int]:
    """How many of `limit` records each log may give: equal shares, what a short log leaves goes to the longer ones.

    When there are more logs than `limit`, `turn` (a counter) decides who comes first. Steps of the golden section reach
    every log soon, also for a reader that gets only every second or third turn.
    """
    logs = sorted(available)
    first = int(turn * _GOLDEN % 1 * len(logs))
    inturn = (logs[first:] + logs[:first])[:limit]
    given: dict[int, int] = {}
    left = limit
    shortest_first = sorted(inturn, key=lambda log: available[log])
    for number, log in enumerate(shortest_first):
        given[log] = min(available[log], -(-left // (len(shortest_first) - number)))
        left -= given[log]
    return {log: given[log] for log in inturn if given[log]}


@dataclass(frozen=True, slots=True)
class Found:
    """One snapshot: where all logs were, and the records (log id, offset, key, value) of those asked for."""

    logs: list[tuple[int, int, int]]
    records: list[_Record]


def _records(conn: sqlite3.Connection, firsts: Mapping[int, int], given: Mapping[int, int]) -> Generator[_Record]:
    for log, most in given.items():
        asked = (log << OFFSET_BITS | firsts[log], (log + 1) << OFFSET_BITS, most)
        with contextlib.closing(conn.execute(_RECORDS, asked)) as rows:
            for place, key, value in rows:
                yield log, place & OFFSET_MASK, key, value


def read_fairly(conn: sqlite3.Connection, wanted: Mapping[int, int], limit: int, most_bytes: int, turn: int) -> Found:
    """At most `limit` records at or after the offsets `wanted` (by log id): one range scan for each log with any.

    They end with the one that makes their values `most_bytes` or more; whose turn it is comes first.
    """
    conn.execute("BEGIN")
    try:
        logs = read_logs(conn)
        firsts = {log: max(wanted[log], start) for log, start, _ in logs if log in wanted}
        available = {log: end - firsts[log] for log, _, end in logs if log in wanted and end > firsts[log]}
        given = shares(available, limit, turn)
        with contextlib.closing(_records(conn, firsts, given)) as found:  # no cursor is open when this ends
            records = up_to(most_bytes, found, lambda record: len(record[3]))
    finally:
        conn.execute("COMMIT")
    return Found(logs, records)
