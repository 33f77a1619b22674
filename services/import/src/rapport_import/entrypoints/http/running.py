"""Routes of deciding and running: settings, run, pause, resume, cancel, the error workbook (I4, I5, I8)."""

from __future__ import annotations

from typing import Any, Final, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse

from rapport_chassis.auth import Caller
from rapport_chassis.db import EngineUnavailable
from rapport_chassis.http import IfMatch, Reply, Writes, if_match, requires, runtime_of, writes
from rapport_chassis.problems import NotFound
from rapport_chassis.service import Runtime
from rapport_import.application import imports as use
from rapport_import.application import settings as settings_of
from rapport_import.application.errors import error_workbook
from rapport_import.application.kept import refuse_without_errors, refuse_without_file
from rapport_import.application.ports import FileReader, ReaderGone
from rapport_import.application.preview import headers_of
from rapport_import.application.run import load_run, start_run, steer_run
from rapport_import.domain.settings import Settings
from rapport_import.entrypoints.http.looking import read_page
from rapport_import.entrypoints.http.schemas import ImportView, RunBody, SettingsBody
from rapport_import.store.imports import ImportRow

Verb = Literal["pause", "resume", "cancel"]
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def running_router(reader: FileReader) -> APIRouter:
    """The router."""
    router = APIRouter(tags=["imports"])
    _add_settings(router)
    _add_run(router, reader)
    _add_errors(router, reader)
    return router


def _add_settings(router: APIRouter) -> None:
    @router.put("/imports/{import_id}/settings", response_model=ImportView)
    async def save_settings(
        import_id: str,
        body: SettingsBody,
        caller: Caller = requires("imports.run"),
        match: IfMatch = Depends(if_match),
        write: Writes = Depends(writes),
    ) -> Response:
        """Decide what the file becomes. 422 with the path of each fault; 409 `in_use` once it was run."""
        return await write(lambda tx: _saved(tx, caller, import_id, match.version, body.settings()))


def _saved(tx: Any, caller: Caller, import_id: str, version: int, settings: Settings) -> Reply:
    shown = settings_of.save_settings(tx, caller, import_id, version, settings)
    return Reply.ok(shown, version=shown["version"])


def _add_run(router: APIRouter, reader: FileReader) -> None:
    @router.post("/imports/{import_id}:run", status_code=202)
    async def run(
        request: Request,
        import_id: str,
        body: RunBody | None = None,  # noqa: ARG001  that there is nothing in it is checked by its model
        caller: Caller = requires("imports.run"),
        write: Writes = Depends(writes),
    ) -> Response:
        """Begin the run, or go on with one that was cancelled or failed; the job.

        409 `in_use` when it runs or is done, 410 `file_expired` 30 days after it ended.
        """
        runtime = runtime_of(request)
        found = await runtime.db.read(use.get, caller, import_id)
        headers = await _headers(runtime, reader, found)
        region = runtime.directory.settings.region
        return await write(lambda tx: Reply.accepted(start_run(tx, caller, import_id, region, headers, found.version)))

    @router.post("/imports/{import_id}:{verb}")
    async def steer(
        import_id: str, verb: Verb, caller: Caller = requires("imports.run"), write: Writes = Depends(writes)
    ) -> Response:
        """Pause, resume or cancel the run; the job. 409 `in_use` when its state does not allow it."""
        return await write(lambda tx: Reply.ok(steer_run(tx, caller, import_id, verb).document()))


async def _headers(runtime: Runtime, reader: FileReader, found: ImportRow) -> list[str | None]:
    refuse_without_file(found)
    if found.settings is None:
        return []
    settings = Settings.of(found.settings)
    place, sheet = settings_of.sheet_named(found, settings.sheet)
    page = await read_page(runtime, reader, found, place, settings.header_row, 0, 1)
    return headers_of(page, sheet, settings.header_row)


def _add_errors(router: APIRouter, reader: FileReader) -> None:
    @router.get(
        "/imports/{import_id}/errors.xlsx",
        response_class=StreamingResponse,
        responses={200: {"content": {_XLSX: {"schema": {"type": "string", "format": "binary"}}}}},
    )
    async def read_errors(
        request: Request, import_id: str, caller: Caller = requires("imports.view")
    ) -> StreamingResponse:
        """The rows that were not written, as they were, each with its reason; correct them and import the file again.

        410 `file_expired` 90 days after the run ended.
        """
        runtime = runtime_of(request)
        found = await runtime.db.read(use.get, caller, import_id)
        if found.job_id is None:
            raise NotFound("This import was not run yet.")
        refuse_without_errors(found)
        plan = await runtime.db.read(load_run, import_id)
        try:
            key = await error_workbook(runtime.db, runtime.blobs, reader, plan)
        except ReaderGone as error:
            raise EngineUnavailable(str(error)) from error
        name = quote(f"{found.file_name.rpartition('.')[0] or found.file_name}-errors.xlsx")
        headers = {
            "content-disposition": f"attachment; filename*=UTF-8''{name}",
            "content-length": str(await runtime.blobs.size(key)),
            "x-content-type-options": "nosniff",
        }
        return StreamingResponse(runtime.blobs.open(key), media_type=_XLSX, headers=headers)
