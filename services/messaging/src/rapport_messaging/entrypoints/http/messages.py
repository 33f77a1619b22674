"""Messages: preview, send, list, decide about unknown outcomes (M1, M3, M4)."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Query, Request, Response

from rapport_chassis.auth import Caller
from rapport_chassis.db import Tx
from rapport_chassis.http import After, Limit, Reply, Writes, page, requires, runtime_of, writes
from rapport_chassis.jobs import Job
from rapport_chassis.problems import FieldError, Invalid
from rapport_messaging.application import audience, send
from rapport_messaging.application.reconcile import resolve
from rapport_messaging.application.send import Order
from rapport_messaging.application.snapshot import take_snapshot
from rapport_messaging.domain.states import State
from rapport_messaging.entrypoints.http import schemas
from rapport_messaging.entrypoints.http.parts import parts_of
from rapport_messaging.store import audiences, messages
from rapport_messaging.store.messages import Filter

router = APIRouter(tags=["messages"])


@router.post("/messages:preview", response_model=schemas.PreviewOut, response_model_exclude_none=False)
async def preview_messages(
    request: Request, body: schemas.Preview, caller: Caller = requires("messages.send")
) -> dict[str, Any]:
    """Who would get it, who not and why, and what it comes to; POST /messages with its `audience_id` sends exactly this."""
    runtime = runtime_of(request)
    order = Order(body.audience.source(), body.text, body.template_id)
    audience_id = await runtime.db.write(send.add_audience, caller, order)
    found = await runtime.db.read(audiences.find, audience_id)
    summary = await take_snapshot(runtime, caller, found, parts_of(request).config.price)
    skipped = await runtime.db.read(audiences.skipped, audience_id)
    return {"audience_id": audience_id, "skipped": skipped} | summary


@router.post("/messages", status_code=202, response_model=schemas.JobOut)
async def send_messages(
    request: Request, body: schemas.Send, caller: Caller = requires("messages.send"), write: Writes = Depends(writes)
) -> Response:
    """Send to an audience, or to exactly the one that was previewed (once: a repeat gives the same job)."""
    if body.audience_id is None and body.audience is not None:
        await audience.check(runtime_of(request), caller, body.audience.source())
    return await write(lambda tx: Reply.accepted(_send(tx, caller, body)))


def _send(tx: Tx, caller: Caller, body: schemas.Send) -> Job:
    if body.audience_id is None and body.audience is not None:
        order = Order(body.audience.source(), body.text, body.template_id)
        return send.send_order(tx, caller, order, body.hold_seconds)
    row = send.own_audience(tx.conn, caller, body.audience_id or "")
    said = {
        "text": (body.text, row.text),
        "template_id": (body.template_id, row.template_id),
        "audience": (body.audience and body.audience.source(), row.source),
    }
    for field, (given, previewed) in said.items():
        if given is not None and given != previewed:
            detail = "This differs from what was previewed; preview again."
            raise Invalid(detail, FieldError(field, "differs", detail))
    return send.send_audience(tx, caller, row.id, body.hold_seconds)


@router.get("/messages", response_model=schemas.MessagePage)
async def list_messages(
    request: Request,
    customer_id: str | None = None,
    job_id: str | None = None,
    state: State | None = None,
    direction: str | None = Query(None, pattern="^(outgoing|incoming)$"),
    address: str | None = None,
    unmatched: bool = Query(False, description="only those of no customer"),
    limit: Limit = 50,
    after: After = None,
    caller: Caller = requires("messages.view"),
) -> Any:
    """Messages newest first. Who does not see every group sees those of customers of the own groups, and none of nobody's."""
    wanted = Filter(customer_id, job_id, state, direction, address, unmatched)
    found = await runtime_of(request).db.read(messages.listed, caller.view_groups, wanted, limit, after)
    return page(found, found[-1]["id"] if len(found) == limit else None)


@router.post("/messages/{message_id}:resolve", response_model=schemas.MessageOut)
async def resolve_message(
    message_id: str,
    body: schemas.Resolve,
    caller: Caller = requires("messages.send"),
    write: Writes = Depends(writes),
) -> Response:
    """Decide about a message whose outcome is `unknown`: it was `sent`, it `failed`, or send it again (`queued`)."""
    return await write(lambda tx: Reply.ok(resolve(tx, caller, message_id, body.state)))
