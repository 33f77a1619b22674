"""A disk of its own for a folder, so small that a test can fill it."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

_BALLAST = "ballast"


@contextlib.contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """Mount an empty disk at `folder`, which is made. Only root may: others get mount's own word for it."""
    folder.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path, left: int = 0) -> None:
    """Take all room but `left` bytes, more of it each time; others may write meanwhile."""
    while (wanted := _free(disk) - left) > 0:
        with (disk / _BALLAST).open("ab") as file, contextlib.suppress(OSError):
            os.posix_fallocate(file.fileno(), file.tell(), wanted)


def make_room(disk: Path) -> None:
    """Give back what was taken."""
    (disk / _BALLAST).unlink()


def _free(disk: Path) -> int:
    now = os.statvfs(disk)
    return now.f_bavail * now.f_frsize
