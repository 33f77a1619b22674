"""What the chassis's own tables keep and for how long; services have retentions of their own beside it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, exists, select

from rapport_chassis.db import Database, Tx, in_list
from rapport_chassis.http.writing import forget_old_keys
from rapport_chassis.jobs import ENDED
from rapport_chassis.tables import ChassisTables

JOBS_KEPT: Final = timedelta(days=90)
_AT_ONCE: Final = 1_000


async def forget(db: Database) -> None:
    """Idempotency keys go after a day, ended jobs after 90; in portions: a kill leaves the rest to the next round."""
    await db.write(forget_old_keys, db.tables)
    while await db.write(forget_ended_jobs) == _AT_ONCE:
        pass


def forget_ended_jobs(tx: Tx) -> int:
    """Delete some jobs that ended 90 days ago and that no column `job_id` of the service names; how many."""
    jobs = tx.tables.jobs
    old = select(jobs.c.id).where(jobs.c.updated_at < tx.now - JOBS_KEPT, jobs.c.state.in_(ENDED))
    ids = list(tx.conn.execute(old.where(*_named_by_nothing(tx.tables)).limit(_AT_ONCE)).scalars())
    if ids:
        tx.conn.execute(delete(jobs).where(in_list(jobs.c.id, ids)))
    return len(ids)


def _named_by_nothing(tables: ChassisTables) -> Iterator[ColumnElement[Any]]:
    for table in tables.jobs.metadata.tables.values():
        if "job_id" in table.c:
            yield ~exists().where(table.c.job_id == tables.jobs.c.id)
