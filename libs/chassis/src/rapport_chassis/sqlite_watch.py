"""Notices commits of other processes to SQLite files: one thread a process looks at each file's data version, not at its data."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

_PACES = ((1.0, 0.005), (10.0, 0.01), (float("inf"), 0.03))  # quiet for so many seconds: look every so many seconds
_lock = threading.Lock()
_files: list[_Watched] = []
_thread: threading.Thread | None = None

News = Callable[[sqlite3.Connection], bool]
"""Called on the watching thread after a commit, with a connection to read by; quick. False: it was known here already."""


class _Watched:
    def __init__(self, path: Path, news: News) -> None:
        self._news = news
        self._version = -1
        self.connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.connection.execute("PRAGMA cache_size = -256")
        self._moved()

    def look(self) -> bool:
        """Whether there was news."""
        with contextlib.suppress(sqlite3.Error):  # busy or away: the next look finds it, reads report it
            return self._moved() and self._news(self.connection)
        return False

    def _moved(self) -> bool:
        seen, self._version = self._version, int(self.connection.execute("PRAGMA data_version").fetchone()[0])
        return seen != self._version


def watch(path: Path, news: News) -> Callable[[], None]:
    """Call `news` within some 5 ms of another connection's commit to `path`, or 30 ms after ten quiet seconds.

    Returns what ends it: after that `news` is not called any more. Commits that were no news do not make it look more often.
    """
    global _thread  # noqa: PLW0603  one thread for all files of the process is the point
    watched = _Watched(path, news)
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
    news_at = time.monotonic()
    while True:
        with _lock:
            if not _files:
                _thread = None
                return
            news = [watched.look() for watched in _files]
            if any(news):
                news_at = time.monotonic()
        time.sleep(_pace(time.monotonic() - news_at))


def _pace(quiet: float) -> float:
    return next(pace for limit, pace in _PACES if quiet < limit)
