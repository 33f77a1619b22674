"""Files of runs that have ended: the file and its rows go after a month, the error workbook after a season (ADR 0137)."""

from __future__ import annotations

from rapport_chassis.blobs import Blobs
from rapport_chassis.clock import Clock
from rapport_chassis.db import Database
from rapport_import.application.errors import error_workbook
from rapport_import.application.imports import batch_prefix, blob_prefix, file_key, rows_prefix
from rapport_import.application.kept import ERRORS_KEPT, FILE_KEPT
from rapport_import.application.ports import FileReader
from rapport_import.application.run import load_run
from rapport_import.store import sweeping
from rapport_import.store.batches import count_problems
from rapport_import.store.sweeping import Swept


async def forget_files(db: Database, blobs: Blobs, reader: FileReader, clock: Clock) -> None:
    """Remove what was kept long enough. Raises `ReaderGone`.

    First the row says that it is going, so that nobody reads or runs it any more, then the blobs go, then the row says so:
    a kill in between leaves the step to the next round.
    """
    for import_id in await db.read(sweeping.long_ended, Swept.BATCHES, clock.now() - FILE_KEPT):
        if await db.read(count_problems, import_id):  # made of the rows, which go: it outlives them
            await error_workbook(db, blobs, reader, await db.read(load_run, import_id))
        await db.write(sweeping.advance, import_id, Swept.BATCHES, Swept.FILE_GOING)
    for import_id in await db.read(sweeping.going, Swept.FILE_GOING):
        await blobs.delete(file_key(import_id))
        for prefix in (rows_prefix(import_id), batch_prefix(import_id)):
            await blobs.delete_prefix(prefix)
        await db.write(sweeping.advance, import_id, Swept.FILE_GOING, Swept.FILE)
    for import_id in await db.read(sweeping.long_ended, Swept.FILE, clock.now() - ERRORS_KEPT):
        await db.write(sweeping.advance, import_id, Swept.FILE, Swept.ERRORS_GOING)
    for import_id in await db.read(sweeping.going, Swept.ERRORS_GOING):
        while await db.write(sweeping.forget_problems, import_id):
            pass
        await blobs.delete_prefix(blob_prefix(import_id))
        await db.write(sweeping.advance, import_id, Swept.ERRORS_GOING, Swept.ERRORS)
