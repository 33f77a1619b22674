"""A run: begun once an import, gone on with after a cancel or a failure, each batch recorded together with its command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from rapport_chassis import jobs
from rapport_chassis.auth import Caller
from rapport_chassis.db import Tx
from rapport_chassis.jobs import Job
from rapport_chassis.problems import Conflict, FieldError, Invalid
from rapport_contracts import topics
from rapport_import.application.imports import batch_key, get, row_file_key
from rapport_import.application.kept import refuse_without_file
from rapport_import.application.ports import Batch
from rapport_import.application.settings import check, chosen_targets, frozen_plan, header_digest
from rapport_import.domain.mapping import MappingPlan
from rapport_import.domain.settings import Settings
from rapport_import.store import batches, definitions, imports
from rapport_import.store.batches import RunStatus
from rapport_import.store.connection import Connection

SERVICE: Final = "import"
RUN: Final = "import"
_GOES_ON: Final = frozenset({"cancelled", "failed"})
_SUBMITTED: Final = "imports.batch.submitted"


@dataclass(frozen=True, slots=True)
class Run:
    """What a runner needs: the frozen plan and how far it is."""

    import_id: str
    by: str
    row_file: str
    mapping: MappingPlan
    command: Mapping[str, Any]
    sheet: str
    columns: int
    status: RunStatus


def start_run(tx: Tx, caller: Caller, import_id: str, region: str, headers: Sequence[str | None], version: int) -> Job:
    """Begin the run of an import, or go on with one that was cancelled or failed (I8); the queued job.

    The run's id is the import's: whatever happens, a row of a file is written once. `headers` and `version` are those the
    caller read: raises `Conflict` 409 `in_use` when the import was changed since, runs or is done; `Invalid` 422 without
    settings, or for settings that no longer hold.
    """
    imports.hold_import(tx, import_id)
    found = get(tx.conn, caller, import_id)
    if imports.plan_of(tx.conn, import_id) is None:
        if found.version != version:
            raise Conflict("in_use", "This import was changed just now; look at it again.")
        plan = _plan(tx, caller, import_id, region, headers)
        values: dict[str, Any] = {"plan": plan, "started_at": tx.now}
    elif found.state in _GOES_ON:
        refuse_without_file(found)
        values = {}
    else:
        raise Conflict("in_use", f"This import is {found.state}; upload the file again to import it again.")
    job = jobs.create_job(tx, SERVICE, RUN, {"import_id": import_id}, caller.id, total=found.total)
    imports.change_import(tx, import_id, values | {"job_id": job.id, "swept": 0})
    return job


def _plan(tx: Tx, caller: Caller, import_id: str, region: str, headers: Sequence[str | None]) -> dict[str, Any]:
    found = get(tx.conn, caller, import_id)
    if found.settings is None:
        detail = "Say first what each column becomes."
        raise Invalid(detail, FieldError("settings", "missing", detail))
    settings = Settings.of(found.settings)
    known = check(tx.conn, caller, found, settings)
    if any(headers):
        definitions.remember_mapping(tx, header_digest(headers), chosen_targets(settings.columns))
    return frozen_plan(found, settings, known, region, headers) | {"by": caller.id}


def load_run(conn: Connection, import_id: str) -> Run:
    """The run of an import that was begun. Raises `LookupError` for one that was not."""
    plan = imports.plan_of(conn, import_id)
    if plan is None:
        raise LookupError(f"import {import_id} was never begun")
    return Run(
        import_id=import_id,
        by=plan["by"],
        row_file=row_file_key(import_id, plan["revision"], plan["row_file"]),
        mapping=MappingPlan.of(plan["mapping"]),
        command=plan["command"],
        sheet=plan["sheet"],
        columns=plan["columns"],
        status=batches.run_status(conn, import_id),
    )


def submit_batch(tx: Tx, run: Run, batch: Batch) -> None:
    """Record the batch and send its command, both or neither; a batch with nothing in it is answered at once."""
    wrong = [(row, "failed", code, reason) for row, code, reason in batch.wrong]
    batches.record_batch(tx, run.import_id, batch.number, batch.read, wrong, answered=not batch.rows)
    if not batch.rows:
        return
    command = {
        "import_id": run.import_id,
        "run_id": run.import_id,
        "batch": batch.number,
        "blob_key": batch_key(run.import_id, batch.number),
        "by": run.by,
        **run.command,
    }
    event_id = f"{run.import_id}:{batch.number}"
    tx.publish_fact(topics.IMPORT_BATCHES, run.import_id, _SUBMITTED, orjson.dumps(command), event_id=event_id)


def run_result(conn: Connection, import_id: str) -> dict[str, Any]:
    """The result of a run: what was written (I8), and the `position` its writes reached, a token a partition."""
    status = batches.run_status(conn, import_id)
    reached: dict[int, str] = {}
    for positions in batches.positions_of(conn, import_id):
        reached |= {topics.CUSTOMERS.partition_of(one.partition("@")[0]): one for one in positions}
    position = ",".join(token for _, token in sorted(reached.items()))
    return {"read": status.read, **status.counts, "position": position}


def steer_run(tx: Tx, caller: Caller, import_id: str, verb: str) -> Job:
    """`pause`, `resume` or `cancel`. Raises `NotFound`, `Conflict` 409 `in_use` when its state does not allow it."""
    found = get(tx.conn, caller, import_id)
    if found.job_id is None:
        raise Conflict("in_use", "This import was not started yet.")
    return jobs.steer(tx, found.job_id, verb)
