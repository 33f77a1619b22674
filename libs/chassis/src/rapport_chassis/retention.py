"""What the chassis's own tables keep and for how long; services have retentions of their own beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, exists

from rapport_chassis.db import Database, Tx, delete_some
from rapport_chassis.http.writing import forget_old_keys
from rapport_chassis.jobs import ENDED
from rapport_chassis.tables import ChassisTables

JOBS_KEPT: Final = timedelta(days=90)
BACKUP_WITHIN: Final = timedelta(hours=1)
"""So long stays what is superseded on Kafka or S3: a backup copies them after the instant that it is of (ADR 0166)."""


async def forget(db: Database) -> None:
    """Idempotency keys go after a day, ended jobs after 90; in portions: a kill leaves the rest to the next round."""
    await forget_in_portions(db, forget_old_keys)
    await forget_in_portions(db, forget_ended_jobs)


async def forget_in_portions(db: Database, portion: Callable[[Tx], int]) -> int:
    """Write `portion`, which deletes some and says how many, until it finds none; how many in all."""
    forgotten = 0
    while some := await db.write(portion):
        forgotten += some
    return forgotten


def forget_ended_jobs(tx: Tx) -> int:
    """Delete some jobs that ended 90 days ago and that no column `job_id` of the service names; how many."""
    jobs = tx.tables.jobs
    old = jobs.c.updated_at < tx.now - JOBS_KEPT
    return delete_some(tx.conn, jobs.c.id, old, jobs.c.state.in_(ENDED), *_named_by_nothing(tx.tables))


def _named_by_nothing(tables: ChassisTables) -> Iterator[ColumnElement[Any]]:
    for table in tables.jobs.metadata.tables.values():
        if "job_id" in table.c:
            yield ~exists().where(table.c.job_id == tables.jobs.c.id)
