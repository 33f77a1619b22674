"""The folder of indexes: made and removed as a whole, so that a kill leaves an index or none."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import tantivy

from rapport_chassis.db import EngineUnavailable, EngineUnfit
from rapport_search.adapters.embedded.index import Reader, Writer
from rapport_search.adapters.embedded.schema import SCHEMA_VERSION, build_schema

_SCHEMA_FILE = "rapport-schema"
_OWNER_FILE = "rapport-installation"
_UNFINISHED = ".tmp-"
_THREADS = 4


class EmbeddedEngine:
    """The search port on tantivy."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._installation: str | None = None
        self._pool = ThreadPoolExecutor(_THREADS, "search")

    async def claim(self, installation: str) -> None:
        """As the port says."""
        await asyncio.to_thread(self._claim, installation)
        self._installation = installation
        await self.look()

    async def create(self, name: str) -> None:
        """As the port says."""
        await asyncio.to_thread(self._create, name)

    async def usable(self, name: str) -> bool:
        """As the port says."""
        return await asyncio.to_thread(self._usable, name)

    async def drop(self, name: str) -> None:
        """As the port says."""
        await asyncio.to_thread(self._drop, name)

    async def look(self) -> str:
        """As the port says."""
        with contextlib.suppress(FileNotFoundError):  # somebody removed all of it: it is built anew
            if self._installation and (self._root / _OWNER_FILE).read_text() != self._installation:
                raise EngineUnfit(
                    f"RAPPORT_SEARCH_URL: the indexes in {self._root} are another installation's: move them away"
                )
        return f"tantivy in {self._root}"

    async def names(self) -> list[str]:
        """As the port says."""
        folders = self._root.iterdir() if self._root.exists() else ()
        return sorted(path.name for path in folders if path.is_dir() and _UNFINISHED not in path.name)

    async def read(self, name: str) -> Reader:
        """As the port says."""
        if not await self.usable(name):
            raise EngineUnavailable(f"the index {name} is not there")
        return await asyncio.to_thread(Reader, self._root / name, self._pool)

    async def write(self, name: str) -> Writer:
        """As the port says."""
        if not await self.usable(name):
            raise EngineUnavailable(f"the index {name} is not there")
        return await asyncio.to_thread(Writer, self._root / name, self._pool)

    async def close(self) -> None:
        """As the port says."""
        self._pool.shutdown(wait=False)

    def _claim(self, installation: str) -> None:
        owner = self._root / _OWNER_FILE
        if not owner.exists():
            self._root.mkdir(parents=True, exist_ok=True)
            aside = owner.with_name(f"{_OWNER_FILE}{_UNFINISHED}{uuid.uuid4().hex}")
            aside.write_text(installation)
            with contextlib.suppress(FileExistsError):
                os.link(aside, owner)
            aside.unlink()

    def _create(self, name: str) -> None:
        final = self._root / name
        if final.exists():
            return
        made = self._root / f"{name}{_UNFINISHED}{uuid.uuid4().hex}"
        made.mkdir(parents=True)
        tantivy.Index(build_schema(), path=str(made))
        (made / _SCHEMA_FILE).write_text(SCHEMA_VERSION)
        try:
            os.rename(made, final)  # noqa: PTH104  a rename that refuses a folder which is there, on every system
        except OSError:
            shutil.rmtree(made)
            if not final.exists():
                raise

    def _usable(self, name: str) -> bool:
        path = self._root / name
        try:
            if (path / _SCHEMA_FILE).read_text() != SCHEMA_VERSION:
                return False
            tantivy.Index.open(str(path))
        except (OSError, ValueError):
            return False
        return True

    def _drop(self, name: str) -> None:
        path = self._root / name
        if path.exists():
            going = self._root / f"{name}{_UNFINISHED}{uuid.uuid4().hex}"
            path.rename(going)
        for left in self._root.glob(f"{name}{_UNFINISHED}*"):
            shutil.rmtree(left, ignore_errors=True)
