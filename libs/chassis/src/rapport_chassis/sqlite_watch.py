"""Notices commits of other processes to SQLite files: one thread a process looks at each file's data version."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

_BUSY_SECONDS = 0.008
_IDLE_SECONDS = 0.03
_IDLE_AFTER = 2.0


class _Watched:
    def __init__(self, path: Path, changed: Callable[[], None]) -> None:
        self.changed = changed
        self.connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.version = self._look()
        self.ended = False

    def _look(self) -> int:
        return int(self.connection.execute("PRAGMA data_version").fetchone()[0])

    def moved(self) -> bool:
        version = self._look()
        moved, self.version = version != self.version, version
        return moved


_lock = threading.Lock()
_files: list[_Watched] = []
_thread: threading.Thread | None = None


def watch(path: Path, changed: Callable[[], None]) -> Callable[[], None]:
    """Call `changed` (quick, any thread) soon after another connection commits to `path`; returns what ends it."""
    global _thread  # noqa: PLW0603  one thread for all files of the process is the point
    watched = _Watched(path, changed)
    with _lock:
        _files.append(watched)
        if _thread is None:
            _thread = threading.Thread(target=_loop, name="sqlite-watch", daemon=True)
            _thread.start()

    def end() -> None:
        with _lock:
            if watched in _files:
                _files.remove(watched)
                watched.connection.close()

    return end


def _loop() -> None:
    global _thread  # noqa: PLW0603
    last = time.monotonic()
    while True:
        with _lock:
            if not _files:
                _thread = None
                return
            moved = [watched for watched in _files if watched.moved()]
        for watched in moved:
            watched.changed()
        if moved:
            last = time.monotonic()
        time.sleep(_BUSY_SECONDS if time.monotonic() - last < _IDLE_AFTER else _IDLE_SECONDS)
