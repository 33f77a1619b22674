"""The job that sends: ledger (unless it was previewed), who is still visible, then queued messages; their sending finishes it."""

from __future__ import annotations

from typing import Any

from rapport_chassis.running_job import JobFailed, RunningJob
from rapport_chassis.service import Runtime
from rapport_messaging.application import audience, send
from rapport_messaging.application.snapshot import take_snapshot
from rapport_messaging.config import Config
from rapport_messaging.store import audiences


class SendMessages:
    """Runs `send_messages`; taken up again after a crash it goes on where the ledger says."""

    def __init__(self, runtime: Runtime, config: Config) -> None:
        self._runtime = runtime
        self._config = config

    async def run(self, job: RunningJob) -> dict[str, Any] | None:
        """Queue every recipient's message. Gives None: the job is done when its messages are (`settle_jobs`).

        Given back because another service is away (`EngineUnavailable`), it goes on later: nothing is lost or queued twice.
        """
        caller = job.caller()
        if not caller.can("messages.send"):
            raise JobFailed("forbidden", "You may no longer send messages.")
        found = await self._runtime.db.read(audiences.find, job.params["audience_id"])
        if found is None:
            raise JobFailed("not_found", "The audience is gone; preview again.")
        if found.ready:
            await self._hide_invisible(job, found.id)
        else:
            await take_snapshot(self._runtime, caller, found, self._config.price, lambda _: job.raise_if_interrupted())
        await self._queue(job, found)
        return None

    async def _queue(self, job: RunningJob, found: Any) -> None:
        after: int | None = -1
        while after is not None:
            after = await self._runtime.db.write(send.queue_some, job.id, found, after, job.still_mine)

    async def _hide_invisible(self, job: RunningJob, audience_id: str) -> None:
        """Rights are looked at again: a recipient whom the sender no longer sees gets nothing."""
        after = -1
        while rows := await self._runtime.db.read(audiences.recipients, audience_id, after, audience.CHUNK):
            ids = [row.customer_id for row in rows]
            seen = set(await audience.visible_of(self._runtime, job.caller(), ids))
            hidden = [row.seq for row in rows if row.customer_id not in seen]
            await self._runtime.db.write(send.hide, audience_id, hidden)
            await job.raise_if_interrupted()
            after = rows[-1].seq
