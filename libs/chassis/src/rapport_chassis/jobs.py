"""Long work as rows: state, progress, result; pausable, cancellable, shown live. The row is the truth."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, func, insert, select, update

from rapport_chassis.db import Tx, in_list
from rapport_chassis.ids import new_id
from rapport_chassis.problems import Conflict, NotFound
from rapport_chassis.tables import ChassisTables
from rapport_contracts import topics

ENDED = frozenset({"done", "failed", "cancelled"})
_FROM = {"pause": {"queued", "running"}, "resume": {"paused"}, "cancel": {"queued", "running", "paused"}}
_TO = {"pause": "paused", "resume": "queued", "cancel": "cancelled"}


@dataclass(frozen=True, slots=True)
class Job:
    """A job's row."""

    id: str
    kind: str
    state: str
    version: int
    params: dict[str, Any]
    checkpoint: Any
    done: int
    total: int | None
    result: dict[str, Any] | None
    error: dict[str, Any] | None
    created_by: str
    created_at: datetime
    updated_at: datetime

    def document(self) -> dict[str, Any]:
        """The job as the API shows it."""
        return {
            "id": self.id,
            "kind": self.kind,
            "state": self.state,
            "progress": {"done": self.done, "total": self.total},
            "result": self.result,
            "error": self.error,
            "created_by": self.created_by,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
            "version": self.version,
        }


def create_job(
    tx: Tx,
    service: str,
    kind: str,
    params: Mapping[str, Any],
    caller_id: str,
    *,
    total: int | None = None,
    run_after: datetime | None = None,
) -> Job:
    """Insert a queued job (id `<service>-…`) and announce it. With `run_after` it may be cancelled before it begins."""
    row = {
        "id": f"{service}-{new_id()}",
        "kind": kind,
        "state": "queued",
        "version": 1,
        "params": dict(params),
        "done": 0,
        "total": total,
        "created_by": caller_id,
        "created_at": tx.now,
        "updated_at": tx.now,
        "run_after": run_after,
    }
    tx.conn.execute(insert(tx.tables.jobs), row)
    _announce(tx, str(row["id"]), 1)
    return get_job(tx.conn, tx.tables, str(row["id"]))


def get_job(conn: Connection, tables: ChassisTables, job_id: str) -> Job:
    """The job. Raises `NotFound`."""
    found = find_jobs(conn, tables, ids=[job_id])
    if not found:
        raise NotFound("There is no such job.")
    return found[0]


def find_jobs(
    conn: Connection,
    tables: ChassisTables,
    *,
    ids: Sequence[str] | None = None,
    created_by: str | None = None,
    before: str | None = None,
    limit: int = 50,
) -> list[Job]:
    """Jobs, newest first."""
    jobs = tables.jobs
    query = select(jobs).order_by(jobs.c.id.desc()).limit(limit)
    if ids is not None:
        query = query.where(in_list(jobs.c.id, ids))
    if created_by is not None:
        query = query.where(jobs.c.created_by == created_by)
    if before is not None:
        query = query.where(jobs.c.id < before)
    return [_job(row) for row in conn.execute(query)]


def active_jobs(conn: Connection, tables: ChassisTables) -> dict[tuple[str, ...], int]:
    """How many wait, run or are paused, by kind and state."""
    jobs = tables.jobs
    kinds = select(jobs.c.kind, jobs.c.state, func.count()).where(jobs.c.state.in_(_FROM["cancel"]))
    return {(kind, state): number for kind, state, number in conn.execute(kinds.group_by(jobs.c.kind, jobs.c.state))}


def steer(tx: Tx, job_id: str, verb: str) -> Job:
    """`pause`, `resume` or `cancel`. Raises `NotFound`, or `Conflict` 409 `in_use` when its state does not allow it."""
    jobs = tx.tables.jobs
    tx.conn.execute(select(jobs.c.id).where(jobs.c.id == job_id).with_for_update())
    job = get_job(tx.conn, tx.tables, job_id)
    if job.state not in _FROM[verb]:
        raise Conflict("in_use", f"A job that is {job.state} cannot be changed by “{verb}”.")
    change_job(tx, job_id, {"state": _TO[verb], "lease": None, "lease_until": None})
    return get_job(tx.conn, tx.tables, job_id)


def set_progress(tx: Tx, job_id: str, done: int, total: int | None = None) -> None:
    """Progress told by a consumer rather than the runner."""
    change_job(tx, job_id, {"done": done} | ({} if total is None else {"total": total}), only_active=True)


def finish(tx: Tx, job_id: str, result: Mapping[str, Any], *, done: int | None = None) -> bool:
    """The job is done; whether it was still active."""
    values = {"state": "done", "result": dict(result), "lease": None, "lease_until": None}
    return change_job(tx, job_id, values | ({} if done is None else {"done": done}), only_active=True)


def fail(tx: Tx, job_id: str, error: Mapping[str, Any]) -> bool:
    """The job failed; whether it was still active."""
    values = {"state": "failed", "error": dict(error), "lease": None, "lease_until": None}
    return change_job(tx, job_id, values, only_active=True)


def job_documents(tables: ChassisTables) -> Callable[[Connection, Sequence[str]], dict[str, tuple[int, bytes]]]:
    """The relay's reader of operations.jobs.v1."""

    def read(conn: Connection, ids: Sequence[str]) -> dict[str, tuple[int, bytes]]:
        found = find_jobs(conn, tables, ids=ids, limit=len(ids))
        return {job.id: (job.version, orjson.dumps(job.document(), option=orjson.OPT_UTC_Z)) for job in found}

    return read


def change_job(
    tx: Tx, job_id: str, values: dict[str, Any], *, lease: str | None = None, only_active: bool = False
) -> bool:
    """Change the row and announce it; whether it was there (still held by `lease`, or not ended, when asked for)."""
    jobs = tx.tables.jobs
    query = update(jobs).where(jobs.c.id == job_id)
    if lease is not None:
        query = query.where(jobs.c.lease == lease, jobs.c.state == "running")
    if only_active:
        query = query.where(jobs.c.state.in_(_FROM["cancel"]))
    changed = query.values(**values, version=jobs.c.version + 1, updated_at=tx.now).returning(jobs.c.version)
    version = tx.conn.execute(changed).scalar()
    if version is None:
        return False
    _announce(tx, job_id, version)
    return True


def _announce(tx: Tx, job_id: str, version: int) -> None:
    before = len(tx.positions)
    tx.publish_state(topics.JOBS, [(job_id, version)])
    del tx.positions[before:]  # searches do not wait for jobs


def _job(row: Any) -> Job:
    return Job(**{name: getattr(row, name) for name in Job.__dataclass_fields__})
