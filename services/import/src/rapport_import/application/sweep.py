"""Tidying up after kills and cancels: what nobody will ever read again is removed; harmless to repeat."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from rapport_chassis.blobs import Blobs
from rapport_chassis.clock import Clock
from rapport_chassis.db import Database
from rapport_chassis.retention import BACKUP_WITHIN
from rapport_import.application.imports import batch_key, blob_prefix
from rapport_import.store import sweeping

_ABANDONED: Final = timedelta(days=1)  # no line is so slow that the largest file takes longer
_UNUSED: Final = timedelta(days=30)


async def sweep(db: Database, blobs: Blobs, clock: Clock) -> None:
    """Remove the blobs of uploads that never ended, and of batches whose run ended an hour ago and which are all answered.

    Uploads that were looked at and never run are forgotten after 30 days; what was run is history (I10) and stays.
    """
    await db.write(sweeping.forget_unused, clock.now() - _UNUSED)
    for upload_id in await db.read(sweeping.abandoned_uploads, clock.now() - _ABANDONED):
        await blobs.delete_prefix(blob_prefix(upload_id))
        await db.write(sweeping.end_upload, upload_id)
    for run in await db.read(sweeping.unswept_runs, clock.now() - BACKUP_WITHIN):
        for batch in range(run.last_batch + 1):  # by name: a run that goes on just now writes later ones
            await blobs.delete(batch_key(run.import_id, batch))
        await db.write(sweeping.mark_swept, run.import_id, run.job_id)
