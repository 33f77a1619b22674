"""The sandbox's phones (M6): there while no real provider is configured."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response

from rapport_chassis.auth import Caller
from rapport_chassis.http import After, Limit, Reply, Writes, page, requires, runtime_of, writes
from rapport_contracts.phone import phone_key
from rapport_messaging.application.sandbox import reply
from rapport_messaging.entrypoints.http import schemas
from rapport_messaging.entrypoints.http.parts import sandbox_only
from rapport_messaging.store import sandbox

router = APIRouter(prefix="/sandbox", tags=["sandbox"], dependencies=[Depends(sandbox_only)])
Number = Annotated[str, Path(max_length=50, description="in any spelling")]


@router.get("/phones", response_model=schemas.PhonePage)
async def list_phones(
    request: Request, limit: Limit = 50, after: After = None, caller: Caller = requires("sandbox.use")
) -> Any:
    """Phones that were written to, the last active first; who does not see every group sees what concerns customers of theirs."""
    found = await runtime_of(request).db.read(sandbox.phones, caller.view_groups, limit, after)
    return page(found, found[-1]["last"]["id"] if len(found) == limit else None)


@router.get("/phones/{number}/messages", response_model=schemas.PhoneMessagePage)
async def list_phone_messages(
    request: Request, number: Number, limit: Limit = 50, after: After = None, caller: Caller = requires("sandbox.use")
) -> Any:
    """What is on a phone, newest first."""
    seen, key = caller.view_groups, _key(request, number)
    found = await runtime_of(request).db.read(sandbox.conversation, seen, key, limit, after)
    return page(found, found[-1]["id"] if len(found) == limit else None)


@router.post("/phones/{number}:reply", status_code=201, response_model=schemas.PhoneMessage)
async def reply_from_phone(
    request: Request,
    number: Number,
    body: schemas.PhoneReply,
    caller: Caller = requires("sandbox.use"),
    write: Writes = Depends(writes),
) -> Response:
    """The phone answers: it comes in as an SMS of this number."""
    key = _key(request, number)
    return await write(
        lambda tx: Reply.created(reply(tx, caller, key, body.text), location=f"/sandbox/phones/{key}/messages")
    )


def _key(request: Request, number: str) -> str:
    return phone_key(number, runtime_of(request).directory.settings.region) or number
