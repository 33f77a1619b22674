"""Long work as rows: state, progress, result; resumable after a kill, pausable, cancellable, shown live.

The row is the truth. A runner holds it by a lease; whoever changes the row's state (pause, cancel) takes it away from the runner,
which learns so at its next `progress` or `checkpoint`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import orjson
from sqlalchemy import Connection, Select, insert, or_, select, update

from rapport_chassis.auth import Caller
from rapport_chassis.db import Database, Tx, in_list
from rapport_chassis.ids import new_id
from rapport_chassis.problems import Conflict, NotFound
from rapport_chassis.tables import ChassisTables
from rapport_contracts import topics

LEASE = timedelta(seconds=10)
ENDED = frozenset({"done", "failed", "cancelled"})
_FROM = {"pause": {"queued", "running"}, "resume": {"paused"}, "cancel": {"queued", "running", "paused"}}
_TO = {"pause": "paused", "resume": "queued", "cancel": "cancelled"}


class JobInterrupted(Exception):  # noqa: N818
    """The job was paused, cancelled or taken over: stop working on it, leave it as it is."""


class JobFailed(Exception):  # noqa: N818
    """The job cannot be done; `code` and `detail` are shown to the person who started it."""

    def __init__(self, code: str, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.error = {"code": code, "detail": detail, **more}


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


class JobRunner(Protocol):
    """Does the work of one kind of job; called again from the last checkpoint after a crash."""

    async def run(self, job: RunningJob) -> dict[str, Any] | None:
        """Do it and give the result; None when something else (a consumer) will finish the job by `finish`.

        Raises `JobFailed` with words for the person, or `JobInterrupted` as it came from `job`.
        """


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


def steer(tx: Tx, job_id: str, verb: str) -> Job:
    """`pause`, `resume` or `cancel`. Raises `NotFound`, or `Conflict` 409 `in_use` when its state does not allow it."""
    jobs = tx.tables.jobs
    tx.conn.execute(select(jobs.c.id).where(jobs.c.id == job_id).with_for_update())
    job = get_job(tx.conn, tx.tables, job_id)
    if job.state not in _FROM[verb]:
        raise Conflict("in_use", f"A job that is {job.state} cannot be changed by “{verb}”.")
    _change(tx, job_id, {"state": _TO[verb], "lease": None, "lease_until": None})
    return get_job(tx.conn, tx.tables, job_id)


def set_progress(tx: Tx, job_id: str, done: int, total: int | None = None) -> None:
    """Progress told by a consumer rather than the runner."""
    _change(tx, job_id, {"done": done} | ({} if total is None else {"total": total}), only_active=True)


def finish(tx: Tx, job_id: str, result: Mapping[str, Any], *, done: int | None = None) -> bool:
    """The job is done; whether it was still active."""
    values = {"state": "done", "result": dict(result), "lease": None, "lease_until": None}
    return _change(tx, job_id, values | ({} if done is None else {"done": done}), only_active=True)


def fail(tx: Tx, job_id: str, error: Mapping[str, Any]) -> bool:
    """The job failed; whether it was still active."""
    values = {"state": "failed", "error": dict(error), "lease": None, "lease_until": None}
    return _change(tx, job_id, values, only_active=True)


def job_documents(tables: ChassisTables) -> Callable[[Connection, Sequence[str]], dict[str, tuple[int, bytes]]]:
    """The relay's reader of operations.jobs.v1."""

    def read(conn: Connection, ids: Sequence[str]) -> dict[str, tuple[int, bytes]]:
        found = find_jobs(conn, tables, ids=ids, limit=len(ids))
        return {job.id: (job.version, orjson.dumps(job.document(), option=orjson.OPT_UTC_Z)) for job in found}

    return read


class RunningJob:
    """A job in a runner's hands."""

    def __init__(self, job: Job, lease: str, db: Database, acting: Callable[[str, str], Caller]) -> None:
        self.id = job.id
        self.kind = job.kind
        self.params = job.params
        self.state = job.checkpoint
        self.created_by = job.created_by
        self._lease = lease
        self._db = db
        self._acting = acting

    def caller(self) -> Caller:
        """The user it acts for, with the rights that user has now. Raises `Problem` 401 when the user is gone."""
        return self._acting(self.created_by, f"job:{self.id}")

    async def progress(self, done: int, total: int | None = None) -> None:
        """Tell how far it is. Raises `JobInterrupted`."""
        await self._update({"done": done} | ({} if total is None else {"total": total}))

    async def checkpoint(self, state: Any, done: int | None = None) -> None:
        """Remember `state` (JSON) to go on from after a crash. Raises `JobInterrupted`."""
        self.state = state
        await self._update({"checkpoint": state} | ({} if done is None else {"done": done}))

    async def raise_if_interrupted(self) -> None:
        """Raises `JobInterrupted` when the job was paused, cancelled or taken over."""
        await self._db.read(self._check)

    async def renew(self) -> None:
        """Prolong the lease. Raises `JobInterrupted`."""
        await self._db.write(self._renew)

    def still_mine(self, tx: Tx) -> None:
        """Inside a transaction of the work itself: raises `JobInterrupted`, rolling it back; otherwise it stays so to its end."""
        if tx.conn.execute(self._mine().with_for_update()).first() is None:
            raise JobInterrupted(self.id)

    async def end(self, result: Mapping[str, Any] | None, error: Mapping[str, Any] | None = None) -> None:
        """Record the end, if the job is still ours."""
        values = {"state": "failed" if error else "done", "result": result, "error": error}
        await self._update(values | {"lease": None, "lease_until": None})

    async def release(self) -> None:
        """The runner's part is over; a consumer will `finish` the job."""
        await self._update({"lease": None, "lease_until": None})

    async def hand_back(self, pause: timedelta = timedelta(0)) -> None:
        """Give the job back unfinished, to be taken up again after `pause` (none: shutdown)."""
        await self._db.write(self._hand_back, pause)

    async def _update(self, values: dict[str, Any]) -> None:
        await self._db.write(self._write, values)

    def _write(self, tx: Tx, values: dict[str, Any]) -> None:
        if not _change(tx, self.id, values, lease=self._lease):
            raise JobInterrupted(self.id)

    def _hand_back(self, tx: Tx, pause: timedelta) -> None:
        self._write(tx, {"lease": None, "lease_until": None, "state": "queued", "run_after": tx.now + pause})

    def _renew(self, tx: Tx) -> None:
        jobs = tx.tables.jobs
        mine = update(jobs).where(jobs.c.id == self.id, jobs.c.lease == self._lease)
        if tx.conn.execute(mine.values(lease_until=tx.now + LEASE)).rowcount != 1:
            raise JobInterrupted(self.id)

    def _mine(self) -> Select[Any]:
        jobs = self._db.tables.jobs
        return select(jobs.c.id).where(jobs.c.id == self.id, jobs.c.lease == self._lease, jobs.c.state == "running")

    def _check(self, conn: Connection) -> None:
        if conn.execute(self._mine()).first() is None:
            raise JobInterrupted(self.id)


def claimable(conn: Connection, tables: ChassisTables, kinds: Sequence[str], now: datetime) -> str | None:
    """The oldest job that may begin, or whose runner is gone (its lease ended)."""
    found: str | None = conn.execute(_claimable(tables, kinds, now)).scalar()
    return found


def claim(tx: Tx, kinds: Sequence[str], lease: str) -> Job | None:
    """Take a claimable job that nobody else is taking."""
    wanted = _claimable(tx.tables, kinds, tx.now).with_for_update(skip_locked=True)
    job_id: str | None = tx.conn.execute(wanted).scalar()
    if job_id is None:
        return None
    _change(tx, job_id, {"state": "running", "lease": lease, "lease_until": tx.now + LEASE})
    return get_job(tx.conn, tx.tables, job_id)


def _claimable(tables: ChassisTables, kinds: Sequence[str], now: datetime) -> Select[Any]:
    jobs = tables.jobs
    ready = (jobs.c.state == "queued") & or_(jobs.c.run_after.is_(None), jobs.c.run_after <= now)
    # no lease_until: the runner is done with it and a consumer will finish it
    orphaned = (jobs.c.state == "running") & (jobs.c.lease_until < now)
    return select(jobs.c.id).where(jobs.c.kind.in_(kinds), or_(ready, orphaned)).order_by(jobs.c.id).limit(1)


def release_leases(tx: Tx) -> None:
    """End all leases: the one worker of an embedded installation begins, so nobody else runs a job."""
    jobs = tx.tables.jobs
    tx.conn.execute(update(jobs).where(jobs.c.lease_until.is_not(None)).values(lease_until=tx.now - LEASE))


def _change(
    tx: Tx, job_id: str, values: dict[str, Any], *, lease: str | None = None, only_active: bool = False
) -> bool:
    jobs = tx.tables.jobs
    query = update(jobs).where(jobs.c.id == job_id)
    if lease is not None:
        query = query.where(jobs.c.lease == lease, jobs.c.state == "running")
    if only_active:
        query = query.where(jobs.c.state.not_in(ENDED))
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
