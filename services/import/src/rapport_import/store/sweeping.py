"""What is left behind: uploads that never became imports, blobs of batches that everybody has read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, exists, func, insert, select, update

from rapport_chassis.db import Tx, in_list
from rapport_import.store.tables import CHASSIS, imports, run_batches, uploads

_ENDED: Final = ("done", "failed", "cancelled")


def begin_upload(tx: Tx, upload_id: str) -> None:
    """Say that blobs for this id are being written."""
    tx.conn.execute(insert(uploads), {"id": upload_id, "at": tx.now})


def end_upload(tx: Tx, upload_id: str) -> bool:
    """It became an import, or its blobs are gone; False when it was given up before, and its blobs with it."""
    return tx.conn.execute(delete(uploads).where(uploads.c.id == upload_id)).rowcount == 1


def abandoned_uploads(conn: Connection, before: datetime) -> list[str]:
    """Uploads that began before and neither ended nor failed: their process was killed."""
    return list(conn.execute(select(uploads.c.id).where(uploads.c.at < before).limit(100)).scalars())


def forget_unused(tx: Tx, before: datetime) -> int:
    """Forget imports that nobody ran or touched since; how many. Their blobs go the way of an abandoned upload's."""
    unused = select(imports.c.id).where(imports.c.job_id.is_(None), imports.c.updated_at < before).limit(100)
    ids = list(tx.conn.execute(unused).scalars())
    if ids:
        tx.conn.execute(delete(imports).where(in_list(imports.c.id, ids)))
        tx.conn.execute(insert(uploads), [{"id": one, "at": tx.now} for one in ids])
    return len(ids)


@dataclass(frozen=True, slots=True)
class EndedRun:
    """A run that has ended, as it was seen: its job, and its last batch."""

    import_id: str
    job_id: str
    last_batch: int


def unswept_runs(conn: Connection) -> list[EndedRun]:
    """Runs that have ended and whose batches are all answered, with their blobs still there."""
    jobs = CHASSIS.jobs
    of_import = run_batches.c.import_id == imports.c.id
    waiting = exists().where(of_import, run_batches.c.answered_at.is_(None))
    last = select(func.coalesce(func.max(run_batches.c.batch), -1)).where(of_import).scalar_subquery()
    query = (
        select(imports.c.id, imports.c.job_id, last.label("last"))
        .join(jobs, jobs.c.id == imports.c.job_id)
        .where(imports.c.swept == 0, jobs.c.state.in_(_ENDED), ~waiting)
        .limit(100)
    )
    return [EndedRun(row.id, row.job_id, row.last) for row in conn.execute(query)]


def mark_swept(tx: Tx, import_id: str, job_id: str | None = None) -> None:
    """The blobs of its batches are gone; with `job_id` only if it was not begun anew meanwhile."""
    change = update(imports).where(imports.c.id == import_id).values(swept=1)
    tx.conn.execute(change if job_id is None else change.where(imports.c.job_id == job_id))
