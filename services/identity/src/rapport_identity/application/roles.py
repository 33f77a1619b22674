"""Roles: the built-in three are fixed, own ones are made of permissions and group access (G1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rapport_chassis.auth import Caller
from rapport_chassis.db import Tx
from rapport_chassis.ids import new_id
from rapport_chassis.problems import Conflict, FieldError, Forbidden, Invalid, NotFound, Stale
from rapport_contracts import permissions
from rapport_identity.application import escalation
from rapport_identity.application.audit import Origin, differences, record
from rapport_identity.application.publishing import publish
from rapport_identity.domain.rights import added, merged_access
from rapport_identity.domain.usernames import username_key
from rapport_identity.store import roles, users, versions
from rapport_identity.store.connection import Connection
from rapport_identity.store.roles import Role

_AUDITED = ("name", "permissions", "group_access")


def view(role: Role) -> dict[str, Any]:
    """The role as the API shows it."""
    return {
        "id": role.id,
        "name": role.name,
        "permissions": role.permissions,
        "group_access": role.group_access,
        "built_in": role.built_in,
        "version": role.version,
    }


def seen_by(caller: Caller, role: Role) -> dict[str, Any]:
    """The role for a caller: only groups that the caller sees (Q6), but all of them for who edits roles or users."""
    shown = view(role)
    if role.group_access is not None and not (caller.can("roles.edit") or caller.can("users.edit")):
        shown["group_access"] = [one for one in role.group_access if caller.sees_any([one["group_id"]])]
    return shown


def groups_of(role: Role) -> list[str]:
    """The groups that the role's access names."""
    return [one["group_id"] for one in role.group_access or ()]


def get_role(conn: Connection, role_id: str) -> Role:
    """The role. Raises 404 `not_found`."""
    role = roles.get(conn, role_id)
    if role is None:
        raise NotFound("There is no such role.")
    return role


def create_role(tx: Tx, caller: Caller, origin: Origin, fields: Mapping[str, Any]) -> Role:
    """Create a role from `{name, permissions, group_access}`.

    Raises 422 for unknown permissions, 409 `name_taken`, 403 `forbidden` for rights the caller does not hold.
    """
    access = _access(fields["group_access"])
    granted = known_permissions(fields["permissions"])
    escalation.require_rights(caller, granted, access)
    values = {
        "id": new_id(),
        "name": fields["name"],
        "name_key": username_key(fields["name"]),
        "permissions": granted,
        "group_access": access,
        "built_in": False,
        "removed": False,
        "version": versions.following(tx.conn),
    }
    _taken_is_409(lambda: roles.add(tx.conn, values))
    publish(tx, values["version"], "role:" + values["id"])
    record(tx, origin, "role_created", ("role", values["id"]), {name: values[name] for name in _AUDITED})
    return get_role(tx.conn, values["id"])


def change_role(tx: Tx, caller: Caller, origin: Origin, role_id: str, version: int, patch: Mapping[str, Any]) -> Role:
    """Apply the fields of `patch`.

    Raises 404, 412 `stale_version`, 403 `forbidden` (built-in; rights the caller does not hold), 409 `name_taken`, 422.
    """
    role = _own(tx, role_id, version)
    values = dict(patch)
    if "name" in values:
        values["name_key"] = username_key(values["name"])
    if "permissions" in values:
        values["permissions"] = known_permissions(values["permissions"])
        escalation.require_rights(caller, added(role.permissions, values["permissions"]), [])
    if "group_access" in values:
        values["group_access"] = _access(values["group_access"])
        escalation.require_access(caller, role.group_access, values["group_access"])
    values["version"] = versions.following(tx.conn)
    _taken_is_409(lambda: roles.change(tx.conn, role_id, values))
    publish(tx, values["version"], f"role:{role_id}")
    record(tx, origin, "role_changed", ("role", role_id), differences(view(role), values, _AUDITED))
    return get_role(tx.conn, role_id)


def delete_role(tx: Tx, origin: Origin, role_id: str, version: int) -> None:
    """Remove the role. Raises 404, 412 `stale_version`, 403 `forbidden` (built-in), 409 `in_use` while users have it."""
    role = _own(tx, role_id, version)
    if held := len(users.ids_with_role(tx.conn, role_id)):
        raise Conflict("in_use", f"{held} users have this role: give them another one first.", users=held)
    newer = versions.following(tx.conn)
    roles.change(tx.conn, role_id, {"removed": True, "name_key": None, "version": newer})
    publish(tx, newer, f"role:{role_id}")
    record(tx, origin, "role_deleted", ("role", role_id), {"name": role.name})


def known_permissions(names: Sequence[str]) -> list[str]:
    """`names` without repetition, in the contract's order. Raises 422 for a name that is no permission."""
    for position, name in enumerate(names):
        if name not in permissions.ALL:
            words = f"There is no permission {name}."
            raise Invalid(words, FieldError(f"permissions.{position}", "unknown_permission", words))
    return [name for name in permissions.ALL if name in names]


def _own(tx: Tx, role_id: str, version: int) -> Role:
    role = get_role(tx.conn, role_id)
    if role.built_in:
        raise Forbidden("The built-in roles cannot be changed: make a role of your own.")
    if role.version != version:
        raise Stale(view(role))
    return role


def _access(access: Sequence[Mapping[str, Any]] | None) -> list[dict[str, Any]] | None:
    return None if access is None else merged_access(access)


def _taken_is_409(work: Any) -> None:
    try:
        work()
    except roles.RoleNameTaken as error:
        raise Conflict("name_taken", "Another role has this name.") from error
