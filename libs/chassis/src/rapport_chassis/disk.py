"""The disk below the files that a process keeps: how much is free, and `DiskFull` where there was no room."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from rapport_chassis.db import DiskFull
from rapport_chassis.no_room import is_no_room

LOW_BYTES: Final = 1 << 30
"""With less than this free somebody should look before writes are refused."""


@contextlib.contextmanager
def room_for(what: str) -> Iterator[None]:
    """Around what writes files: raises `DiskFull` where there is no room."""
    try:
        yield
    except OSError as error:
        if not is_no_room(error):
            raise
        raise DiskFull(f"{what}: {error}") from error


class Disk:
    """The disk of a folder, as an adapter that operators look at."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def look(self) -> str:
        """How much is free. Raises `DiskFull` when it is so little that somebody should look."""
        place = self._folder if self._folder.is_dir() else self._folder.parent
        free = shutil.disk_usage(place).free
        words = f"{free / 1e9:.1f} GB free"
        if free < LOW_BYTES:
            raise DiskFull(words)
        return words

    async def close(self) -> None:
        """Nothing is held."""
