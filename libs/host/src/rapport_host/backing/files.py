"""What is in files: databases and the embedded bus by SQLite's own copying, blobs by links."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from pathlib import Path

_LOCK_SECONDS = 10


class HeldFile:
    """A database in a file: `hold` keeps everybody from writing until `let_go`; `look` begins the snapshot to copy."""

    def __init__(self, path: Path, leaving: contextlib.ExitStack) -> None:
        self._path = path
        self._holder = _connect(path, leaving)
        self._snapshot = _connect(path, leaving)

    def hold(self) -> None:
        """Take the file's write lock. Raises `sqlite3.OperationalError` when somebody writes for ten seconds."""
        self._holder.execute("BEGIN IMMEDIATE")

    def look(self) -> None:
        """From now on what is copied is what is there at this moment."""
        self._snapshot.execute("BEGIN")
        self._snapshot.execute("SELECT count(*) FROM sqlite_master").fetchone()

    def let_go(self) -> None:
        """Others may write."""
        self._holder.execute("ROLLBACK")

    def copy(self, folder: Path) -> None:
        """One file of the same name in `folder`, with nothing beside it."""
        with contextlib.closing(sqlite3.connect(folder / self._path.name)) as copy:
            self._snapshot.backup(copy, pages=2_000)
            copy.execute("PRAGMA journal_mode=DELETE")


def _connect(path: Path, leaving: contextlib.ExitStack) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_LOCK_SECONDS, isolation_level=None, check_same_thread=False)
    leaving.callback(connection.close)
    return connection


def link_blobs(blobs: Path, to: Path) -> None:
    """Every blob of the folder `blobs`, also below `to`. One that is removed meanwhile nobody needs."""
    for folder, _, names in os.walk(blobs):  # takes a folder that is removed meanwhile for an empty one
        for name in names:
            if not name.startswith("."):
                _link(Path(folder) / name, to / Path(folder).relative_to(blobs) / name)


def _link(path: Path, link: Path) -> None:
    link.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        try:
            os.link(path, link)
        except OSError:  # another file system: there is no quicker way than copying
            shutil.copy2(path, link)
