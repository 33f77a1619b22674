"""/groups: the tree that customers are always in (C3)."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Query, Request, Response

from rapport_chassis.auth import Caller
from rapport_chassis.db import Tx
from rapport_chassis.http import IfMatch, Reply, Writes, if_match, page, requires, runtime_of, writes
from rapport_chassis.jobs import create_job
from rapport_customers.application import edit_groups
from rapport_customers.application.remove_group import Removal, remove_group
from rapport_customers.entrypoints.http import definition_schemas as schemas
from rapport_customers.store import replacing

router = APIRouter(tags=["groups"])


@router.get("/groups", response_model=schemas.GroupPage)
async def list_groups(request: Request, caller: Caller = requires("customers.view")) -> Response:
    """The groups that the caller sees, depth first in their order, with how many customers are directly in each."""
    found = await runtime_of(request).db.read(edit_groups.list_groups, caller)
    return Reply.ok(page(found, None)).render([]).response()


@router.post("/groups", status_code=201, response_model=schemas.GroupOut)
async def create(
    body: schemas.NewGroup, caller: Caller = requires("groups.edit"), write: Writes = Depends(writes)
) -> Response:
    """Create a group. 409 `name_taken` among its siblings."""

    def run(tx: Tx) -> Reply:
        made = edit_groups.create_group(tx, caller, body.name, body.parent_id, body.position)
        return Reply.created(edit_groups.as_answer(made, 0), location=f"/groups/{made.id}", version=made.version)

    return await write(run)


@router.patch("/groups/{group_id}", response_model=schemas.GroupOut)
async def change(
    group_id: str,
    body: schemas.GroupPatch,
    caller: Caller = requires("groups.edit"),
    expected: IfMatch = Depends(if_match),
    write: Writes = Depends(writes),
) -> Response:
    """Rename, move or reorder a group."""

    def run(tx: Tx) -> Reply:
        group, count = edit_groups.edit_group(tx, caller, group_id, expected.version, body.said())
        return Reply.ok(edit_groups.as_answer(group, count), version=group.version)

    return await write(run)


@router.delete(
    "/groups/{group_id}", status_code=204, responses={202: {"description": "many customers: a job moves them"}}
)
async def remove(
    group_id: str,
    replacement: str | None = Query(default=None, max_length=64, description="who takes over customers and subgroups"),
    caller: Caller = requires("groups.edit"),
    expected: IfMatch = Depends(if_match),
    write: Writes = Depends(writes),
) -> Response:
    """Delete a group when empty, or with a replacement; 409 `in_use` otherwise. More than 500 customers: 202 with a job."""

    def run(tx: Tx) -> Reply:
        if remove_group(tx, caller, Removal(group_id, replacement), expected.version):
            return Reply.no_content()
        params = {"group_id": group_id, "replacement": replacement}
        return Reply.accepted(create_job(tx, "customers", replacing.KIND, params, caller.id))

    return await write(run)
