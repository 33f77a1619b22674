"""Keeps the bus file small: compaction of state topics and retention of the others, in small transactions.

Compaction is Kafka's: each log has a cleaned part and a dirty one; the newest offset of every dirty key is collected,
then older records of those keys are removed from the whole log. The newest record of a key is never removed, so it may
be interrupted anywhere and be run by two processes at once. Offsets stay what they were.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol, TypeVar

from rapport_chassis.bus.embedded_file import OFFSET_BITS, OFFSET_MASK

T = TypeVar("T")

_CHUNK = 1_000
_MOST_KEYS = 100_000
_CHECKPOINT_PATIENCE_MS = 250


class _Runner(Protocol):
    def run(self, work: Callable[[sqlite3.Connection], T], /) -> Future[T]: ...


@dataclass(frozen=True, slots=True)
class Maintained:
    """What one round of upkeep removed, in records."""

    compacted: int
    expired: int


@dataclass(frozen=True, slots=True)
class _Log:
    id: int
    start: int
    next: int
    cleaned: int
    kept: int

    @property
    def first(self) -> int:
        return self.id << OFFSET_BITS


def expire(log: int, before: int, read: _Runner, write: _Runner) -> int:
    """Cut the front of `log`: records older than `before` (microseconds), up to the first younger one; how many."""
    removed = 0
    while (cut := read.run(lambda conn: _cut(conn, log, before)).result()) is not None:
        removed += write.run(lambda conn, cut=cut: _cut_front(conn, log, cut)).result()  # type: ignore[misc]
    return removed


def compact(log: int, least: int, read: _Runner, write: _Runner) -> int:
    """Remove superseded records of `log` when its dirty part has `least` records and half of the log; how many."""
    state = read.run(lambda conn: _state(conn, log)).result()
    if state.next - state.cleaned < max(least, state.kept):
        return 0
    newest, end = read.run(lambda conn: _newest(conn, state)).result()
    removed = kept = 0
    offset = state.start
    while offset < end:
        chunk = read.run(lambda conn, offset=offset: _chunk(conn, log, offset, end)).result()  # type: ignore[misc]
        stale = [(place,) for place, key in chunk if newest.get(key, -1) > place & OFFSET_MASK]
        if stale:
            write.run(lambda conn, stale=stale: _remove(conn, stale)).result()  # type: ignore[misc]
        removed, kept = removed + len(stale), kept + len(chunk) - len(stale)
        offset = (chunk[-1][0] & OFFSET_MASK) + 1 if chunk else end
    write.run(lambda conn: _cleaned(conn, log, end, kept)).result()
    return removed


def _state(conn: sqlite3.Connection, log: int) -> _Log:
    return _Log(*conn.execute("SELECT id, start, next, cleaned, kept FROM logs WHERE id = ?", (log,)).fetchone())


def _newest(conn: sqlite3.Connection, log: _Log) -> tuple[dict[str, int], int]:
    """The newest offset of each key of the dirty part, and where that part ends (not all of it, if keys are many)."""
    newest: dict[str, int] = {}
    for place, key in _keys(conn, log.first | max(log.start, log.cleaned), log.first | log.next):
        newest[key] = place & OFFSET_MASK
        if len(newest) == _MOST_KEYS:
            return newest, (place & OFFSET_MASK) + 1
    return newest, log.next


def _keys(conn: sqlite3.Connection, first: int, end: int) -> Iterator[tuple[int, str]]:
    return conn.execute("SELECT place, key FROM records WHERE place >= ? AND place < ? ORDER BY place", (first, end))


def _chunk(conn: sqlite3.Connection, log: int, offset: int, end: int) -> list[tuple[int, str]]:
    bounds = (log << OFFSET_BITS | offset, log << OFFSET_BITS | end, _CHUNK)
    statement = "SELECT place, key FROM records WHERE place >= ? AND place < ? ORDER BY place LIMIT ?"
    return conn.execute(statement, bounds).fetchall()


def _remove(conn: sqlite3.Connection, places: list[tuple[int]]) -> None:
    conn.executemany("DELETE FROM records WHERE place = ?", places)


def _cleaned(conn: sqlite3.Connection, log: int, end: int, kept: int) -> None:
    conn.execute("UPDATE logs SET cleaned = max(cleaned, ?), kept = ? WHERE id = ?", (end, kept, log))


def _cut(conn: sqlite3.Connection, log: int, before: int) -> int | None:
    """The offset to cut at next: at most a chunk of old records before it; None when the first record is young."""
    state = _state(conn, log)
    bounds = (state.first | state.start, state.first | state.next, _CHUNK)
    statement = "SELECT place, at FROM records WHERE place >= ? AND place < ? ORDER BY place LIMIT ?"
    cut: int | None = None
    for place, at in conn.execute(statement, bounds).fetchall():
        if at >= before:
            break
        cut = (place & OFFSET_MASK) + 1
    return cut


def checkpoint(conn: sqlite3.Connection) -> None:
    """Move the WAL into the file and empty it; give up soon when a long reader is in the way, until the next round."""
    (usual,) = conn.execute("PRAGMA busy_timeout").fetchone()
    conn.execute(f"PRAGMA busy_timeout = {_CHECKPOINT_PATIENCE_MS}")
    try:
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        conn.execute(f"PRAGMA busy_timeout = {usual}")


def _cut_front(conn: sqlite3.Connection, log: int, cut: int) -> int:
    places = (log << OFFSET_BITS, log << OFFSET_BITS | cut)
    removed = conn.execute("DELETE FROM records WHERE place >= ? AND place < ?", places).rowcount
    conn.execute("UPDATE logs SET start = max(start, ?) WHERE id = ?", (cut, log))
    return removed
