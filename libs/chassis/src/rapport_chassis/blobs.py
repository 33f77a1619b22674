"""The blob store port and its folder adapter: files that services hand to each other by key."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol

from rapport_chassis.ids import new_id

_CHUNK = 1 << 20


class BlobMissing(Exception):  # noqa: N818
    """There is no blob under this key."""


class Blobs(Protocol):
    """Blobs by key (`imports/<id>/file`). A blob is there whole or not at all, and durable when `put` returns."""

    async def put(self, key: str, content: bytes | AsyncIterator[bytes]) -> int:
        """Store `content` under `key` (replacing); its size in bytes."""

    async def get(self, key: str) -> bytes:
        """The whole content. Raises `BlobMissing`."""

    def open(self, key: str) -> AsyncIterator[bytes]:
        """The content in chunks. Raises `BlobMissing`."""

    async def local_path(self, key: str) -> Path:
        """A readable file with the content, for child processes; do not change it. Raises `BlobMissing`."""

    async def delete(self, key: str) -> None:
        """Remove it; a missing one is fine."""

    async def delete_prefix(self, prefix: str) -> None:
        """Remove everything whose key begins with `prefix`, which ends with `/`."""


class FolderBlobs:
    """Blobs as files below one folder: written aside, synced, then renamed into place."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._root.mkdir(parents=True, exist_ok=True)

    async def put(self, key: str, content: bytes | AsyncIterator[bytes]) -> int:
        """Store under `key`; its size."""
        path = self._path(key)
        if isinstance(content, bytes):
            return await asyncio.to_thread(self._write, path, content)
        aside = self._aside(path)
        try:
            size = await self._write_stream(aside, content)
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

    async def open(self, key: str) -> AsyncIterator[bytes]:
        """The content in chunks of 1 MiB."""
        path = await self.local_path(key)
        with path.open("rb") as file:
            while chunk := await asyncio.to_thread(file.read, _CHUNK):
                yield chunk

    async def local_path(self, key: str) -> Path:
        """The file itself."""
        path = self._path(key)
        if not path.is_file():
            raise BlobMissing(key)
        return path

    async def delete(self, key: str) -> None:
        """Remove it."""
        await asyncio.to_thread(self._path(key).unlink, missing_ok=True)

    async def delete_prefix(self, prefix: str) -> None:
        """Remove a folder of blobs."""
        await asyncio.to_thread(shutil.rmtree, self._path(prefix.rstrip("/")), True)

    def _path(self, key: str) -> Path:
        path = (self._root / key).resolve()
        if not path.is_relative_to(self._root) or path == self._root:
            raise ValueError(f"not a blob key: {key!r}")
        return path

    def _aside(self, path: Path) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.with_name(f".{path.name}.{new_id()}")

    def _write(self, path: Path, content: bytes) -> int:
        aside = self._aside(path)
        aside.write_bytes(content)
        _publish(aside, path)
        return len(content)

    async def _write_stream(self, aside: Path, content: AsyncIterator[bytes]) -> int:
        size = 0
        with aside.open("wb") as file:
            async for chunk in content:
                size += await asyncio.to_thread(file.write, chunk)
        return size


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
