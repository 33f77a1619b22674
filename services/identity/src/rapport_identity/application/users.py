"""Users: created, changed, deleted, given a new password; the last enabled master stays (G1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rapport_chassis.auth import Caller
from rapport_chassis.db import Tx
from rapport_chassis.ids import new_id
from rapport_chassis.problems import Conflict, FieldError, Invalid, NotFound, Stale
from rapport_identity.application import escalation
from rapport_identity.application.audit import Origin, differences, record
from rapport_identity.application.publishing import publish
from rapport_identity.domain.rights import MASTER, merged_access
from rapport_identity.domain.usernames import username_fault, username_key
from rapport_identity.store import api_keys, sessions, users, versions
from rapport_identity.store.connection import Connection
from rapport_identity.store.users import User

_AUDITED = ("username", "name", "email", "roles", "group_access", "disabled")


def view(user: User) -> dict[str, Any]:
    """The user as the API shows it; never the password's hash."""
    return {
        "id": user.id,
        "username": user.username,
        "name": user.name,
        "email": user.email,
        "roles": user.roles,
        "group_access": user.group_access,
        "disabled": user.disabled,
        "password_change_required": user.must_change_password,
        "last_sign_in_at": user.last_sign_in_at,
        "created_at": user.created_at,
        "updated_at": user.updated_at,
        "version": user.version,
    }


def groups_of(user: User) -> list[str]:
    """The groups that the user's own access names."""
    return [one["group_id"] for one in user.group_access]


def get_user(conn: Connection, user_id: str) -> User:
    """The user. Raises 404 `not_found`."""
    user = users.get(conn, user_id)
    if user is None:
        raise NotFound("There is no such user.")
    return user


def create_user(
    tx: Tx, caller: Caller, origin: Origin, fields: Mapping[str, Any], password_hash: str, *, must_change: bool
) -> User:
    """Create a user from `{username, name, email, roles, group_access, disabled}`.

    Raises 422 for a bad name or an unknown role, 409 `name_taken`, 403 `forbidden` for rights the caller does not hold.
    """
    access = merged_access(fields["group_access"])
    escalation.require_roles(tx.conn, caller, [], fields["roles"])
    escalation.require_access(caller, [], access)
    values = (
        dict(fields)
        | _named(fields["username"])
        | {
            "id": new_id(),
            "roles": list(dict.fromkeys(fields["roles"])),
            "group_access": access,
            "removed": False,
            "password_hash": password_hash,
            "must_change_password": must_change,
            "created_at": tx.now,
            "updated_at": tx.now,
            "version": versions.following(tx.conn),
        }
    )
    _taken_is_409(lambda: users.add(tx.conn, values))
    publish(tx, values["version"], "user:" + values["id"])
    record(tx, origin, "user_created", ("user", values["id"]), {name: values[name] for name in _AUDITED})
    return get_user(tx.conn, values["id"])


def change_user(
    tx: Tx,
    caller: Caller,
    origin: Origin,
    user_id: str,
    version: int,
    patch: Mapping[str, Any],
    password_hash: str | None = None,
) -> User:
    """Apply the fields of `patch`; with `password_hash` also a new password, which ends the user's sessions.

    Raises 404, 412 `stale_version`, 422, 409 `name_taken` / `in_use` (the last enabled master), 403 `forbidden`.
    """
    user = _expected(tx, user_id, version)
    escalation.require_authority_over(tx.conn, caller, user)
    values = _changes(tx, caller, user, patch)
    _keep_a_master(tx.conn, user, values)
    values |= {"updated_at": tx.now, "version": versions.following(tx.conn)}
    if password_hash is not None:
        values |= {"password_hash": password_hash, "must_change_password": False}
    _taken_is_409(lambda: users.change(tx.conn, user_id, values))
    if password_hash is not None or values.get("disabled"):
        sessions.end_all(tx.conn, user_id)
    publish(tx, values["version"], f"user:{user_id}")
    record(tx, origin, "user_changed", ("user", user_id), differences(view(user), values, _AUDITED))
    if password_hash is not None:
        record(tx, origin, "password_reset", ("user", user_id))
    return get_user(tx.conn, user_id)


def reset_password(tx: Tx, caller: Caller, origin: Origin, user_id: str, password_hash: str) -> User:
    """Set a made password, which the user must change first; every session of the user ends.

    Raises 404 `not_found`, 403 `forbidden`.
    """
    user = get_user(tx.conn, user_id)
    escalation.require_authority_over(tx.conn, caller, user)
    version = versions.following(tx.conn)
    values = {
        "password_hash": password_hash,
        "must_change_password": True,
        "updated_at": tx.now,
        "version": version,
    }
    users.change(tx.conn, user_id, values)
    sessions.end_all(tx.conn, user_id)
    publish(tx, version, f"user:{user_id}")
    record(tx, origin, "password_reset", ("user", user_id))
    return get_user(tx.conn, user_id)


def delete_user(tx: Tx, caller: Caller, origin: Origin, user_id: str, version: int) -> None:
    """Remove the user for good, with sessions and keys; a tombstone keeps id and name for what they wrote.

    Raises 404, 412 `stale_version`, 409 `in_use` (the last enabled master), 403 `forbidden`.
    """
    user = _expected(tx, user_id, version)
    escalation.require_authority_over(tx.conn, caller, user)
    _keep_a_master(tx.conn, user, {"disabled": True})
    newer = versions.following(tx.conn)
    values: dict[str, Any] = {"removed": True, "disabled": True, "username_key": None, "roles": [], "group_access": []}
    gone = {"password_hash": "", "email": None, "updated_at": tx.now, "version": newer}
    users.change(tx.conn, user_id, values | gone)
    sessions.end_all(tx.conn, user_id)
    keys = [key.id for key in api_keys.of_user(tx.conn, user_id)]
    api_keys.remove(tx.conn, keys, newer)
    publish(tx, newer, f"user:{user_id}", *(f"api_key:{key}" for key in keys))
    record(tx, origin, "user_deleted", ("user", user_id), {"username": user.username})


def _changes(tx: Tx, caller: Caller, user: User, patch: Mapping[str, Any]) -> dict[str, Any]:
    values = dict(patch)
    if "username" in values:
        values |= _named(values["username"])
    if "roles" in values:
        values["roles"] = list(dict.fromkeys(values["roles"]))
        escalation.require_roles(tx.conn, caller, user.roles, values["roles"])
    if "group_access" in values:
        values["group_access"] = merged_access(values["group_access"])
        escalation.require_access(caller, user.group_access, values["group_access"])
    return values


def _named(username: str) -> dict[str, str]:
    fault = username_fault(username)
    if fault is not None:
        raise Invalid(fault, FieldError("username", "invalid", fault))
    return {"username": username.strip(), "username_key": username_key(username)}


def _keep_a_master(conn: Connection, user: User, values: Mapping[str, Any]) -> None:
    if MASTER not in user.roles or user.disabled:
        return
    if MASTER in values.get("roles", user.roles) and not values.get("disabled", user.disabled):
        return
    users.lock_role_holders(conn, MASTER)
    if not users.has_other_enabled_with_role(conn, MASTER, user.id):
        raise Conflict("in_use", "This is the last enabled master: make another one first.")


def _expected(tx: Tx, user_id: str, version: int) -> User:
    user = get_user(tx.conn, user_id)
    if user.version != version:
        raise Stale(view(user))
    return user


def _taken_is_409(work: Any) -> None:
    try:
        work()
    except users.UsernameTaken as error:
        raise Conflict("name_taken", "Another user has this username.") from error
