"""Routes of looking into a file: the preview with its suggestions, and reading a text file in another way (I1–I3)."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from rapport_chassis.auth import Caller
from rapport_chassis.db import EngineUnavailable
from rapport_chassis.http import IfMatch, Limit, Reply, Writes, if_match, requires, runtime_of, writes
from rapport_chassis.problems import FieldError, Invalid
from rapport_chassis.service import Runtime
from rapport_import.application import imports as use
from rapport_import.application import settings as settings_of
from rapport_import.application.definitions import load_definitions
from rapport_import.application.kept import refuse_without_file
from rapport_import.application.ports import FileReader, ReaderGone, RowPage
from rapport_import.application.preview import Asked, headers_of, preview
from rapport_import.application.upload import Intake
from rapport_import.domain.files import FileFacts, FileRefused, SheetFacts
from rapport_import.domain.targets import CustomerKind
from rapport_import.entrypoints.http.schemas import ImportView, PreviewView, ReadingBody
from rapport_import.entrypoints.http.uploads import refused
from rapport_import.store.definitions import recall_mapping
from rapport_import.store.imports import ImportRow

Sheet = Annotated[
    str | None, Query(max_length=200, description="the sheet; without it that of the settings, or the first")
]
Header = Annotated[
    int | None, Query(ge=0, le=1_048_576, description="the header's row, 0 for none; without it the one found")
]
Offset = Annotated[int, Query(ge=0, le=1_048_576, description="how many rows to leave out")]


async def read_page(
    runtime: Runtime, reader: FileReader, found: ImportRow, place: int, header_row: int | None, offset: int, limit: int
) -> RowPage:
    """Rows of a sheet of the import, from its row file."""
    async with runtime.blobs.local(use.row_file_key(found.id, found.revision, place)) as path:
        return await reader.page(path, header_row, offset, limit)


def header_row_of(found: ImportRow, sheet: SheetFacts, asked: int | None) -> int | None:
    """The header's row: as asked (0: none), else that of the settings, else the one that was found."""
    if asked is not None:
        return min(asked, sheet.rows) or None
    if found.settings and found.settings["sheet"] == sheet.name:
        chosen: int | None = found.settings["header_row"]
        return chosen
    return sheet.header_row


def looking_router(reader: FileReader) -> APIRouter:
    """The router."""
    router = APIRouter(tags=["imports"])

    @router.get("/imports/{import_id}/preview", response_model=PreviewView)
    async def read_preview(
        request: Request,
        import_id: str,
        sheet: Sheet = None,
        offset: Offset = 0,
        limit: Limit = 50,
        header_row: Header = None,
        kind: CustomerKind | None = None,
        caller: Caller = requires("imports.view"),
    ) -> dict[str, Any]:
        """Rows as they will be read, what each column holds, and what it most likely is.

        410 `file_expired` 30 days after its run ended.
        """
        runtime = runtime_of(request)
        found = await runtime.db.read(use.get, caller, import_id)
        refuse_without_file(found)
        place, facts = settings_of.sheet_named(found, sheet)
        asked = Asked(header_row_of(found, facts, header_row), offset, kind, runtime.directory.settings.region)
        shown = await read_page(runtime, reader, found, place, asked.header_row, offset, limit)
        digest = settings_of.header_digest(headers_of(shown, facts, asked.header_row))
        known = await runtime.db.read(load_definitions, caller)
        remembered = await runtime.db.read(recall_mapping, digest)
        return preview(shown, facts, asked, known.targets, remembered)

    @router.post("/imports/{import_id}:reread", response_model=ImportView)
    async def reread(
        request: Request,
        import_id: str,
        body: ReadingBody,
        caller: Caller = requires("imports.run"),
        match: IfMatch = Depends(if_match),
        write: Writes = Depends(writes),
    ) -> Response:
        """Read a text file again with another encoding or delimiter; its settings begin anew.

        409 `in_use` once it was run; 422 `file_corrupt` when the file is not written in that encoding.
        """
        runtime = runtime_of(request)
        found = await runtime.db.read(use.get, caller, import_id)
        if found.format != "text":
            detail = "A workbook says itself how it is written."
            raise Invalid(detail, FieldError("encoding", "not_text", detail))
        await runtime.db.read(settings_of.refuse_run, found)
        await runtime.db.read(settings_of.refuse_stale, caller, found, match.version)
        intake, revision = Intake(runtime.db, runtime.blobs, reader), use.new_revision()
        try:
            facts = await _read_again(intake, import_id, revision, body)
            answer = await write(lambda tx: _reread(tx, caller, import_id, match.version, revision, facts))
        except BaseException:
            await asyncio.shield(intake.discard_reading(import_id, revision))
            raise
        if "idempotent-replay" in answer.headers:
            await intake.discard_reading(import_id, revision)
        return answer

    return router


async def _read_again(intake: Intake, import_id: str, revision: int, body: ReadingBody) -> FileFacts:
    try:
        return await intake.read(import_id, revision, body.encoding, body.delimiter)
    except FileRefused as error:
        raise refused(error) from error
    except ReaderGone as error:
        raise EngineUnavailable(str(error)) from error


def _reread(tx: Any, caller: Caller, import_id: str, version: int, revision: int, facts: FileFacts) -> Reply:
    shown = settings_of.save_reading(tx, caller, import_id, version, revision, facts)
    return Reply.ok(shown, version=shown["version"])
