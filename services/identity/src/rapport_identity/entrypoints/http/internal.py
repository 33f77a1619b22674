"""What the gateway asks; never routed from outside."""

from __future__ import annotations

import contextlib
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request

from rapport_chassis.auth import Caller
from rapport_chassis.db import EngineUnavailable
from rapport_chassis.http import public, requires, runtime_of
from rapport_chassis.problems import Problem
from rapport_identity.application import sessions
from rapport_identity.application.audit import record
from rapport_identity.entrypoints.http import schemas
from rapport_identity.entrypoints.http.requests import db_of, origin_of, parts_of

router = APIRouter(prefix="/internal", include_in_schema=False)


@router.post("/credentials:resolve", dependencies=[public()])
async def resolve_credential(request: Request, body: schemas.Credential) -> dict[str, Any]:
    """Whom a session token or an API key stands for; to be remembered for no longer than a few seconds.

    `{subject, rights_version, password_change_required, session_id, csrf_token, api_key_id}`; 401 `unauthenticated`.
    """
    found = await _resolved(request, body)
    if found.touch:
        with contextlib.suppress(EngineUnavailable):  # a full disk must not sign everybody out
            await db_of(request).write(sessions.note_use, found)
    answer = asdict(found)
    del answer["touch"]
    return answer


@router.post("/audit", status_code=204)
async def write_audit(request: Request, body: schemas.AuditEntry, caller: Caller = requires()) -> None:
    """Write one entry in the caller's name."""
    subject = (body.subject_type, body.subject_id)
    await db_of(request).write(record, origin_of(request, caller), body.action, subject, body.details)


async def _resolved(request: Request, body: schemas.Credential) -> sessions.Resolved:
    db, now, policy = db_of(request), runtime_of(request).clock.now(), parts_of(request).config.sessions
    if body.session is not None:
        return await db.read(sessions.resolve_session, body.session, now, policy)
    if body.api_key is not None:
        return await db.read(sessions.resolve_api_key, body.api_key, now, policy)
    raise Problem("unauthenticated", "Sign in, or send a valid API key.", status=401)
