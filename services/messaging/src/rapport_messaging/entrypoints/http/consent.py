"""Consent by channel and address (M11)."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Query, Request, Response

from rapport_chassis.auth import Caller
from rapport_chassis.http import Reply, Writes, requires, runtime_of, writes
from rapport_messaging.application import consents
from rapport_messaging.entrypoints.http import schemas

router = APIRouter(tags=["consent"])


@router.get("/consent", response_model=schemas.ConsentOut)
async def read_consent(
    request: Request,
    channel: schemas.Channel,
    address: str = Query(max_length=250),
    _: Caller = requires("messages.view"),
) -> Any:
    """What was said about writing to this number, in any spelling."""
    runtime = runtime_of(request)
    key = consents.address_key(address, runtime.directory.settings.region)
    return await runtime.db.read(consents.get_consent, channel, key)


@router.put("/consent", response_model=schemas.ConsentOut)
async def set_consent(
    request: Request,
    body: schemas.ConsentIn,
    channel: schemas.Channel,
    address: str = Query(max_length=250),
    caller: Caller = requires("consent.edit"),
    write: Writes = Depends(writes),
) -> Response:
    """Set it by hand; `none` forgets what was said. It holds for messages that are queued already."""
    key = consents.address_key(address, runtime_of(request).directory.settings.region)
    return await write(lambda tx: Reply.ok(consents.set_consent(tx, caller, channel, key, body.state, body.how)))
