"""Routes of files: upload, history, one import, the targets there are (api.md, "import")."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Depends, Request, Response

from rapport_chassis.auth import Caller
from rapport_chassis.db import EngineUnavailable
from rapport_chassis.http import After, Limit, Reply, Writes, page, requires, runtime_of, writes
from rapport_chassis.ids import new_id
from rapport_chassis.problems import Problem
from rapport_import.application import imports as use
from rapport_import.application import settings as settings_of
from rapport_import.application.ports import FileReader, ReaderGone
from rapport_import.application.upload import Intake, Received
from rapport_import.domain.files import FileRefused, Limits
from rapport_import.entrypoints.http.multipart import UploadedFile
from rapport_import.entrypoints.http.schemas import ImportPage, ImportView, TargetPage

_UPLOAD: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


def refused(error: FileRefused) -> Problem:
    """A file's refusal as a problem document: 422 with its code."""
    return Problem(error.code, error.detail, status=422)


def upload_router(reader: FileReader, limits: Limits) -> APIRouter:
    """The router."""
    router = APIRouter(tags=["imports"])
    _add_upload(router, reader, limits)

    @router.get("/imports", response_model=ImportPage)
    async def list_imports(
        request: Request, limit: Limit = 50, after: After = None, caller: Caller = requires("imports.view")
    ) -> dict[str, Any]:
        """Imports, newest first; those of others only for who sees all groups."""
        items = await runtime_of(request).db.read(use.history, caller, after, limit)
        return page(items, items[-1]["id"] if len(items) == limit else None)

    @router.get("/imports/targets", response_model=TargetPage, response_model_exclude_unset=False)
    async def list_targets(request: Request, caller: Caller = requires("imports.view")) -> dict[str, Any]:
        """What a column can become: built-in fields, kinds of contacts, groups, and the custom fields the caller sees."""
        return {"items": await runtime_of(request).db.read(settings_of.targets_for, caller)}

    @router.get("/imports/{import_id}", response_model=ImportView)
    async def read_import(
        request: Request, response: Response, import_id: str, caller: Caller = requires("imports.view")
    ) -> dict[str, Any]:
        """One import with its progress and what was written so far."""
        found = await runtime_of(request).db.read(use.show, caller, import_id)
        response.headers["etag"] = f'"{found["version"]}"'
        return found

    return router


def _add_upload(router: APIRouter, reader: FileReader, limits: Limits) -> None:
    @router.post("/imports", status_code=201, response_model=ImportView, openapi_extra=_UPLOAD)
    async def upload(
        request: Request, caller: Caller = requires("imports.run"), write: Writes = Depends(writes)
    ) -> Response:
        """Take a file in: XLSX, CSV, TSV or other delimited text.

        422 `file_wrong_type`, `file_encrypted`, `file_corrupt`, `file_empty` or `file_too_large` when it cannot be read, 413
        `too_large` beyond the size limit; nothing is kept then.
        """
        runtime = runtime_of(request)
        intake = Intake(runtime.db, runtime.blobs, reader)
        file = UploadedFile(request, limits.upload_bytes)
        received = await _received(intake, file)
        try:
            answer = await write(
                lambda tx: _created(tx, caller, file.name, received), fingerprint=f"{file.name}\0{received.digest}"
            )
        except BaseException:
            await intake.discard(received.import_id)
            raise
        if "idempotent-replay" in answer.headers:
            await intake.discard(received.import_id)
        return answer


async def _received(intake: Intake, file: UploadedFile) -> Received:
    try:
        return await intake.receive(new_id(), file.chunks())
    except FileRefused as error:
        raise refused(error) from error
    except ReaderGone as error:
        raise EngineUnavailable(str(error)) from error


def _created(tx: Any, caller: Caller, name: str, received: Received) -> Reply:
    made = use.add_import(tx, caller, received.import_id, name, received.size, received.facts)
    return Reply.created(made, location=f"/imports/{received.import_id}", version=made["version"])
