"""The one SQLite file of the embedded bus: its tables, topics and connections; it refuses files that are not its own.

A record's place is one integer, `log id << 40 | offset`: the rowid. The table is clustered on it, so that a partition's
records lie side by side and a read is one range scan (docs/decisions/0005).
"""

from __future__ import annotations

import contextlib
import sqlite3
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rapport_chassis.bus.port import BusUnusable, TopicPartition
from rapport_chassis.db import DiskFull, EngineUnavailable
from rapport_chassis.sqlite_errors import trouble
from rapport_chassis.sqlite_wal import write_ahead
from rapport_contracts.topics import Topic

OFFSET_BITS = 40
OFFSET_MASK = (1 << OFFSET_BITS) - 1
BUSY_SECONDS = 10.0

_APPLICATION_ID = 0x52415042  # "RAPB", in the header that SQLite keeps for this ("Database File Format", 1.3.18)
_FORMAT = 1
_SCHEMA = (
    "CREATE TABLE topics (name TEXT PRIMARY KEY, incarnation TEXT NOT NULL, partitions INTEGER NOT NULL) WITHOUT ROWID",
    """CREATE TABLE logs (
        id INTEGER PRIMARY KEY,
        topic TEXT NOT NULL REFERENCES topics (name),
        partition INTEGER NOT NULL,
        start INTEGER NOT NULL DEFAULT 0,
        next INTEGER NOT NULL DEFAULT 0,
        cleaned INTEGER NOT NULL DEFAULT 0,
        kept INTEGER NOT NULL DEFAULT 0,
        UNIQUE (topic, partition)
    )""",
    "CREATE TABLE records (place INTEGER PRIMARY KEY, key TEXT NOT NULL, at INTEGER NOT NULL, value BLOB NOT NULL)",
    "CREATE TABLE producers (name TEXT PRIMARY KEY, epoch INTEGER NOT NULL) WITHOUT ROWID",
)


class BusFileUnusable(BusUnusable):
    """The file at the bus's path is foreign, damaged, or of a version this code cannot read: a person must look."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """What the file holds, fixed once opened: incarnations by topic, and the id of each partition's log."""

    incarnations: dict[str, str]
    logs: dict[TopicPartition, int]

    def partitions(self, topic: str) -> dict[int, int]:
        """Log ids by partition."""
        return {place.partition: log for place, log in self.logs.items() if place.topic == topic}


@contextlib.contextmanager
def sqlite_errors(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into the port's: `DiskFull`, `EngineUnavailable` (busy, I/O) or `BusFileUnusable` (damaged)."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if isinstance(full := trouble(error), DiskFull):
            raise DiskFull(f"the bus file {path.name} cannot grow: {full}") from error
        raise EngineUnavailable(f"the bus file {path.name} does not answer: {error}") from error
    except sqlite3.DatabaseError as error:
        raise BusFileUnusable(f"the bus file {path} is damaged or not a database: {error}; restore a backup") from error


def connect(path: Path) -> sqlite3.Connection:
    """A connection in autocommit mode, durable at every commit; it may be handed to another thread, not shared."""
    conn = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    conn.execute("PRAGMA synchronous = FULL")
    conn.execute("PRAGMA cache_size = -4096")
    conn.execute("PRAGMA wal_autocheckpoint = 4000")
    conn.execute(f"PRAGMA journal_size_limit = {64 << 20}")
    return conn


def open_file(path: Path, topics: Sequence[Topic]) -> Catalog:
    """Create what is missing (file, tables, topics) and read the catalog.

    Raises `BusFileUnusable` for a foreign, damaged or newer file, and for a topic whose partitions changed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with sqlite_errors(path), contextlib.closing(connect(path)) as conn:
        _refuse_foreign(conn, path)
        conn.execute("PRAGMA page_size = 8192")
        write_ahead(conn)
        with transaction(conn):
            _create(conn)
            for topic in topics:
                _create_topic(conn, topic, path)
        return _catalog(conn)


@contextlib.contextmanager
def transaction(conn: sqlite3.Connection) -> Iterator[None]:
    """A write transaction: committed at the end, rolled back on any exception."""
    conn.execute("BEGIN IMMEDIATE")
    try:
        yield
        conn.execute("COMMIT")
    except BaseException:
        if conn.in_transaction:
            conn.execute("ROLLBACK")
        raise


def _refuse_foreign(conn: sqlite3.Connection, path: Path) -> None:
    conn.execute("BEGIN")  # one moment: another process may be making the file just now
    try:
        (application,) = conn.execute("PRAGMA application_id").fetchone()
        (version,) = conn.execute("PRAGMA user_version").fetchone()
        (tables,) = conn.execute("SELECT count(*) FROM sqlite_master").fetchone()
    finally:
        conn.execute("ROLLBACK")
    if application != _APPLICATION_ID and tables:
        raise BusFileUnusable(f"{path} is a database of something else, not a bus file")
    if version > _FORMAT:
        raise BusFileUnusable(f"{path} was written by a newer version (format {version}, this one reads {_FORMAT})")


def _create(conn: sqlite3.Connection) -> None:
    if conn.execute("SELECT 1 FROM sqlite_master WHERE name = 'records'").fetchone():
        return
    for statement in _SCHEMA:
        conn.execute(statement)
    conn.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
    conn.execute(f"PRAGMA user_version = {_FORMAT}")


def _create_topic(conn: sqlite3.Connection, topic: Topic, path: Path) -> None:
    found = conn.execute("SELECT partitions FROM topics WHERE name = ?", (topic.name,)).fetchone()
    if found is None:
        conn.execute("INSERT INTO topics VALUES (?, ?, ?)", (topic.name, uuid.uuid4().hex, topic.partitions))
        places = [(topic.name, partition) for partition in range(topic.partitions)]
        conn.executemany("INSERT INTO logs (topic, partition) VALUES (?, ?)", places)
    elif found[0] != topic.partitions:
        raise BusFileUnusable(f"{path}: {topic.name} has {found[0]} partitions, the code says {topic.partitions}")


def _catalog(conn: sqlite3.Connection) -> Catalog:
    logs = conn.execute("SELECT topic, partition, id FROM logs")
    return Catalog(
        incarnations=dict(conn.execute("SELECT name, incarnation FROM topics")),
        logs={TopicPartition(topic, partition): log for topic, partition, log in logs},
    )
