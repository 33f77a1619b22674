"""Reindexing: a new index is filled from the topic's start beside the serving one, then takes its place without a gap (Q8)."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from rapport_chassis.db import Tx
from rapport_chassis.jobs import Job, create_job
from rapport_chassis.running_job import RunningJob
from rapport_chassis.service import Runtime
from rapport_search.application.feeding import new_index_name
from rapport_search.application.ports import SearchEngine
from rapport_search.application.serving import lag_of
from rapport_search.store import indexes

KIND: Final = "reindex"
_LOOK_SECONDS: Final = 0.25


def start_reindex(tx: Tx, caller_id: str) -> Job:
    """Queue a reindex."""
    return create_job(tx, "search", KIND, {}, caller_id)


class Reindex:
    """Runs reindex jobs; the index's record names its job, so a killed one goes on where it was."""

    def __init__(self, runtime: Runtime, engine: SearchEngine) -> None:
        self._runtime = runtime
        self._engine = engine

    async def run(self, job: RunningJob) -> dict[str, Any]:
        """Fill, then swap. Result: `index` and how many `records` were read."""
        name = await self._begin(job)
        while True:
            lag = await lag_of(self._runtime, name)
            await job.progress(lag.total - lag.records, lag.total)
            if lag.records == 0:
                await self._runtime.db.write(self._swap, job, name)
                return {"index": name, "records": lag.total}
            await asyncio.sleep(_LOOK_SECONDS)
            name = await self._begin(job)

    async def _begin(self, job: RunningJob) -> str:
        row = await self._runtime.db.read(indexes.filled_by, job.id)
        if row is not None:
            return row.name
        name = new_index_name()
        await self._runtime.db.write(indexes.add_filling, name, job.id)
        await self._engine.create(name)
        return name

    def _swap(self, tx: Tx, job: RunningJob, name: str) -> None:
        job.still_mine(tx)
        indexes.swap(tx, name)
