"""A file comes in: streamed to a blob, read by a limited process, its rows kept; or refused with nothing left of it."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rapport_chassis.blobs import Blobs
from rapport_chassis.db import Database
from rapport_chassis.disk import room_for
from rapport_import.application.imports import blob_prefix, file_key, reading_prefix, row_file_key
from rapport_import.application.ports import FileReader
from rapport_import.domain.files import FileFacts
from rapport_import.store import sweeping

_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Received:
    """A file that was taken: `digest` tells whether a repeated upload is the same."""

    import_id: str
    size: int
    digest: str
    facts: FileFacts


@dataclass(frozen=True, slots=True)
class Intake:
    """Where files go and who reads them."""

    db: Database
    blobs: Blobs
    reader: FileReader

    async def receive(self, import_id: str, chunks: AsyncIterator[bytes]) -> Received:
        """Take a file in. Raises `FileRefused`, `ReaderGone` or what `chunks` raises, and then keeps nothing.

        A process killed on the way leaves a row in `uploads`, by which its blobs are found and removed.
        """
        await self.db.write(sweeping.begin_upload, import_id)
        digest = hashlib.sha256()
        try:
            size = await self.blobs.put(file_key(import_id), _hashed(chunks, digest.update))
            facts = await self.read(import_id, 1)
        except BaseException:
            await asyncio.shield(self.discard(import_id))
            raise
        return Received(import_id, size, digest.hexdigest(), facts)

    async def read(
        self, import_id: str, revision: int, encoding: str | None = None, delimiter: str | None = None
    ) -> FileFacts:
        """Read the file and keep its rows as `revision`. Raises `FileRefused`, `ReaderGone`."""
        async with self.blobs.local(file_key(import_id)) as path, scratch_folder() as folder:
            facts = await self.reader.inspect(path, folder, encoding, delimiter)
            for place, name in enumerate(facts.row_files):
                await self.blobs.put(row_file_key(import_id, revision, place), file_chunks(folder / name))
        return facts

    async def discard_reading(self, import_id: str, revision: int) -> None:
        """Remove the rows of a reading that came to nothing."""
        await self.blobs.delete_prefix(reading_prefix(import_id, revision))

    async def discard(self, import_id: str) -> None:
        """Remove all blobs of an import that will not be."""
        await self.blobs.delete_prefix(blob_prefix(import_id))
        await self.db.write(sweeping.end_upload, import_id)


async def _hashed(chunks: AsyncIterator[bytes], update: Callable[[bytes], None]) -> AsyncGenerator[bytes, None]:
    async for chunk in chunks:
        update(chunk)
        yield chunk


@contextlib.asynccontextmanager
async def scratch_folder() -> AsyncGenerator[Path, None]:
    """A folder for one piece of work, gone afterwards. Raises `DiskFull` when the work finds no room in it."""
    with (
        room_for("scratch files"),
        tempfile.TemporaryDirectory(prefix="rapport-import-", ignore_cleanup_errors=True) as folder,
    ):
        yield Path(folder)


async def file_chunks(path: Path) -> AsyncGenerator[bytes, None]:
    """The content of a file, a mebibyte at a time."""
    with path.open("rb") as file:
        while chunk := await asyncio.to_thread(file.read, _CHUNK):
            yield chunk
