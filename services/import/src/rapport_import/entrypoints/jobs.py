"""The runner of imports: feeds batches to customers, some unanswered, and ends when every row is accounted for (I8)."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import Any, Final

from rapport_chassis.db import Tx
from rapport_chassis.running_job import JobFailed, RunningJob
from rapport_chassis.service import Runtime
from rapport_import.application.errors import error_workbook
from rapport_import.application.imports import batch_key
from rapport_import.application.ports import Batch, FileReader, ReaderGone
from rapport_import.application.run import Run, load_run, run_result, submit_batch
from rapport_import.domain.files import FileRefused
from rapport_import.store import batches, imports

OUTSTANDING: Final = 6  # ADR 0053
_TELL_SECONDS: Final = 0.5
_BACKSTOP_SECONDS: Final = 1.0
_ATTEMPTS: Final = 5


class ImportRunner:
    """Runs one import at a time per job; killed anywhere it goes on behind the last batch that was recorded."""

    def __init__(self, runtime: Runtime, reader: FileReader) -> None:
        self._runtime = runtime
        self._reader = reader

    async def run(self, job: RunningJob) -> dict[str, Any]:
        """Do the run; its result. Raises `JobFailed` when the file's reader fails or the user may not import any more."""
        run = await self._runtime.db.read(load_run, job.params["import_id"])
        telling = _Telling()
        async with self._runtime.blobs.local(run.row_file) as row_file:
            await self._submit(job, run, row_file, telling)
        await self._wait_below(job, run, 1, telling)
        result = await self._end(run)
        await job.progress(result["read"])
        return result

    async def _submit(self, job: RunningJob, run: Run, row_file: Path, telling: _Telling) -> None:
        """Every chunk that has no batch yet. A reader that was killed is started again behind what it brought."""
        begin, attempts = run.status.next_batch, 0
        while True:
            done = begin
            try:
                async with contextlib.aclosing(self._reader.map(row_file, run.mapping, begin)) as found:  # type: ignore[type-var]
                    async for one in found:
                        if isinstance(one, Batch):
                            await self._submit_one(job, run, one, telling)
                            begin = one.number + 1
                        else:
                            await self._tell_total(job, run, one.rows)
            except ReaderGone as error:
                attempts = attempts + 1 if begin == done else 0
                if attempts == _ATTEMPTS:
                    raise JobFailed(
                        "engine_unavailable", "The process that reads the file is killed again and again."
                    ) from error
            except FileRefused as error:
                raise JobFailed(error.code, error.detail) from error
            else:
                return

    async def _submit_one(self, job: RunningJob, run: Run, batch: Batch, telling: _Telling) -> None:
        await self._wait_below(job, run, OUTSTANDING, telling)
        if batch.rows:
            await self._runtime.blobs.put(batch_key(run.import_id, batch.number), batch.blob)
        await self._runtime.db.write(_record, job, run, batch)

    async def _tell_total(self, job: RunningJob, run: Run, total: int) -> None:
        await self._runtime.db.write(imports.set_total, run.import_id, total)
        status = await self._runtime.db.read(batches.run_status, run.import_id)
        await job.progress(status.read, total)

    async def _wait_below(self, job: RunningJob, run: Run, limit: int, telling: _Telling) -> None:
        """Wait until fewer than `limit` batches are unanswered. Raises `JobInterrupted` when paused or cancelled meanwhile."""
        db = self._runtime.db
        while True:
            seen = db.changed.count
            waiting = await db.read(batches.outstanding, run.import_id)
            if telling.due():
                _refuse_without_right(job)
                await job.progress((await db.read(batches.run_status, run.import_id)).read)
            if waiting < limit:
                return
            await job.raise_if_interrupted()
            await db.changed.wait(seen, _BACKSTOP_SECONDS)

    async def _end(self, run: Run) -> dict[str, Any]:
        runtime = self._runtime
        result = await runtime.db.read(run_result, run.import_id)
        if result["failed"] or result["ambiguous"]:
            with contextlib.suppress(ReaderGone, FileRefused):  # it is made when it is asked for
                await error_workbook(runtime.db, runtime.blobs, self._reader, run)
        return result


class _Telling:
    """When progress is told again: not with every batch, which nobody could follow."""

    def __init__(self) -> None:
        self._last = 0.0

    def due(self) -> bool:
        now = time.monotonic()
        if now - self._last < _TELL_SECONDS:
            return False
        self._last = now
        return True


def _record(tx: Tx, job: RunningJob, run: Run, batch: Batch) -> None:
    job.still_mine(tx)
    submit_batch(tx, run, batch)


def _refuse_without_right(job: RunningJob) -> None:
    if not job.caller().can("imports.run"):
        raise JobFailed("forbidden", "The user who started this import may not import any more.")
