"""/customers: list, create, read, change, enable and disable, members, history (C1, C2, C9, C10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from rapport_chassis.auth import Caller
from rapport_chassis.db import Tx
from rapport_chassis.http import (
    After,
    IfMatch,
    Limit,
    Reply,
    Writes,
    decode_cursor,
    encode_cursor,
    if_match,
    page,
    requires,
    runtime_of,
    writes,
)
from rapport_customers.application import create_customer, edit_customer, read_customers
from rapport_customers.domain.documents import Document
from rapport_customers.entrypoints.http import schemas

router = APIRouter(tags=["customers"])


def _answer(document: Document) -> Reply:
    return Reply.ok(document, version=document["version"])


def _page_of(found: Sequence[Mapping[str, Any]], limit: int, place: str) -> Response:
    """A page of what was found, of which one more than `limit` was asked for; `place` names what the next page goes on behind."""
    next_ = encode_cursor(found[limit - 1][place]) if len(found) > limit else None
    return Reply.ok(page(found[:limit], next_)).render([]).response()


async def _version_if_said(request: Request) -> int | None:
    """The version of `If-Match` where there is one: switching on and off is harmless to repeat, so it is not required."""
    return (await if_match(request)).version if "if-match" in request.headers else None


@router.get("/customers", response_model=schemas.CustomerPage)
async def list_customers(
    request: Request, limit: Limit = 50, after: After = None, caller: Caller = requires("customers.view")
) -> Response:
    """Customers that the caller may see, newest first."""
    below = decode_cursor(after, str)[0] if after else None
    found = await runtime_of(request).db.read(read_customers.list_customers, caller, below, limit + 1)
    return _page_of(found, limit, "id")


@router.post("/customers", status_code=201, response_model=schemas.CustomerOut)
async def create(
    request: Request,
    body: schemas.NewCustomer,
    caller: Caller = requires("customers.create"),
    write: Writes = Depends(writes),
) -> Response:
    """Create a customer. 409 `would_leave_without_group` for an empty list of groups."""
    region = runtime_of(request).directory.settings.region

    def run(tx: Tx) -> Reply:
        made = create_customer.create_customer(tx, caller, region, body.kind, body.said())
        return Reply.created(made, location=f"/customers/{made['id']}", version=1)

    return await write(run, ahead=create_customer.AHEAD)


@router.post("/customers:batch-get", response_model=schemas.Customers)
async def batch_get(request: Request, body: schemas.Ids, caller: Caller = requires("customers.view")) -> Response:
    """Those of `ids` that the caller may see, in that order."""
    found = await runtime_of(request).db.read(read_customers.batch_get, caller, body.ids)
    return Reply.ok({"items": found}).render([]).response()


@router.get("/customers/{customer_id}", response_model=schemas.CustomerOut)
async def get(request: Request, customer_id: str, caller: Caller = requires("customers.view")) -> Response:
    """One customer."""
    found = await runtime_of(request).db.glance(read_customers.get_customer, caller, customer_id)
    return _answer(found).render([]).response()


@router.patch("/customers/{customer_id}", response_model=schemas.CustomerOut)
async def change(
    request: Request,
    customer_id: str,
    body: schemas.CustomerPatch,
    caller: Caller = requires("customers.edit"),
    expected: IfMatch = Depends(if_match),
    write: Writes = Depends(writes),
) -> Response:
    """Change a customer by a JSON merge patch. 412 holds `current`; 409 `would_leave_without_group`, `customer_disabled`."""
    region = runtime_of(request).directory.settings.region
    return await write(
        lambda tx: _answer(edit_customer.edit_customer(tx, caller, region, customer_id, expected.version, body.said())),
        ahead=edit_customer.ahead(caller, customer_id),
    )


@router.post("/customers/{customer_id}:enable", response_model=schemas.CustomerOut)
async def enable(
    customer_id: str,
    caller: Caller = requires("customers.enable"),
    version: int | None = Depends(_version_if_said),
    write: Writes = Depends(writes),
) -> Response:
    """Enable a customer; If-Match is optional."""
    ahead = edit_customer.ahead(caller, customer_id)
    return await write(
        lambda tx: _answer(edit_customer.set_enabled(tx, caller, customer_id, True, version)), ahead=ahead
    )


@router.post("/customers/{customer_id}:disable", response_model=schemas.CustomerOut)
async def disable(
    customer_id: str,
    caller: Caller = requires("customers.enable"),
    version: int | None = Depends(_version_if_said),
    write: Writes = Depends(writes),
) -> Response:
    """Disable a customer: listed grey, not to be chosen anywhere. If-Match is optional."""
    ahead = edit_customer.ahead(caller, customer_id)
    return await write(
        lambda tx: _answer(edit_customer.set_enabled(tx, caller, customer_id, False, version)), ahead=ahead
    )


@router.get("/customers/{customer_id}/members", response_model=schemas.MemberPage)
async def members(
    request: Request,
    customer_id: str,
    limit: Limit = 50,
    after: After = None,
    caller: Caller = requires("customers.view"),
) -> Response:
    """The members of an organization that the caller may see."""
    behind = decode_cursor(after, str)[0] if after else None
    found = await runtime_of(request).db.read(read_customers.list_members, caller, customer_id, behind, limit + 1)
    return _page_of(found, limit, "id")


@router.get("/customers/{customer_id}/history", response_model=schemas.HistoryPage)
async def history(
    request: Request,
    customer_id: str,
    limit: Limit = 50,
    after: After = None,
    caller: Caller = requires("customers.view"),
) -> Response:
    """Who changed what, when, from what to what, by which means; newest first."""
    below = decode_cursor(after, int)[0] if after else None
    found = await runtime_of(request).db.read(read_customers.get_history, caller, customer_id, below, limit + 1)
    return _page_of(found, limit, "version")
