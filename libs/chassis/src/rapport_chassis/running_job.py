"""A job in the hands of a worker: claimed under a lease, resumed from its checkpoint after a kill.

Whoever changes the row's state (pause, cancel) takes the job away from its runner, which learns so at its next `progress` or
`checkpoint`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection, Select, or_, select, update

from rapport_chassis.auth import Caller
from rapport_chassis.db import Database, Tx
from rapport_chassis.jobs import Job, change_job, get_job
from rapport_chassis.tables import ChassisTables

LEASE = timedelta(seconds=10)


class JobInterrupted(Exception):  # noqa: N818
    """The job was paused, cancelled or taken over: stop working on it, leave it as it is."""


class JobFailed(Exception):  # noqa: N818
    """The job cannot be done; `code` and `detail` are shown to the person who started it."""

    def __init__(self, code: str, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.error = {"code": code, "detail": detail, **more}


class JobRunner(Protocol):
    """Does the work of one kind of job; called again from the last checkpoint after a crash."""

    async def run(self, job: RunningJob) -> dict[str, Any] | None:
        """Do it and give the result; None when something else (a consumer) will finish the job by `finish`.

        Raises `JobFailed` with words for the person, or `JobInterrupted` as it came from `job`.
        """


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
        if not change_job(tx, self.id, values, lease=self._lease):
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
    change_job(tx, job_id, {"state": "running", "lease": lease, "lease_until": tx.now + LEASE})
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
