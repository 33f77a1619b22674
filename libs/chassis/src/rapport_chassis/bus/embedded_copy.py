"""A file of the embedded bus that holds what another bus held: the same topics' incarnations, records and offsets."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from rapport_chassis.bus.embedded_file import OFFSET_BITS, connect, open_file, transaction
from rapport_chassis.bus.port import TopicPartition
from rapport_chassis.clock import to_micros
from rapport_contracts.envelope import Message
from rapport_contracts.topics import ALL


class CopiedLog:
    """The file at `path`, which is made; `incarnations` by topic. Records count their days from `at`, the moment of the copy.

    Here a log ends with a record, on Kafka it may end with what no reader sees. So each goes on after its last record, and
    positions behind that are moved there.
    """

    def __init__(self, path: Path, incarnations: Mapping[str, str], at: datetime) -> None:
        self._logs = open_file(path, ALL).logs
        self._conn = connect(path)
        self._conn.execute("PRAGMA journal_mode = DELETE")
        self._at = to_micros(at)
        self._first: dict[TopicPartition, int] = {}
        self._last: dict[TopicPartition, int] = {}
        self._next: dict[TopicPartition, int] = {}
        with transaction(self._conn):
            self._conn.executemany(
                "UPDATE topics SET incarnation = ? WHERE name = ?", [(one, name) for name, one in incarnations.items()]
            )

    def append(self, messages: Sequence[Message]) -> None:
        """Records in the order of their offsets, which they keep."""
        rows = []
        for one in messages:
            place = TopicPartition(one.topic, one.partition)
            self._first.setdefault(place, one.offset)
            self._last[place] = one.offset
            rows.append((self._logs[place] << OFFSET_BITS | one.offset, one.key, self._at, one.raw))
        with transaction(self._conn):
            self._conn.executemany("INSERT INTO records VALUES (?, ?, ?, ?)", rows)

    def finish(self, ends: Mapping[TopicPartition, int]) -> None:
        """Close the file; a log without records goes on where the other one ended."""
        self._next = {place: self._last[place] + 1 if place in self._last else end for place, end in ends.items()}
        with contextlib.closing(self._conn), transaction(self._conn):
            self._conn.executemany(
                "UPDATE logs SET start = ?, next = ? WHERE id = ?",
                [(self._first.get(place, next_), next_, self._logs[place]) for place, next_ in self._next.items()],
            )

    def clamp_positions(self, database: Path) -> None:
        """Of a service's file: who has read every record is at the end."""
        places = [(next_, one.topic, one.partition, self._last.get(one, -1)) for one, next_ in self._next.items()]
        with contextlib.closing(sqlite3.connect(database)) as file, file:
            file.executemany(
                'UPDATE offsets SET "next" = ? WHERE topic = ? AND partition = ? AND "next" > ?',
                places,
            )
