"""API keys."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from rapport_chassis.auth import Caller
from rapport_chassis.http import After, Limit, Reply, Writes, page, requires, writes
from rapport_chassis.problems import Forbidden
from rapport_identity.application import api_keys
from rapport_identity.domain.tokens import new_api_key
from rapport_identity.entrypoints.http import schemas
from rapport_identity.entrypoints.http.requests import OnceShown, db_of, origin_of, with_field
from rapport_identity.store import api_keys as stored

router = APIRouter(prefix="/api-keys", tags=["api-keys"])


@router.get("", response_model=schemas.ApiKeyList)
async def list_api_keys(
    request: Request, limit: Limit = 50, after: After = None, user_id: str | None = None, caller: Caller = requires()
) -> Any:
    """The caller's keys; with `users.edit` another user's by `user_id`, everybody's by `user_id=*`."""
    if user_id not in (None, caller.id) and not caller.can("users.edit"):
        raise Forbidden("Only with the permission “users.edit” are other users' keys shown.")
    of = None if user_id == "*" else user_id or caller.id
    found = await db_of(request).read(lambda conn: stored.page(conn, user_id=of, after=after, limit=limit))
    return page([api_keys.view(key) for key in found], found[-1].id if len(found) == limit else None)


@router.post("", status_code=201, response_model=schemas.NewApiKeyOut)
async def create_api_key(
    request: Request, body: schemas.NewApiKey, caller: Caller = requires(), write: Writes = Depends(writes)
) -> Response:
    """Make a key that acts for the caller; `key` is in this answer and never shown again."""
    once = OnceShown(request, caller, "api key")
    key, origin = new_api_key(once.seed), origin_of(request, caller)

    def create(tx: Any) -> Reply:
        made = api_keys.create_api_key(tx, caller, origin, body.name, body.permissions, key)
        return Reply.created(api_keys.view(made), location=f"/api-keys/{made.id}", version=made.version)

    return with_field(await write(create), "key", key)


@router.get("/{key_id}", response_model=schemas.ApiKeyOut)
async def read_api_key(request: Request, key_id: str, caller: Caller = requires()) -> Any:
    """One key."""
    return api_keys.view(await db_of(request).read(api_keys.get_api_key, caller, key_id))


@router.delete("/{key_id}", status_code=204)
async def delete_api_key(
    request: Request, key_id: str, caller: Caller = requires(), write: Writes = Depends(writes)
) -> Response:
    """Remove a key; it is refused within five seconds everywhere."""
    origin = origin_of(request, caller)

    def delete(tx: Any) -> Reply:
        api_keys.delete_api_key(tx, caller, origin, key_id)
        return Reply.no_content()

    return await write(delete)
