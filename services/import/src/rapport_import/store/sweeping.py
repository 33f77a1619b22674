"""What is left behind: uploads that never became imports, and the files of runs that have ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Final

from sqlalchemy import Connection, delete, exists, func, insert, select, update

from rapport_chassis.db import Tx, in_list
from rapport_import.store.tables import CHASSIS, imports, run_batches, run_problems, uploads

_ENDED: Final = ("done", "failed", "cancelled")
_AT_ONCE: Final = 100
_ROWS_AT_ONCE: Final = 2_000


class Swept(IntEnum):
    """How much of an import's files is gone. `…_GOING`: refused to everybody, and perhaps removed already."""

    NOTHING = 0
    BATCHES = 1
    FILE_GOING = 2
    FILE = 3
    ERRORS_GOING = 4
    ERRORS = 5


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


def unswept_runs(conn: Connection, before: datetime) -> list[EndedRun]:
    """Runs that have ended before then and whose batches are all answered, with their blobs still there."""
    jobs = CHASSIS.jobs
    of_import = run_batches.c.import_id == imports.c.id
    waiting = exists().where(of_import, run_batches.c.answered_at.is_(None))
    last = select(func.coalesce(func.max(run_batches.c.batch), -1)).where(of_import).scalar_subquery()
    query = (
        select(imports.c.id, imports.c.job_id, last.label("last"))
        .join(jobs, jobs.c.id == imports.c.job_id)
        .where(imports.c.swept == Swept.NOTHING, jobs.c.state.in_(_ENDED), jobs.c.updated_at < before, ~waiting)
        .limit(100)
    )
    return [EndedRun(row.id, row.job_id, row.last) for row in conn.execute(query)]


def mark_swept(tx: Tx, import_id: str, job_id: str) -> None:
    """The blobs of its batches are gone, if it was not begun anew meanwhile."""
    this = (imports.c.id == import_id, imports.c.job_id == job_id)
    tx.conn.execute(update(imports).where(*this).values(swept=Swept.BATCHES))


def long_ended(conn: Connection, swept: Swept, before: datetime) -> list[str]:
    """Some imports of which so much is gone and whose run ended before then."""
    jobs = CHASSIS.jobs
    query = select(imports.c.id).join(jobs, jobs.c.id == imports.c.job_id)
    query = query.where(imports.c.swept == swept, jobs.c.state.in_(_ENDED), jobs.c.updated_at < before)
    return list(conn.execute(query.limit(_AT_ONCE)).scalars())


def going(conn: Connection, swept: Swept) -> list[str]:
    """Some imports that are at this step."""
    return list(conn.execute(select(imports.c.id).where(imports.c.swept == swept).limit(_AT_ONCE)).scalars())


def advance(tx: Tx, import_id: str, now: Swept, next_: Swept) -> bool:
    """From one step to the next; False when it was begun anew meanwhile, or another has done it."""
    change = update(imports).where(imports.c.id == import_id, imports.c.swept == now)
    return tx.conn.execute(change.values(swept=next_)).rowcount == 1


def forget_problems(tx: Tx, import_id: str) -> bool:
    """Delete some of its wrong rows; whether there may be more."""
    some = select(run_problems.c.row).where(run_problems.c.import_id == import_id).limit(_ROWS_AT_ONCE)
    rows = list(tx.conn.execute(some).scalars())
    tx.conn.execute(
        delete(run_problems).where(run_problems.c.import_id == import_id, in_list(run_problems.c.row, rows))
    )
    return len(rows) == _ROWS_AT_ONCE
