"""How a SQLite file is switched to write-ahead logging, by however many processes at once."""

from __future__ import annotations

import sqlite3
import time

_SWITCH_SECONDS = 15.0


def write_ahead(connection: sqlite3.Connection) -> None:
    """Write-ahead logging. The switch of a new file wants it alone, and SQLite's own waiting does not cover that moment.

    Raises `sqlite3.OperationalError` when the file stays locked for 15 s.
    """
    until = time.monotonic() + _SWITCH_SECONDS
    while True:
        try:
            mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
            if mode in {"wal", "memory"}:
                return
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.01)
