"""The workspace's settings and the audit log."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AwareDatetime, BeforeValidator

from rapport_chassis.auth import Caller
from rapport_chassis.http import After, IfMatch, Limit, Reply, Writes, if_match, page, requires, writes
from rapport_identity.application import settings
from rapport_identity.entrypoints.http import schemas
from rapport_identity.entrypoints.http.requests import db_of, origin_of
from rapport_identity.store import audit

Moment = Annotated[
    AwareDatetime,
    BeforeValidator(lambda said: said if re.match(r"\d{4}-\d\d-\d\d", str(said)) else "not a moment"),  # no epochs
    Query(description="RFC 3339 with an offset"),
]
router = APIRouter(tags=["settings"])


@router.get("/settings", response_model=schemas.SettingsOut)
async def read_settings(request: Request, response: Response, _: Caller = requires()) -> Any:
    """Region, time zone, language and calendar of the workspace."""
    found = await db_of(request).read(settings.get_settings)
    response.headers["etag"] = f'"{found["version"]}"'
    return found


@router.patch("/settings", response_model=schemas.SettingsOut)
async def change_settings(
    request: Request,
    body: schemas.SettingsPatch,
    caller: Caller = requires("settings.edit"),
    seen: IfMatch = Depends(if_match),
    write: Writes = Depends(writes),
) -> Response:
    """Change the workspace's settings."""
    patch, origin = body.model_dump(include=body.model_fields_set), origin_of(request, caller)

    def change(tx: Any) -> Reply:
        found = settings.change_settings(tx, origin, seen.version, patch)
        return Reply.ok(found, version=found["version"])

    return await write(change)


@router.get("/audit", tags=["audit"], response_model=schemas.AuditList)
async def read_audit(
    request: Request,
    limit: Limit = 50,
    after: After = None,
    action: Annotated[list[str] | None, Query(max_length=20)] = None,
    actor_id: str | None = None,
    subject_id: str | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    _: Caller = requires("audit.view"),
) -> Any:
    """Who did what, newest first; `action` may be repeated, `until` is exclusive."""
    found = await db_of(request).read(
        lambda conn: audit.page(
            conn,
            after=after,
            limit=limit,
            actions=action or (),
            actor_id=actor_id,
            subject_id=subject_id,
            since=since,
            until=until,
        )
    )
    return page(found, found[-1]["id"] if len(found) == limit else None)
