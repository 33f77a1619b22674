"""What SQLite's errors mean here: the disk is full, the file is taken or cannot be read, or the caller was wrong (nothing)."""

from __future__ import annotations

import sqlite3
from typing import Final

from rapport_chassis.db import DiskFull, EngineUnavailable

_FULL: Final = {sqlite3.SQLITE_FULL: "more data", sqlite3.SQLITE_IOERR_SHMSIZE: "the file -shm that WAL mode needs"}
_AWAY: Final = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR}


def trouble(error: BaseException) -> EngineUnavailable | None:
    """`DiskFull` or `EngineUnavailable` for what is the file's trouble and none of the statement's."""
    code = getattr(error, "sqlite_errorcode", 0)
    if code in _FULL:
        return DiskFull(f"SQLite: {error} (there is no room for {_FULL[code]})")
    return EngineUnavailable(f"SQLite: {error}") if code & 0xFF in _AWAY else None
