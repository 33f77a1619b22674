"""One thread per bus that notices what other processes wrote; it looks at SQLite's data version, not at the data."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from pathlib import Path

from rapport_chassis.bus.embedded_file import connect
from rapport_chassis.bus.embedded_reader import read_logs
from rapport_chassis.bus.embedded_tails import Tails

_PACES = ((1.0, 0.005), (10.0, 0.01), (float("inf"), 0.04))  # quiet for so many seconds: look every so many seconds


class WatcherThread:
    """Feeds `Tails` with appends of other processes within about 10 ms, or 40 ms after ten quiet seconds.

    A process's own appends, which it knows already, do not make it look more often.
    """

    def __init__(self, path: Path, tails: Tails) -> None:
        self._conn = connect(path)
        self._tails = tails
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name=f"bus-watcher-{path.name}", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop looking. May be called twice."""
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        seen = -1
        changed_at = time.monotonic()
        with contextlib.closing(self._conn) as conn:
            while not self._stop.wait(_pace(time.monotonic() - changed_at)):
                with contextlib.suppress(sqlite3.Error):  # busy or away: the next look finds it, reads report it
                    (version,) = conn.execute("PRAGMA data_version").fetchone()
                    if version != seen:
                        if self._tails.observe(read_logs(conn)):
                            changed_at = time.monotonic()
                        seen = version


def _pace(quiet: float) -> float:
    return next(pace for limit, pace in _PACES if quiet < limit)
