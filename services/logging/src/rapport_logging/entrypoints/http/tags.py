"""/tags: autocomplete (L5) and administration (L6)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

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
    writes,
)
from rapport_logging.application import manage_tags as manage
from rapport_logging.entrypoints.http import schemas
from rapport_logging.entrypoints.http.seeing import answer, db_of

router = APIRouter(tags=["tags"])
Part = Annotated[str, Query(max_length=100, description="any part of the name, in any spelling")]


@router.get("/tags", response_model=schemas.TagList)
async def list_tags(
    request: Request,
    q: Part = "",
    state: schemas.TagState | None = None,
    limit: Limit = 50,
    after: After = None,
    caller: Caller = requires("entries.view"),
) -> Response:
    """Tags by name, those that begin with `q` first; with `pending` for those who may verify."""
    place = decode_cursor(after, int, str, str) if after else None
    states = [state] if state else None
    items, next_ = await db_of(request).read(
        manage.list_tags, q, states, (place[0], place[1], place[2]) if place else None, limit
    )
    body: dict[str, Any] = page(items, encode_cursor(*next_) if next_ else None)
    if caller.can("tags.verify"):
        body["pending"] = await db_of(request).read(manage.pending)
    return answer(body)


@router.post("/tags", status_code=201, response_model=schemas.TagOut)
async def create_tag(
    body: schemas.TagName, caller: Caller = requires("tags.edit"), write: Writes = Depends(writes)
) -> Response:
    """Create a verified tag. 409 `name_taken` when there is one of that name in any spelling."""

    def run(tx: Tx) -> Reply:
        tag = manage.create_tag(tx, caller, body.name)
        return Reply.created(tag, location=f"/tags/{tag['id']}", version=tag["version"])

    return await write(run)


@router.get("/tags/{tag_id}", response_model=schemas.TagOut)
async def read_tag(request: Request, tag_id: str, _caller: Caller = requires("entries.view")) -> Response:
    """One tag."""
    tag = await db_of(request).read(manage.get_tag, tag_id)
    return answer(tag, version=tag["version"])


@router.patch("/tags/{tag_id}", response_model=schemas.TagOut)
async def rename_tag(
    tag_id: str,
    body: schemas.TagName,
    _caller: Caller = requires("tags.edit"),
    seen: IfMatch = Depends(if_match),
    write: Writes = Depends(writes),
) -> Response:
    """Rename: every entry shows the new name. 409 `name_taken`; 403 for a system tag."""
    return await write(lambda tx: _ok(manage.rename_tag(tx, tag_id, seen.version, body.name)))


@router.delete("/tags/{tag_id}", status_code=204)
async def delete_tag(
    tag_id: str,
    _caller: Caller = requires("tags.edit"),
    seen: IfMatch = Depends(if_match),
    write: Writes = Depends(writes),
) -> Response:
    """Delete: the entries stay, without the tag."""

    def run(tx: Tx) -> Reply:
        manage.delete_tag(tx, tag_id, seen.version)
        return Reply.no_content()

    return await write(run)


@router.post("/tags/{tag_id}:verify", response_model=schemas.TagOut)
async def verify_tag(
    tag_id: str, _caller: Caller = requires("tags.verify"), write: Writes = Depends(writes)
) -> Response:
    """Verify; harmless to repeat."""
    return await write(lambda tx: _ok(manage.verify_tag(tx, tag_id)))


@router.post("/tags/{tag_id}:replace", response_model=schemas.TagOut)
async def replace_tag(
    tag_id: str, body: schemas.Replacement, _caller: Caller = requires("tags.edit"), write: Writes = Depends(writes)
) -> Response:
    """Let every entry of this tag carry `by` instead; this tag is gone. Harmless to repeat."""
    return await write(lambda tx: _ok(manage.replace_tag(tx, tag_id, body.by)))


def _ok(tag: dict[str, Any]) -> Reply:
    return Reply.ok(tag, version=tag["version"])
