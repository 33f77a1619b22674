"""One instant of everything that is kept: all is held still together, just long enough to see where each part is.

So no consumer's position lies beyond its log, and nothing published is missing from its database. Of a log that is no file
only its ends are taken: they are asked for last, when every database has been looked at.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psycopg

from rapport_chassis.bus.port import Bus
from rapport_chassis.db import EngineUnavailable
from rapport_host.backing.engines import Ends, ends_of
from rapport_host.backing.files import HeldFile, link_blobs
from rapport_host.roles import NAMES
from rapport_host.settings import Settings

_TRIES = 10
_PAUSE_SECONDS = 0.5


class Held(Protocol):
    """A database, or the embedded bus."""

    def hold(self) -> None:
        """Keep everybody from writing what others are told of."""

    def look(self) -> None:
        """Begin the snapshot that is copied."""

    def let_go(self) -> None:
        """Let everybody write."""

    def copy(self, folder: Path) -> None:
        """Write the snapshot into a file of `folder`."""


@dataclass(frozen=True)
class Instant:
    """What was there: `parts` to be copied, and the ends of a log that is no file."""

    parts: Sequence[Held]
    ends: Ends


@contextlib.asynccontextmanager
async def one_instant(settings: Settings, bus: Bus | None, aside: Path) -> AsyncIterator[Instant]:
    """Hold everything for a moment; blobs in files are linked below `aside` in it. `bus` is given when it is no file.

    Raises `EngineUnavailable` when somebody does not let go, `Misconfigured` for databases of another version.
    """
    with contextlib.ExitStack() as leaving:
        parts = _parts(settings, leaving)
        with _all_held(parts):
            for part in parts:
                part.look()
            if not settings.blob_url.startswith("s3:"):
                link_blobs(settings.blobs_path, aside / "blobs")
            ends = await ends_of(bus) if bus else {}
        yield Instant(parts, ends)


def _parts(settings: Settings, leaving: contextlib.ExitStack) -> list[Held]:
    files = [] if settings.on_postgres else [settings.database_path(name) for name in NAMES]
    if settings.bus_url.startswith("embedded:"):
        files.append(settings.bus_path)
    parts: list[Held] = [HeldFile(path, leaving) for path in files if path.is_file()]
    if settings.on_postgres:
        from rapport_host.backing.postgres import HeldDatabase

        parts += [HeldDatabase(settings, name, leaving) for name in NAMES]
    return parts


def _all_held(parts: Sequence[Held]) -> contextlib.ExitStack:
    """All or none: who cannot be held in time is waited for again, while the others are let go."""
    for left in reversed(range(_TRIES)):
        try:
            with contextlib.ExitStack() as held:
                for part in parts:
                    part.hold()
                    held.callback(part.let_go)
                return held.pop_all()
        except (sqlite3.OperationalError, psycopg.OperationalError) as error:
            if not left:
                raise EngineUnavailable(f"a database could not be held still for a moment: {error}") from error
            time.sleep(_PAUSE_SECONDS)
    raise AssertionError("unreachable")
