"""/log-entries: user entries (L2, L4), descriptions (L3), and what an entry said before."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from rapport_chassis.auth import Caller
from rapport_chassis.db import Tx
from rapport_chassis.http import (
    After,
    Limit,
    Reply,
    Writes,
    caller_of,
    decode_cursor,
    encode_cursor,
    if_match,
    page,
    requires,
    writes,
)
from rapport_chassis.problems import Forbidden, NotFound
from rapport_logging.application import write_entry as writing
from rapport_logging.application.read_timeline import read_history
from rapport_logging.application.tag_words import Said
from rapport_logging.entrypoints.http import schemas
from rapport_logging.entrypoints.http.seeing import (
    answer,
    db_of,
    entry_shown,
    names_of,
    naming,
    require_all,
    seen_entry,
)

router = APIRouter(tags=["log entries"])


async def own_entry(request: Request, entry_id: str) -> list[str]:
    """The customers of a user entry that may be changed: the caller sees all of them. Asked before the body is looked at.

    Raises `NotFound`, `Forbidden` 403 `system_entry`, and `forbidden` when it belongs to customers out of sight.
    """
    row, customers = await seen_entry(request, await caller_of(request), entry_id)
    writing.refuse_system(row)
    if len(customers) < len(row.customer_ids):
        raise Forbidden("This entry belongs to customers, too, that you may not see.")
    return customers


@router.post("/log-entries", status_code=201, response_model=schemas.EntryOut)
async def write_entry(
    request: Request,
    body: schemas.NewEntry,
    caller: Caller = requires("entries.create"),
    write: Writes = Depends(writes),
) -> Response:
    """Write one entry for one or many customers; all of them must be visible. Unknown tag words become tags."""
    ids = list(dict.fromkeys(body.customer_ids))
    await require_all(request, caller, ids)
    command = writing.WriteEntry(ids, _said(body.actions), body.occurred_at)

    def run(tx: Tx) -> Reply:
        row = writing.write_entry(tx, caller, command)
        view = entry_shown(tx.conn, row, names_of(request), ids)
        return Reply.created(view, location=f"/log-entries/{row.id}", version=row.version)

    return await write(run)


@router.get("/log-entries/{entry_id}", response_model=schemas.EntryOut)
async def read_entry(request: Request, entry_id: str, caller: Caller = requires("entries.view")) -> Response:
    """One entry, of whichever of its customers the caller may see."""
    row, customers = await seen_entry(request, caller, entry_id)
    view = await db_of(request).read(entry_shown, row, names_of(request), customers)
    return answer(view, version=row.version)


@router.patch("/log-entries/{entry_id}", response_model=schemas.EntryOut)
async def edit_entry(
    request: Request,
    entry_id: str,
    body: schemas.EntryPatch,
    caller: Caller = requires("entries.edit"),
    customers: list[str] = Depends(own_entry),
    write: Writes = Depends(writes),
) -> Response:
    """Change a user entry; a system entry answers 403 `system_entry` to everybody."""
    seen = await if_match(request)
    command = writing.EditEntry(None if body.actions is None else _said(body.actions), body.occurred_at)

    def run(tx: Tx) -> Reply:
        with naming(request, customers):
            row = writing.edit_entry(tx, caller, entry_id, seen.version, command)
        return Reply.ok(entry_shown(tx.conn, row, names_of(request), customers), version=row.version)

    return await write(run)


@router.delete("/log-entries/{entry_id}", status_code=204)
async def delete_entry(
    request: Request,
    entry_id: str,
    caller: Caller = requires("entries.delete"),
    customers: list[str] = Depends(own_entry),
    write: Writes = Depends(writes),
) -> Response:
    """Delete a user entry; a system entry answers 403 `system_entry` to everybody."""
    seen = await if_match(request)

    def run(tx: Tx) -> Reply:
        with naming(request, customers):
            writing.delete_entry(tx, caller, entry_id, seen.version)
        return Reply.no_content()

    return await write(run)


@router.put("/log-entries/{entry_id}/description", response_model=schemas.EntryOut)
async def describe_entry(
    request: Request,
    entry_id: str,
    body: schemas.Description,
    caller: Caller = requires("entries.describe"),
    write: Writes = Depends(writes),
) -> Response:
    """Write a description on any entry, also on a system's."""
    _, customers = await seen_entry(request, caller, entry_id)
    seen = await if_match(request)

    def run(tx: Tx) -> Reply:
        with naming(request, customers):
            row = writing.describe_entry(tx, caller, entry_id, seen.version, body.text)
        return Reply.ok(entry_shown(tx.conn, row, names_of(request), customers), version=row.version)

    return await write(run)


@router.get("/log-entries/{entry_id}/history", response_model=schemas.ChangeList)
async def read_entry_history(
    request: Request, entry_id: str, limit: Limit = 50, after: After = None, caller: Caller = requires("entries.view")
) -> Any:
    """What the entry said before each change, newest first; of a deleted entry for those who may delete."""
    row, _ = await seen_entry(request, caller, entry_id, removed=True)
    if row.removed and not caller.can("entries.delete"):
        raise NotFound("There is no such entry.")
    before = decode_cursor(after, int)[0] if after else None
    items = await db_of(request).read(read_history, entry_id, before, limit)
    return answer(page(items, encode_cursor(items[-1]["version"]) if len(items) == limit else None))


def _said(actions: list[schemas.NewAction]) -> list[Said]:
    return [Said(action.text, action.tags) for action in actions]
