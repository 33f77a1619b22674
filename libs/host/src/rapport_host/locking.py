"""File locks: who works on which data, in a file that names its process."""

from __future__ import annotations

import contextlib
import fcntl
import time
from collections.abc import Iterator
from pathlib import Path

from rapport_host.settings import Misconfigured


@contextlib.contextmanager
def locked(path: Path, seconds: float) -> Iterator[Path]:
    """Hold the lock file `path`, waiting at most `seconds` for it. Raises `Misconfigured`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    until = time.monotonic() + seconds
    with path.open("a") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() >= until:
                    raise Misconfigured(f"another Rapport works on {path.parent} ({path.name} is held)") from error
                time.sleep(0.05)
        yield path
