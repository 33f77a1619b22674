"""Settings of an import: judged, kept, and frozen into the plan of its run."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rapport_chassis.auth import Caller
from rapport_chassis.db import Tx
from rapport_chassis.problems import Conflict, FieldError, Invalid, Stale
from rapport_import.application.definitions import Definitions, load_definitions
from rapport_import.application.imports import get, sheets_of, show
from rapport_import.domain.files import FileFacts, SheetFacts
from rapport_import.domain.headers import compact
from rapport_import.domain.mapping import MappingPlan, column_plan
from rapport_import.domain.settings import ColumnSetting, Settings, World, faults
from rapport_import.store import imports
from rapport_import.store.connection import Connection
from rapport_import.store.imports import ImportRow


def save_settings(tx: Tx, caller: Caller, import_id: str, version: int, settings: Settings) -> dict[str, Any]:
    """Keep the settings; the import as it is then (I3–I5).

    Raises `NotFound`, `Stale` 412, `Conflict` 409 `in_use` once it has been run, `Invalid` 422 with the path of each fault.
    """
    found = get(tx.conn, caller, import_id)
    refuse_stale(tx.conn, caller, found, version)
    refuse_run(tx.conn, found)
    check(tx.conn, caller, found, settings)
    imports.change_import(tx, import_id, {"settings": settings.document()})
    return show(tx.conn, caller, import_id)


def save_reading(
    tx: Tx, caller: Caller, import_id: str, version: int, revision: int, facts: FileFacts
) -> dict[str, Any]:
    """The file was read again, as `revision`, with another encoding or delimiter (I1). Raises like `save_settings`."""
    found = get(tx.conn, caller, import_id)
    refuse_run(tx.conn, found)
    refuse_stale(tx.conn, caller, found, version)
    values = {
        "encoding": facts.encoding,
        "delimiter": facts.delimiter,
        "sheets": [sheet.document() for sheet in facts.sheets],
        "revision": revision,
        "settings": None,
    }
    imports.change_import(tx, import_id, values)
    return show(tx.conn, caller, import_id)


def refuse_stale(conn: Connection, caller: Caller, found: ImportRow, version: int) -> None:
    """Raises `Stale` when the import has changed since."""
    if found.version != version:
        raise Stale(show(conn, caller, found.id))


def refuse_run(conn: Connection, found: ImportRow) -> None:
    """Raises `Conflict` once it has been run: what its rows mean is fixed from then on."""
    if imports.plan_of(conn, found.id) is not None:
        raise Conflict("in_use", "This import has been run; upload the file again to import it in another way.")


def check(conn: Connection, caller: Caller, found: ImportRow, settings: Settings) -> Definitions:
    """The definitions that the settings hold by. Raises `Invalid` with every fault."""
    known = load_definitions(conn, caller)
    world = World(sheets_of(found), known.targets, known.groups_seen, known.groups_filled)
    wrong = faults(settings, world)
    if wrong:
        detail = " ".join(dict.fromkeys(one.detail for one in wrong[:3]))
        raise Invalid(detail, *(FieldError(one.field, one.code, one.detail) for one in wrong))
    return known


def frozen_plan(
    found: ImportRow, settings: Settings, known: Definitions, region: str, headers: Sequence[str | None]
) -> dict[str, Any]:
    """All that a run does, fixed at its start: `mapping` for the rows, `command` for each batch, `row_file` its place."""
    place = [sheet.name for sheet in sheets_of(found)].index(settings.sheet)
    sheet = sheets_of(found)[place]
    mapping = MappingPlan(
        kind=settings.kind,
        columns=tuple(
            column_plan(
                one.column,
                known.targets[one.target],
                title=_title(one.column, headers),
                separator=one.separator,
                values=one.values,
                region=one.region,
                groups=known.group_names,
            )
            for one in settings.columns
            if one.target is not None
        ),
        header_row=settings.header_row,
        rows=settings.rows,
        region=region,
        date_1904=sheet.date_1904,
        grouped=bool(settings.groups) or (settings.mode == "merge" and settings.when_unmatched == "skip"),
    )
    match = asdict(settings.match) if settings.match and settings.mode == "merge" else None
    command = {
        "kind": settings.kind,
        "groups": list(settings.groups),
        "mode": settings.mode,
        "when_unmatched": settings.when_unmatched,
        "match": match,
    }
    facts = {"sheet": sheet.name, "columns": sheet.columns, "header_row": settings.header_row}
    return {"mapping": mapping.document(), "command": command, "row_file": place, "revision": found.revision, **facts}


def _title(column: int, headers: Sequence[str | None]) -> str:
    header = headers[column] if column < len(headers) else None
    return f"“{header}”" if header else f"column {column_letters(column)}"


def column_letters(column: int) -> str:
    """0 → A, 26 → AA: what people see above the column."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def header_digest(headers: Sequence[str | None]) -> str:
    """What files with the same header set have in common (I3)."""
    return hashlib.sha256("\x1f".join(compact(header or "") for header in headers).encode()).hexdigest()


def chosen_targets(columns: Sequence[ColumnSetting]) -> list[tuple[int, str | None]]:
    """What is remembered of a mapping."""
    return [(one.column, one.target) for one in columns]


def targets_for(conn: Connection, caller: Caller) -> list[Mapping[str, Any]]:
    """The targets the caller may map to (GET /imports/targets)."""
    return [target.document() for target in load_definitions(conn, caller).targets.values()]


def sheet_named(found: ImportRow, name: str | None) -> tuple[int, SheetFacts]:
    """(place, facts) of a sheet: the named one, else that of the settings, else the first. Raises `Invalid`."""
    sheets = sheets_of(found)
    wanted = name if name is not None else (found.settings or {}).get("sheet")
    for place, sheet in enumerate(sheets):
        if wanted is None or sheet.name == wanted:
            return place, sheet
    detail = f"The file has no sheet “{str(wanted)[:100]}”."
    raise Invalid(detail, FieldError("sheet", "unknown_sheet", detail))
