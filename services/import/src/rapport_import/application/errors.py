"""The error workbook of a run: made when it is first wanted, of the rows that were wrong or matched several customers (I8)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from rapport_chassis.blobs import BlobMissing, Blobs
from rapport_chassis.db import Database
from rapport_import.application.imports import errors_key
from rapport_import.application.ports import ErrorRows, FileReader
from rapport_import.application.run import Run
from rapport_import.application.upload import file_chunks, scratch_folder
from rapport_import.store.batches import count_problems, problems_after

_PAGE: Final = 5_000


async def error_workbook(db: Database, blobs: Blobs, reader: FileReader, run: Run) -> str:
    """The key of the workbook's blob, for the problems there are now. Raises `ReaderGone`."""
    key = errors_key(run.import_id, await db.read(count_problems, run.import_id))
    try:
        await blobs.size(key)
    except BlobMissing:
        errors = ErrorRows(_pages(db, run.import_id), run.sheet, run.columns, run.mapping.header_row)
        async with blobs.local(run.row_file) as path, scratch_folder() as folder:
            await reader.write_errors(path, folder / "errors.xlsx", errors)
            await blobs.put(key, file_chunks(folder / "errors.xlsx"))
    return key


async def _pages(db: Database, import_id: str) -> AsyncIterator[list[tuple[int, str]]]:
    last = 0
    while page := await db.read(problems_after, import_id, last, _PAGE):
        yield page
        last = page[-1][0]
