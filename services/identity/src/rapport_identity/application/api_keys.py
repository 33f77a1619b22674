"""API keys: shown once, kept as a hash, never able to do more than whoever made them (G1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rapport_chassis.auth import Caller
from rapport_chassis.db import Tx
from rapport_chassis.ids import new_id
from rapport_chassis.problems import Conflict, NotFound
from rapport_identity.application import escalation
from rapport_identity.application.audit import Origin, record
from rapport_identity.application.publishing import publish
from rapport_identity.application.roles import known_permissions
from rapport_identity.domain.tokens import fingerprint
from rapport_identity.store import api_keys, versions
from rapport_identity.store.api_keys import ApiKey
from rapport_identity.store.connection import Connection

_MOST_PER_USER = 100
_HINT = 4


def view(key: ApiKey) -> dict[str, Any]:
    """The key as lists show it: `hint` is its end, so that a person recognises it."""
    return {
        "id": key.id,
        "user_id": key.user_id,
        "name": key.name,
        "hint": key.hint,
        "permissions": key.permissions,
        "created_at": key.created_at,
        "last_used_at": key.last_used_at,
        "version": key.version,
    }


def create_api_key(tx: Tx, caller: Caller, origin: Origin, name: str, wanted: Sequence[str] | None, key: str) -> ApiKey:
    """Keep the hash of `key`, which acts for the caller with at most the `wanted` permissions (None: all, also later ones).

    A key made with a key is cut to what that one may. Raises 422 for unknown permissions, 403 `forbidden` for ones the caller
    does not hold, 409 `in_use` when there are 100 keys already.
    """
    if len(api_keys.of_user(tx.conn, caller.id)) >= _MOST_PER_USER:
        raise Conflict("in_use", f"There are {_MOST_PER_USER} keys already: delete one first.")
    granted = None if wanted is None else known_permissions(wanted)
    if granted is None and caller.via.startswith("api_key:"):
        granted = known_permissions(sorted(caller.permissions))
    escalation.require_rights(caller, granted or [], [])
    key_id, version = new_id(), versions.following(tx.conn)
    values = {
        "id": key_id,
        "user_id": caller.id,
        "name": name,
        "key_hash": fingerprint(key),
        "hint": key[-_HINT:],
        "permissions": granted,
        "created_at": tx.now,
        "removed": False,
        "version": version,
    }
    api_keys.add(tx.conn, values)
    publish(tx, version, f"api_key:{key_id}")
    record(tx, origin, "api_key_created", ("api_key", key_id), {"name": name, "permissions": granted})
    return get_api_key(tx.conn, caller, key_id)


def get_api_key(conn: Connection, caller: Caller, key_id: str) -> ApiKey:
    """One of the caller's keys, or anybody's with `users.edit`. Raises 404 `not_found`."""
    key = api_keys.get(conn, key_id)
    if key is None or (key.user_id != caller.id and not caller.can("users.edit")):
        raise NotFound("There is no such API key.")
    return key


def delete_api_key(tx: Tx, caller: Caller, origin: Origin, key_id: str) -> None:
    """Remove a key, at once and for good. Raises 404 `not_found`."""
    key = get_api_key(tx.conn, caller, key_id)
    version = versions.following(tx.conn)
    api_keys.remove(tx.conn, [key_id], version)
    publish(tx, version, f"api_key:{key_id}")
    record(tx, origin, "api_key_deleted", ("api_key", key_id), {"name": key.name, "user_id": key.user_id})
