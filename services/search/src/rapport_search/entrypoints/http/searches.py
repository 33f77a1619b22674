"""POST /customers:search, GET /customers:quick, POST /customers:scan, POST /search:reindex."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import StreamingResponse

from rapport_chassis.auth import Caller
from rapport_chassis.http import Reply, Writes, decode_cursor, encode_cursor, requires, runtime_of, writes
from rapport_chassis.problems import FieldError, Invalid
from rapport_search.application.filters import RECENTLY_VIEWED
from rapport_search.application.ports import Reading, Sort
from rapport_search.application.reindexing import start_reindex
from rapport_search.application.searching import BY_NAME, Found, SearchCommand, sort_of
from rapport_search.domain.order import is_token
from rapport_search.entrypoints.http.parts import Parts, parts_of
from rapport_search.entrypoints.http.schemas import QuickAnswer, ScanBody, SearchAnswer, SearchBody
from rapport_search.store import views

router = APIRouter(tags=["search"])
Position = Annotated[str | None, Header(alias="X-Position", description="wait ≤ 1 s until these writes are found")]
_NDJSON: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/x-ndjson": {"schema": {"type": "string"}}}, "description": "{id, version} a line"}
}


@router.post("/customers:search", response_model=SearchAnswer)
async def search(
    request: Request, body: SearchBody, position: Position = None, caller: Caller = requires("customers.view")
) -> Response:
    """Customers by a query, in one order, with an exact count and facets (Q3, Q5). `as_of`: what came later may be missing."""
    parts = parts_of(request)
    as_of = await parts.serving.as_of(complete=await parts.serving.wait_for(position))
    index = await parts.serving.index()
    if body.filter == RECENTLY_VIEWED and not body.sort:
        found = await _recently_viewed(request, parts, index, body, caller)
    else:
        found = await parts.searching.search(index, await _command(request, parts, body, caller), caller)
    answer = {
        "items": found.items,
        "count": found.count,
        "next": found.next and encode_cursor(*_cursor_of(body), found.next),
        "facets": {
            name: [{"value": one.value, "label": one.label, "count": one.count} for one in buckets]
            for name, buckets in found.facets.items()
        },
        "as_of": as_of,
    }
    return Response(orjson.dumps(answer, option=orjson.OPT_UTC_Z), media_type="application/json")


@router.get("/customers:quick", response_model=QuickAnswer)
async def quick(
    request: Request,
    q: Annotated[str, Query(max_length=200, description="part of a name, phone in any spelling, email or company")],
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
    position: Position = None,
    caller: Caller = requires("customers.view"),
) -> Response:
    """The best few while typing (Q1)."""
    parts = parts_of(request)
    as_of = await parts.serving.as_of(complete=await parts.serving.wait_for(position))
    items = await parts.searching.quick(await parts.serving.index(), q, limit, caller)
    content = orjson.dumps({"items": items, "as_of": as_of}, option=orjson.OPT_UTC_Z)
    return Response(content, media_type="application/json")


@router.post("/customers:scan", response_class=StreamingResponse, responses=_NDJSON)
async def scan(
    request: Request, body: ScanBody, position: Position = None, caller: Caller = requires("customers.view")
) -> StreamingResponse:
    """Every result as `{"id", "version"}`, a line each, as of now, to the end (Q7)."""
    parts = parts_of(request)
    await parts.serving.wait_for(position)
    chunks = await parts.searching.scan(await parts.serving.index(), body.query, caller)
    return StreamingResponse(_lines(chunks), media_type="application/x-ndjson")


@router.post("/search:reindex", status_code=202)
async def reindex(caller: Caller = requires("system.view"), write: Writes = Depends(writes)) -> Response:
    """Build a new index from the topic and swap it in (Q8): a job."""
    return await write(lambda tx: Reply.accepted(start_reindex(tx, caller.id)))


async def _lines(chunks: AsyncIterator[list[tuple[str, int]]]) -> AsyncIterator[bytes]:
    async for chunk in chunks:
        lines = [orjson.dumps({"id": customer_id, "version": version}) for customer_id, version in chunk]
        yield b"\n".join(lines) + b"\n"


async def _command(request: Request, parts: Parts, body: SearchBody, caller: Caller) -> SearchCommand:
    saved: dict[str, Any] = {"query": None, "sort": []}
    db = runtime_of(request).db
    if body.filter is not None:
        saved = await db.read(parts.filters.get, body.filter, caller)
    sorts = [(one.field, one.direction) for one in body.sort] or [
        (one["field"], one["direction"]) for one in saved["sort"]
    ]
    sort = sort_of(*sorts[0]) if sorts else BY_NAME
    if body.query is not None:
        parts.searching.check(body.query, caller)
    both = [one for one in (saved["query"], body.query) if one is not None]
    return SearchCommand(
        query=both[0] if len(both) == 1 else {"all": both} if both else None,
        sort=sort,
        limit=body.limit,
        after=_token(body, sort),
        count=body.count,
        facets=tuple(dict.fromkeys(body.facets)),
        ids=await db.read(views.recent, caller.id) if body.filter == RECENTLY_VIEWED else None,
    )


async def _recently_viewed(request: Request, parts: Parts, index: Reading, body: SearchBody, caller: Caller) -> Found:
    """All of them at once (a user has at most a hundred), in the order in which they were viewed."""
    command = await _command(request, parts, body, caller)
    order = {customer_id: place for place, customer_id in enumerate(command.ids or ())}
    found = await parts.searching.search(index, replace(command, limit=views.KEPT, after=None), caller)
    items = sorted(found.items, key=lambda item: order[item["id"]])
    return Found(items[: body.limit], found.count, None, found.facets)


def _cursor_of(body: SearchBody) -> tuple[str, str]:
    return (body.sort[0].field, body.sort[0].direction) if body.sort else ("", "")


def _token(body: SearchBody, sort: Sort) -> str | None:
    if body.after is None:
        return None
    field, direction, token = decode_cursor(body.after, str, str, str)
    if (field, direction) != _cursor_of(body) or not is_token(sort.field, token):
        detail = "“after” must be the “next” of a page in the same order."
        raise Invalid(detail, FieldError("after", "cursor", detail))
    return str(token)
