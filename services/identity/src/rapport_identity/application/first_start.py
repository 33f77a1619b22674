"""What must be there before anybody can sign in: built-in roles, settings, the user `master` (G1)."""

from __future__ import annotations

from collections.abc import Callable

from rapport_chassis.db import Tx
from rapport_chassis.dialects import queue_at
from rapport_chassis.ids import new_id
from rapport_contracts.permissions import BUILT_IN_ROLES
from rapport_identity.application.ports import PasswordHasher
from rapport_identity.application.publishing import publish
from rapport_identity.domain.passwords import make_password, normalise
from rapport_identity.store import roles, settings, users, versions

MASTER = "master"
_EVERY_GROUP = {"master", "manager"}


def prepare(tx: Tx, hasher: PasswordHasher, preset: str | None, show: Callable[[str], None]) -> None:
    """Make or mend what identity stands on; a made password of `master` is given to `show`.

    Safe to run at every start and in several processes. `show` is called before the commit: whoever is killed between the two
    gets a newer password at the next start, and never one that was not shown.
    """
    queue_at(tx.conn, "first start")  # or two at once would both find nothing
    _built_in_roles(tx)
    _first_settings(tx)
    if users.by_username(tx.conn, MASTER) is None and not users.ids_with_role(tx.conn, MASTER):
        password = preset or make_password()
        _first_master(tx, hasher.hash(normalise(password)), must_change=not preset)
        if not preset:
            show(password)


def _first_master(tx: Tx, password_hash: str, *, must_change: bool) -> None:
    user_id, version = new_id(), versions.following(tx.conn)
    values = {
        "id": user_id,
        "username": MASTER,
        "username_key": MASTER,
        "name": "Master",
        "email": None,
        "roles": [MASTER],
        "group_access": [],
        "disabled": False,
        "removed": False,
        "password_hash": password_hash,
        "must_change_password": must_change,
        "created_at": tx.now,
        "updated_at": tx.now,
        "version": version,
    }
    users.add(tx.conn, values)
    publish(tx, version, f"user:{user_id}")


def _built_in_roles(tx: Tx) -> None:
    known = {role.id: role for role in roles.documents(tx.conn, list(BUILT_IN_ROLES))}
    for name, permissions in BUILT_IN_ROLES.items():
        role = known.get(name)
        if role is not None and set(role.permissions) == permissions:
            continue
        version = versions.following(tx.conn)
        values = {"permissions": sorted(permissions), "version": version}
        if role is None:
            rest = {"id": name, "name": name, "name_key": name, "built_in": True, "removed": False}
            roles.add(tx.conn, values | rest | {"group_access": None if name in _EVERY_GROUP else []})
        else:
            roles.change(tx.conn, name, values)
        publish(tx, version, f"role:{name}")


def _first_settings(tx: Tx) -> None:
    if settings.get(tx.conn) is not None:
        return
    version = versions.following(tx.conn)
    first = {"region": "US", "time_zone": "UTC", "language": "en", "calendar": "gregorian", "version": version}
    settings.add(tx.conn, first)
    publish(tx, version, settings.KEY)
