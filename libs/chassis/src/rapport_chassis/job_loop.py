"""The worker's side of jobs: claims them, runs them under a renewed lease, hands them back at shutdown."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from rapport_chassis.db import EngineUnavailable
from rapport_chassis.ids import new_id
from rapport_chassis.jobs import Job
from rapport_chassis.problems import Problem
from rapport_chassis.resting import rest_after
from rapport_chassis.running_job import (
    JobFailed,
    JobInterrupted,
    JobRunner,
    RunningJob,
    claim,
    claimable,
    release_leases,
)

if TYPE_CHECKING:
    from rapport_chassis.service import Runtime

_TOGETHER = 4
_RENEW_SECONDS = 3.0
_RENEW_AGAIN_SECONDS = 0.5
_AWAY = timedelta(seconds=2)
_BACKSTOP_SECONDS = 1.0  # also how late a job begins that was to wait
_LEAST_REST, _LONGEST_REST = 0.02, 0.25  # a busy service commits hundreds of times a second; jobs are seldom among it
_log = logging.getLogger(__name__)


class JobLoop:
    """Runs a service's jobs, a few at once."""

    def __init__(self, runtime: Runtime, runners: Mapping[str, JobRunner]) -> None:
        self._runtime = runtime
        self._runners = runners
        self._running: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Claim and run, for ever; on cancellation every job in hand is given back."""
        if self._runtime.sole_worker:
            await self._runtime.db.write(release_leases)
        try:
            while True:
                seen, began = self._runtime.db.changed.count, time.monotonic()
                if len(self._running) < _TOGETHER and await self._begin():
                    continue
                looked = time.monotonic() - began
                await self._runtime.db.changed.wait(seen, _BACKSTOP_SECONDS)
                await asyncio.sleep(rest_after(self._runtime.bus, looked, _LEAST_REST, _LONGEST_REST))
        finally:
            await self._stop()

    async def _begin(self) -> bool:
        db, kinds = self._runtime.db, list(self._runners)
        if await db.read(claimable, db.tables, kinds, self._runtime.clock.now()) is None:
            return False  # looking costs no write
        lease = new_id()
        job = await db.write(claim, kinds, lease)
        if job is None:
            return False
        task = asyncio.create_task(self._work(job, lease), name=job.id)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return True

    async def _stop(self) -> None:
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _work(self, job: Job, lease: str) -> None:
        held = RunningJob(job, lease, self._runtime.db, self._runtime.directory.acting_for)
        renewing = asyncio.create_task(_renew(held))
        try:
            result = await self._runners[job.kind].run(held)
            await (held.release() if result is None else held.end(result))
        except JobInterrupted:
            _log.info("a job was interrupted", extra={"job": job.id})
        except asyncio.CancelledError:
            with contextlib.suppress(JobInterrupted):
                await held.hand_back()
            raise
        except EngineUnavailable:
            _log.warning("a job waits for an engine", exc_info=True, extra={"job": job.id})
            with contextlib.suppress(JobInterrupted, EngineUnavailable):  # then its lease ends, which is the same
                await held.hand_back(_AWAY)
        except Exception as error:  # noqa: BLE001  a job that fails is recorded as failed, whatever the reason
            await self._failed(held, error)
        finally:
            renewing.cancel()

    async def _failed(self, held: RunningJob, error: Exception) -> None:
        if not isinstance(error, JobFailed | Problem):
            _log.exception("a job failed", exc_info=error, extra={"job": held.id})
        with contextlib.suppress(JobInterrupted):
            await held.end(None, _shown(error))


def _shown(error: Exception) -> dict[str, object]:
    if isinstance(error, JobFailed):
        return error.error
    if isinstance(error, Problem):
        return {"code": error.code, "detail": error.detail}
    return {"code": "internal_error", "detail": "Something went wrong on our side; it was logged."}


async def _renew(held: RunningJob) -> None:
    with contextlib.suppress(JobInterrupted):
        await asyncio.sleep(_RENEW_SECONDS)
        while True:
            try:
                await held.renew()
                await asyncio.sleep(_RENEW_SECONDS)
            except EngineUnavailable:  # it took long to find out
                await asyncio.sleep(_RENEW_AGAIN_SECONDS)
