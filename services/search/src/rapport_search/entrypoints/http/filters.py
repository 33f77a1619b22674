"""/filters and /recently-viewed (Q2)."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from rapport_chassis.auth import Caller
from rapport_chassis.http import After, IfMatch, Limit, Reply, Writes, if_match, requires, runtime_of, writes
from rapport_search.application.filters import NewFilter
from rapport_search.entrypoints.http.parts import parts_of
from rapport_search.entrypoints.http.schemas import FilterAnswer, FilterBody, FilterPage, FilterPatch, ViewedBody
from rapport_search.store import views

router = APIRouter(tags=["filters"])


@router.get("/filters", response_model=FilterPage, response_model_exclude_none=False)
async def list_filters(
    request: Request, limit: Limit = 50, after: After = None, caller: Caller = requires("customers.view")
) -> dict[str, Any]:
    """The fixed filters, the caller's own, and those shared with a role of the caller."""
    items, following = await runtime_of(request).db.read(parts_of(request).filters.listed, caller, after, limit)
    return {"items": items, "next": following}


@router.post("/filters", status_code=201, response_model=FilterAnswer)
async def create_filter(
    request: Request, body: FilterBody, caller: Caller = requires("customers.view"), write: Writes = Depends(writes)
) -> Response:
    """Save a filter; it stays live."""
    new = NewFilter(**body.model_dump())

    def create(tx: Any) -> Reply:
        saved = parts_of(request).filters.create(tx, caller, new)
        return Reply.created(saved, location=f"/filters/{saved['id']}", version=saved["version"])

    return await write(create)


@router.get("/filters/{filter_id}", response_model=FilterAnswer)
async def read_filter(
    request: Request, response: Response, filter_id: str, caller: Caller = requires("customers.view")
) -> dict[str, Any]:
    """One filter."""
    found = await runtime_of(request).db.read(parts_of(request).filters.get, filter_id, caller)
    response.headers["etag"] = f'"{found["version"]}"'
    return found


@router.patch("/filters/{filter_id}", response_model=FilterAnswer)
async def change_filter(
    request: Request,
    filter_id: str,
    body: FilterPatch,
    caller: Caller = requires("customers.view"),
    match: IfMatch = Depends(if_match),
    write: Writes = Depends(writes),
) -> Response:
    """Change an own filter (JSON merge patch)."""
    changes = body.model_dump(include=body.model_fields_set)

    def change(tx: Any) -> Reply:
        saved = parts_of(request).filters.change(tx, caller, filter_id, match.version, changes)
        return Reply.ok(saved, version=saved["version"])

    return await write(change)


@router.delete("/filters/{filter_id}", status_code=204)
async def delete_filter(
    request: Request,
    filter_id: str,
    caller: Caller = requires("customers.view"),
    match: IfMatch = Depends(if_match),
    write: Writes = Depends(writes),
) -> Response:
    """Delete an own filter."""

    def delete(tx: Any) -> Reply:
        parts_of(request).filters.delete(tx, caller, filter_id, match.version)
        return Reply.no_content()

    return await write(delete)


@router.post("/recently-viewed", status_code=204)
async def record_view(
    body: ViewedBody, caller: Caller = requires("customers.view"), write: Writes = Depends(writes)
) -> Response:
    """The caller looked at a customer. What the caller cannot see stays unseen when it is listed."""

    def record(tx: Any) -> Reply:
        views.record(tx, caller.id, body.customer_id)
        return Reply.no_content()

    return await write(record)
