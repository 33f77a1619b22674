"""What is left behind: uploads that never became imports, blobs of batches that everybody has read."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, exists, insert, select, update

from rapport_chassis.db import Tx
from rapport_import.store.tables import CHASSIS, imports, run_batches, uploads

_ENDED: Final = ("done", "failed", "cancelled")


def begin_upload(tx: Tx, upload_id: str) -> None:
    """Say that blobs for this id are being written."""
    tx.conn.execute(insert(uploads), {"id": upload_id, "at": tx.now})


def end_upload(tx: Tx, upload_id: str) -> None:
    """It became an import, or its blobs are gone."""
    tx.conn.execute(delete(uploads).where(uploads.c.id == upload_id))


def abandoned_uploads(conn: Connection, before: datetime) -> list[str]:
    """Uploads that began before and neither ended nor failed: their process was killed."""
    return list(conn.execute(select(uploads.c.id).where(uploads.c.at < before).limit(100)).scalars())


def unswept_imports(conn: Connection) -> list[str]:
    """Imports whose run has ended and whose batches are all answered, with their blobs still there."""
    jobs = CHASSIS.jobs
    waiting = exists().where(run_batches.c.import_id == imports.c.id, run_batches.c.answered_at.is_(None))
    query = (
        select(imports.c.id)
        .join(jobs, jobs.c.id == imports.c.job_id)
        .where(imports.c.swept == 0, jobs.c.state.in_(_ENDED), ~waiting)
        .limit(100)
    )
    return list(conn.execute(query).scalars())


def mark_swept(tx: Tx, import_id: str, *, swept: bool = True) -> None:
    """The blobs of its batches are gone (or will be there again: a run goes on)."""
    tx.conn.execute(update(imports).where(imports.c.id == import_id).values(swept=int(swept)))
