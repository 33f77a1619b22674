"""Long and regular work of customers: moving a group's customers, forgetting what was kept long enough."""

from __future__ import annotations

from typing import Any, Final

from rapport_chassis.auth import Caller
from rapport_chassis.db import Database, Tx
from rapport_chassis.running_job import JobFailed, RunningJob
from rapport_chassis.service import Periodic
from rapport_customers.application.remove_group import Removal, finish_removal, move_some
from rapport_customers.store import history

_HOUR: Final = 3_600.0


class ReplaceGroup:
    """C3: `replace_group` moves every customer of a group to another one, then deletes the group. Result: `{moved}`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def run(self, job: RunningJob) -> dict[str, Any]:
        """Move in transactions of a few hundred; a crash loses none and repeats none. Raises `JobFailed` `forbidden`."""
        removal = Removal(job.params["group_id"], job.params["replacement"])
        done: int = job.state or 0
        while True:
            caller = job.caller()
            if not caller.can("groups.edit") or not caller.edits_any([removal.group_id]):
                raise JobFailed("forbidden", "You may not change this group any more.")
            moved = await self._db.write(self._move, job, removal, caller)
            done += moved
            await job.checkpoint(done, done=done)
            if not moved and await self._db.write(finish_removal, removal):
                return {"moved": done}

    @staticmethod
    def _move(tx: Tx, job: RunningJob, removal: Removal, caller: Caller) -> int:
        job.still_mine(tx)
        return move_some(tx, caller, removal)


def retention(db: Database) -> Periodic:
    """The regular forgetting: before-images and row outcomes older than 30 days."""

    async def forget() -> None:
        while await db.write(history.forget_before_images):
            pass
        while await db.write(history.forget_import_rows):
            pass

    return Periodic("retention", _HOUR, forget)
