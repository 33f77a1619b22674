"""Long and regular work of customers: moving a group's customers, forgetting what was kept long enough."""

from __future__ import annotations

from typing import Any, Final

from rapport_chassis.auth import Caller
from rapport_chassis.db import Database, Tx
from rapport_chassis.running_job import JobFailed, RunningJob
from rapport_chassis.service import Periodic
from rapport_customers.application.remove_group import Removal, finish_removal, move_some
from rapport_customers.store import history, matching

_HOUR: Final = 3_600.0
_MOST_FRESH: Final = (
    200_000  # customers whose keys wait while more are written: a merging import moves them all before it begins
)


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
    """The regular forgetting: before-images and what is known of imports older than 30 days."""

    async def forget() -> None:
        while await db.write(history.forget_before_images):
            pass
        await db.write(history.forget_import_batches)

    return Periodic("retention", _HOUR, forget)


class FreshKeys:
    """Moves the match keys of imported customers to where they are found, once no more come."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._seen = (0, 0)

    def task(self) -> Periodic:
        """As the worker runs it."""
        return Periodic("match-keys", 1, self.settle, quiet_seconds=5)

    async def settle(self) -> None:
        """Move them when none came since the last look, or too many wait."""
        first, last = await self._db.read(matching.fresh_numbers)
        seen, self._seen = self._seen, (first, last)
        if last and (seen == self._seen or last - first > _MOST_FRESH):
            while await self._db.write(matching.settle):
                pass
