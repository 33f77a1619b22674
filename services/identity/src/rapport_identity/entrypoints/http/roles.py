"""Roles, and the permissions they are made of."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from rapport_chassis.auth import Caller
from rapport_chassis.http import After, IfMatch, Limit, Reply, Writes, if_match, page, requires, writes
from rapport_identity.application import roles
from rapport_identity.domain.permissions import catalogue
from rapport_identity.entrypoints.http import schemas
from rapport_identity.entrypoints.http.requests import db_of, origin_of, refuse_unknown_groups
from rapport_identity.store import roles as stored

router = APIRouter(tags=["roles"])


@router.get("/permissions", response_model=schemas.PermissionList)
async def list_permissions(_: Caller = requires()) -> Any:
    """Every permission there is, by section."""
    return page(catalogue(), None)


@router.get("/roles", response_model=schemas.RoleList)
async def list_roles(request: Request, limit: Limit = 50, after: After = None, caller: Caller = requires()) -> Any:
    """Roles; the built-in ones are `master`, `manager`, `member`."""
    found = await db_of(request).read(lambda conn: stored.page(conn, after=after, limit=limit))
    return page([roles.seen_by(caller, role) for role in found], found[-1].id if len(found) == limit else None)


@router.post("/roles", status_code=201, response_model=schemas.RoleOut)
async def create_role(
    request: Request, body: schemas.NewRole, caller: Caller = requires("roles.edit"), write: Writes = Depends(writes)
) -> Response:
    """Create a role; nobody can give rights they do not hold."""
    await refuse_unknown_groups(request, caller, body.group_access)
    origin = origin_of(request, caller)

    def create(tx: Any) -> Reply:
        role = roles.create_role(tx, caller, origin, body.model_dump())
        return Reply.created(roles.view(role), location=f"/roles/{role.id}", version=role.version)

    return await write(create)


@router.get("/roles/{role_id}", response_model=schemas.RoleOut)
async def read_role(request: Request, response: Response, role_id: str, caller: Caller = requires()) -> Any:
    """One role."""
    role = await db_of(request).read(roles.get_role, role_id)
    response.headers["etag"] = f'"{role.version}"'
    return roles.seen_by(caller, role)


@router.patch("/roles/{role_id}", response_model=schemas.RoleOut)
async def change_role(
    request: Request,
    role_id: str,
    body: schemas.RolePatch,
    caller: Caller = requires("roles.edit"),
    seen: IfMatch = Depends(if_match),
    write: Writes = Depends(writes),
) -> Response:
    """Change a role of one's own; 403 for the built-in ones."""
    await refuse_unknown_groups(
        request, caller, body.group_access, lambda conn: roles.groups_of(roles.get_role(conn, role_id))
    )
    patch, origin = body.model_dump(include=body.model_fields_set), origin_of(request, caller)

    def change(tx: Any) -> Reply:
        role = roles.change_role(tx, caller, origin, role_id, seen.version, patch)
        return Reply.ok(roles.view(role), version=role.version)

    return await write(change)


@router.delete("/roles/{role_id}", status_code=204)
async def delete_role(
    request: Request,
    role_id: str,
    caller: Caller = requires("roles.edit"),
    seen: IfMatch = Depends(if_match),
    write: Writes = Depends(writes),
) -> Response:
    """Remove a role that nobody has (409 `in_use`)."""
    origin = origin_of(request, caller)

    def delete(tx: Any) -> Reply:
        roles.delete_role(tx, origin, role_id, seen.version)
        return Reply.no_content()

    return await write(delete)
