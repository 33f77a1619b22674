"""Nobody hands on rights they do not hold, nor takes over an account that has more than they have (G1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rapport_chassis.auth import Caller
from rapport_chassis.problems import FieldError, Forbidden, Invalid
from rapport_identity.domain.rights import Holder, added, added_access
from rapport_identity.store import roles
from rapport_identity.store.connection import Connection
from rapport_identity.store.users import User

Access = Sequence[Mapping[str, Any]]


def holder(caller: Caller) -> Holder:
    """What the caller holds."""
    groups = {"view": caller.view_groups, "edit": caller.edit_groups, "remove": caller.remove_groups}
    return Holder(caller.permissions, groups)


def require_roles(conn: Connection, caller: Caller, before: Sequence[str], after: Sequence[str]) -> None:
    """Raises 422 for roles that do not exist, 403 `forbidden` for added ones that hold more than the caller."""
    found = {role.id: role for role in roles.live(conn, after)}
    if unknown := [role_id for role_id in after if role_id not in found]:
        words = f"There is no role {unknown[0]}."
        raise Invalid(words, FieldError(f"roles.{list(after).index(unknown[0])}", "unknown_role", words))
    for role_id in added(before, after):
        require_rights(caller, found[role_id].permissions, found[role_id].group_access)


def require_access(caller: Caller, before: Access | None, after: Access | None) -> None:
    """Raises 403 `forbidden` when `after` gives rights on groups that `before` did not and the caller does not hold."""
    if not holder(caller).covers_access(added_access(before, after)):
        raise Forbidden("You cannot give rights on groups that you do not have yourself.")


def require_rights(caller: Caller, permissions: Sequence[str], access: Access | None) -> None:
    """Raises 403 `forbidden` when the caller lacks one of the permissions or some of the group access."""
    held = holder(caller)
    if missing := held.missing_for(permissions):
        raise Forbidden(f"You cannot give rights that you do not have yourself: {', '.join(missing)}.")
    if not held.covers_access(access):
        raise Forbidden("You cannot give rights on groups that you do not have yourself.")


def require_authority_over(conn: Connection, caller: Caller, user: User) -> None:
    """Raises 403 `forbidden` when `user` (not the caller) may do what the caller may not."""
    if user.id == caller.id:
        return
    held = holder(caller)
    for role in roles.live(conn, user.roles):
        if held.missing_for(role.permissions) or not held.covers_access(role.group_access):
            raise Forbidden(
                "This user may do more than you: only somebody with the same rights can change the account."
            )
