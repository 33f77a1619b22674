"""Users."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from rapport_chassis.auth import Caller
from rapport_chassis.http import After, IfMatch, Limit, Reply, Writes, if_match, page, requires, writes
from rapport_chassis.problems import Forbidden
from rapport_identity.application import passwords, users
from rapport_identity.domain.passwords import make_password
from rapport_identity.entrypoints.http import schemas
from rapport_identity.entrypoints.http.requests import (
    OnceShown,
    db_of,
    origin_of,
    parts_of,
    refuse_unknown_groups,
    with_field,
)
from rapport_identity.store import users as stored
from rapport_identity.store.connection import Connection

router = APIRouter(prefix="/users", tags=["users"])
names_router = APIRouter(tags=["users"])


@router.get("", response_model=schemas.UserList)
async def list_users(
    request: Request,
    limit: Limit = 50,
    after: After = None,
    role: str | None = None,
    _: Caller = requires("users.edit"),
) -> Any:
    """Users in the order they were made; only those with a role when `role` is given."""
    found = await db_of(request).read(lambda conn: stored.page(conn, after=after, limit=limit, role=role))
    return page([users.view(user) for user in found], found[-1].id if len(found) == limit else None)


@names_router.post("/users:batch-get", response_model=schemas.UserNames)
async def names_of_users(request: Request, body: schemas.UserIds, _: Caller = requires()) -> Any:
    """Usernames and names of up to 500 users, removed ones too: what everybody may know."""
    found = await db_of(request).read(stored.documents, body.ids)
    shown = [{name: getattr(user, name) for name in ("id", "username", "name", "removed")} for user in found]
    return page(shown, None)


@router.post("", status_code=201, response_model=schemas.UserOut)
async def create_user(
    request: Request, body: schemas.NewUser, caller: Caller = requires("users.edit"), write: Writes = Depends(writes)
) -> Response:
    """Create a user; without a password one is made, shown once as `password`, and must be changed first."""
    await refuse_unknown_groups(request, caller, body.group_access)
    once = OnceShown(request, caller, "user")
    password = body.password or make_password(once.seed)
    if body.password:
        passwords.check_new(password, username=body.username, field="password")
    hashed = await parts_of(request).doorkeeper.hash(password)
    fields, origin = body.model_dump(exclude={"password"}), origin_of(request, caller)

    def create(tx: Any) -> Reply:
        user = users.create_user(tx, caller, origin, fields, hashed, must_change=not body.password)
        return Reply.created(users.view(user), location=f"/users/{user.id}", version=user.version)

    answer = await write(create, fingerprint=once.fingerprint(await request.body()))
    return answer if body.password else with_field(answer, "password", password)


@router.get("/{user_id}", response_model=schemas.UserOut)
async def read_user(request: Request, response: Response, user_id: str, caller: Caller = requires()) -> Any:
    """One user: oneself, or anybody with `users.edit` (404 otherwise)."""
    user = await db_of(request).read(_visible, caller, user_id)
    response.headers["etag"] = f'"{user.version}"'
    return users.view(user)


@router.patch("/{user_id}", response_model=schemas.UserOut)
async def change_user(
    request: Request,
    user_id: str,
    body: schemas.UserPatch,
    caller: Caller = requires("users.edit"),
    seen: IfMatch = Depends(if_match),
    write: Writes = Depends(writes),
) -> Response:
    """Change a user; a `password` ends the user's sessions. 409 `in_use` for the last enabled master."""
    await refuse_unknown_groups(
        request, caller, body.group_access, lambda conn: users.groups_of(users.get_user(conn, user_id))
    )
    patch, hashed = body.model_dump(include=body.model_fields_set), None
    if "password" in patch:
        _refuse_own(caller, user_id)
        current = await db_of(request).read(users.get_user, user_id)
        passwords.check_new(patch.pop("password"), username=body.username or current.username, field="password")
        hashed = await parts_of(request).doorkeeper.hash(body.password)
    origin = origin_of(request, caller)

    def change(tx: Any) -> Reply:
        user = users.change_user(tx, caller, origin, user_id, seen.version, patch, hashed)
        return Reply.ok(users.view(user), version=user.version)

    return await write(change)


@router.delete("/{user_id}", status_code=204)
async def delete_user(
    request: Request,
    user_id: str,
    caller: Caller = requires("users.edit"),
    seen: IfMatch = Depends(if_match),
    write: Writes = Depends(writes),
) -> Response:
    """Remove a user for good, with sessions and API keys. 409 `in_use` for the last enabled master."""
    origin = origin_of(request, caller)

    def delete(tx: Any) -> Reply:
        users.delete_user(tx, caller, origin, user_id, seen.version)
        return Reply.no_content()

    return await write(delete)


@router.post("/{user_id}:reset-password", status_code=201, response_model=schemas.UserOut)
async def reset_password(
    request: Request, user_id: str, caller: Caller = requires("users.edit"), write: Writes = Depends(writes)
) -> Response:
    """Make a new password, shown once as `password`, to be changed at the next sign-in; the user's sessions end."""
    _refuse_own(caller, user_id)
    once = OnceShown(request, caller, f"reset {user_id}")
    password = make_password(once.seed)
    hashed = await parts_of(request).doorkeeper.hash(password)
    origin = origin_of(request, caller)

    def reset(tx: Any) -> Reply:
        user = users.reset_password(tx, caller, origin, user_id, hashed)
        return Reply(201, users.view(user), {"etag": f'"{user.version}"'})

    return with_field(await write(reset), "password", password)


def _refuse_own(caller: Caller, user_id: str) -> None:
    """Whoever finds an open session must not be able to take the account over without the old password."""
    if caller.id == user_id:
        raise Forbidden("Change your own password by POST /auth/password, which asks for the old one.")


def _visible(conn: Connection, caller: Caller, user_id: str) -> stored.User:
    return users.get_user(conn, user_id if caller.can("users.edit") or user_id == caller.id else "")
