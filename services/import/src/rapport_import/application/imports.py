"""Imports as people see them: uploaded, listed, shown with their progress."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from rapport_chassis.auth import Caller
from rapport_chassis.db import EngineUnavailable, Tx
from rapport_chassis.problems import NotFound
from rapport_import.domain.files import FileFacts, SheetFacts
from rapport_import.store import batches, imports, sweeping
from rapport_import.store.batches import NOT_BEGUN, RunStatus
from rapport_import.store.connection import Connection
from rapport_import.store.imports import ImportRow
from rapport_import.store.sweeping import Swept

_ACTIVE = frozenset({"queued", "running", "paused"})


def file_key(import_id: str) -> str:
    """The blob of the file itself."""
    return f"imports/{import_id}/file"


def new_revision() -> int:
    """A number for a reading: two readings of one file at once must never write their rows to one place."""
    return secrets.randbelow(2**31 - 1)


def rows_prefix(import_id: str) -> str:
    """Below it are the rows of all readings of the file."""
    return f"imports/{import_id}/rows/"


def reading_prefix(import_id: str, revision: int) -> str:
    """Below it are the rows of one reading of the file."""
    return f"{rows_prefix(import_id)}{revision}/"


def row_file_key(import_id: str, revision: int, place: int) -> str:
    """The blob of the row file of a sheet."""
    return f"{reading_prefix(import_id, revision)}{place}"


def batch_prefix(import_id: str) -> str:
    """Below it are the blobs of the run's batches."""
    return f"imports/{import_id}/batches/"


def batch_key(import_id: str, batch: int) -> str:
    """The blob of a batch."""
    return f"{batch_prefix(import_id)}{batch}.json"


def errors_key(import_id: str, problems: int) -> str:
    """The blob of the error workbook with this many rows."""
    return f"imports/{import_id}/errors/{problems}.xlsx"


def blob_prefix(import_id: str) -> str:
    """Below it is everything of an import."""
    return f"imports/{import_id}/"


def owner_seen_by(caller: Caller) -> str | None:
    """Whose imports a caller sees: a file may hold customers of any group, so only who sees all groups sees other people's."""
    return None if caller.view_groups is None else caller.id


def add_import(tx: Tx, caller: Caller, import_id: str, file_name: str, size: int, facts: FileFacts) -> dict[str, Any]:
    """An uploaded file becomes an import (I1, I2). Raises `EngineUnavailable` when its blobs were swept away meanwhile."""
    if not sweeping.end_upload(tx, import_id):
        raise EngineUnavailable("the upload took so long that it was given up")
    imports.insert_import(
        tx,
        {
            "id": import_id,
            "file_name": file_name,
            "size": size,
            "format": facts.format,
            "encoding": facts.encoding,
            "delimiter": facts.delimiter,
            "sheets": [sheet.document() for sheet in facts.sheets],
            "revision": 1,
            "created_by": caller.id,
        },
    )
    return show(tx.conn, caller, import_id)


def get(conn: Connection, caller: Caller, import_id: str) -> ImportRow:
    """The import's row. Raises `NotFound`, also for an import that the caller may not know of."""
    found = imports.find_import(conn, import_id, owner_seen_by(caller))
    if found is None:
        raise NotFound("There is no such import.")
    return found


def show(conn: Connection, caller: Caller, import_id: str) -> dict[str, Any]:
    """The import as the API shows it. Raises `NotFound`."""
    found = get(conn, caller, import_id)
    status = batches.run_status(conn, import_id)
    document = _document(found, status)
    if found.state in _ACTIVE:
        document["progress"] |= _speed(conn, found, status)
    forgotten = found.swept >= Swept.ERRORS_GOING  # then the counts know them still
    return document | {"problems": _problems(status) if forgotten else batches.count_problems(conn, import_id)}


def history(conn: Connection, caller: Caller, before: str | None, limit: int) -> list[dict[str, Any]]:
    """Imports, newest first (I10)."""
    found = imports.list_imports(conn, owner_seen_by(caller), before, limit)
    statuses = batches.statuses(conn, [one.id for one in found])
    shown = []
    for one in found:
        status = statuses.get(one.id, NOT_BEGUN)
        shown.append(_document(one, status) | {"problems": _problems(status)})
    return shown


def sheets_of(found: ImportRow) -> Sequence[SheetFacts]:
    """What is known of its sheets."""
    return [SheetFacts.of(one) for one in found.sheets]


def _problems(status: RunStatus) -> int:
    return status.counts["failed"] + status.counts["ambiguous"]


def _kept(swept: int) -> str:
    if swept >= Swept.ERRORS_GOING:
        return "nothing"
    return "errors" if swept >= Swept.FILE_GOING else "file"


def _document(found: ImportRow, status: RunStatus) -> dict[str, Any]:
    return {
        "id": found.id,
        "file_name": found.file_name,
        "size": found.size,
        "format": found.format,
        "encoding": found.encoding,
        "delimiter": found.delimiter,
        "sheets": [_sheet(one) for one in sheets_of(found)],
        "settings": found.settings,
        "state": found.state,
        "job_id": found.job_id,
        "progress": {"done": status.read, "total": found.total, "rate": None, "seconds_left": None},
        "result": {"read": status.read, **status.counts} if found.job_id else None,
        "error": found.job_error,
        "kept": _kept(found.swept),
        "created_by": found.created_by,
        "created_at": found.created_at,
        "started_at": found.started_at,
        "updated_at": found.updated_at,
        "version": found.version,
    }


def _sheet(sheet: SheetFacts) -> dict[str, Any]:
    return {"name": sheet.name, "rows": sheet.rows, "columns": sheet.columns, "header_row": sheet.header_row}


def _speed(conn: Connection, found: ImportRow, status: RunStatus) -> dict[str, Any]:
    """Rows a second over the latest batches, and what that means for the rest (I8)."""
    recent = batches.recent_answers(conn, found.id)
    if len(recent) < 2 or found.state == "paused":  # noqa: PLR2004
        return {}
    seconds = (recent[0][0] - recent[-1][0]).total_seconds()
    rate = sum(read for _, read in recent[:-1]) / seconds if seconds > 0 else 0
    if not rate or found.total is None:
        return {}
    return {"rate": round(rate, 1), "seconds_left": round(max(found.total - status.read, 0) / rate, 1)}
