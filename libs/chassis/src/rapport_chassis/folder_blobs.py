"""Blobs as files below one folder: the embedded adapter of the blob store port."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

from rapport_chassis.blobs import BlobMissing, checked_key, checked_prefix
from rapport_chassis.disk import room_for
from rapport_chassis.ids import new_id

_CHUNK = 1 << 20


class FolderBlobs:
    """A blob is written aside (`.name.<id>`), synced, then renamed into place."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    async def start(self) -> None:
        """Make the folder."""
        self._root.mkdir(parents=True, exist_ok=True)

    async def close(self) -> None:
        """Nothing is held."""

    async def put(self, key: str, content: bytes | AsyncIterator[bytes]) -> int:
        """Store under `key`; its size."""
        path = self._path(key)
        aside = path.with_name(f".{path.name}.{new_id()}")
        with room_for(f"the blob {key}"):
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                if isinstance(content, bytes):
                    return await asyncio.to_thread(_write, aside, path, content)
                size = await _write_stream(aside, content)
                await asyncio.to_thread(_publish, aside, path)
            finally:
                aside.unlink(missing_ok=True)
        return size

    async def get(self, key: str) -> bytes:
        """The whole content."""
        try:
            return await asyncio.to_thread(self._path(key).read_bytes)
        except FileNotFoundError as error:
            raise BlobMissing(key) from error

    async def size(self, key: str) -> int:
        """The size of its file."""
        try:
            return self._path(key).stat().st_size
        except FileNotFoundError as error:
            raise BlobMissing(key) from error

    async def open(self, key: str) -> AsyncIterator[bytes]:
        """The content in chunks of 1 MiB."""
        async with self.local(key) as path:
            with path.open("rb") as file:
                while chunk := await asyncio.to_thread(file.read, _CHUNK):
                    yield chunk

    @contextlib.asynccontextmanager
    async def local(self, key: str) -> AsyncIterator[Path]:
        """The file itself."""
        path = self._path(key)
        if not path.is_file():
            raise BlobMissing(key)
        yield path

    async def delete(self, key: str) -> None:
        """Remove it."""
        await asyncio.to_thread(self._path(key).unlink, missing_ok=True)

    async def delete_prefix(self, prefix: str) -> None:
        """Remove a folder of blobs, and what was written aside in it."""
        await asyncio.to_thread(shutil.rmtree, self._root / checked_prefix(prefix), True)

    def _path(self, key: str) -> Path:
        return self._root / checked_key(key)


async def _write_stream(aside: Path, content: AsyncIterator[bytes]) -> int:
    size = 0
    with aside.open("wb") as file:
        async for chunk in content:
            size += await asyncio.to_thread(file.write, chunk)
    return size


def _write(aside: Path, path: Path, content: bytes) -> int:
    aside.write_bytes(content)
    _publish(aside, path)
    return len(content)


def _publish(aside: Path, path: Path) -> None:
    """Make the finished file visible under its name, durably: data, then the rename, then the folder."""
    with aside.open("rb+") as file:
        os.fsync(file.fileno())
    aside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
