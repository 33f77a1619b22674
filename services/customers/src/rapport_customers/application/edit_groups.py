"""The group tree (C3): list, create, rename, move, reorder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rapport_chassis.auth import Caller
from rapport_chassis.db import Tx
from rapport_chassis.ids import new_id
from rapport_chassis.problems import FieldError, Forbidden, Invalid, NotFound, Stale
from rapport_customers.domain import tree
from rapport_customers.domain.definitions import Definitions, Group
from rapport_customers.store import customers, definitions
from rapport_customers.store.connection import Connection


def list_groups(conn: Connection, caller: Caller) -> list[dict[str, Any]]:
    """The groups that the caller sees, depth first in their order: `{id, name, parent_id, position, count, version}`.

    `count` is of customers directly in the group. A parent that may not be seen is no parent (`parent_id` null).
    """
    known = definitions.load(conn)
    counts = customers.group_counts(conn)
    found: list[dict[str, Any]] = []

    def walk(parent_id: str | None, shown_parent: str | None) -> None:
        for group in known.children(parent_id):
            seen = caller.view_groups is None or group.id in caller.view_groups
            if seen:
                found.append(as_answer(replace(group, parent_id=shown_parent), counts.get(group.id, 0)))
            walk(group.id, group.id if seen else shown_parent)

    walk(None, None)
    return found


def as_answer(group: Group, count: int) -> dict[str, Any]:
    """A group as the API shows it."""
    shown = {"id": group.id, "name": group.name, "parent_id": group.parent_id, "position": group.position}
    return shown | {"count": count, "version": group.version}


def create_group(tx: Tx, caller: Caller, name: str, parent_id: str | None, position: int | None) -> Group:
    """A new group below `parent_id`, at `position` among its siblings (None: last).

    Raises `Invalid` for an unknown parent, `Forbidden`, `Conflict` 409 `name_taken`.
    """
    known = definitions.hold_to_change(tx)
    refuse_parent(known, caller, parent_id)
    tree.refuse_taken_name(name, tree.names_below(known, parent_id))
    group = Group(new_id(), name, parent_id)
    changed = tree.placed(known.children(parent_id), group, position)
    definitions.save(tx, changed)
    return next(one for one in changed if one.id == group.id)


def edit_group(tx: Tx, caller: Caller, group_id: str, version: int, patch: Mapping[str, Any]) -> tuple[Group, int]:
    """Rename, move or reorder: `patch` holds any of `name, parent_id, position`. Gives the group and its count.

    Raises `NotFound`, `Forbidden`, `Stale`, `Invalid` (unknown parent, a circle), `Conflict` 409 `name_taken`.
    """
    known = definitions.hold_to_change(tx)
    before = editable(known, caller, group_id)
    count = customers.group_count(tx.conn, group_id)
    if before.version != version:
        raise Stale(as_answer(before, count))
    parent_id = patch.get("parent_id", before.parent_id)
    if parent_id != before.parent_id:
        refuse_parent(known, caller, parent_id)
        tree.refuse_circle(known, group_id, parent_id)
    name = patch.get("name", before.name)
    tree.refuse_taken_name(name, tree.names_below(known, parent_id), group_id)
    after = replace(before, name=name, parent_id=parent_id)
    stays = parent_id == before.parent_id and patch.get("position") is None
    changed = [after] if stays else tree.placed(known.children(parent_id), after, patch.get("position"))
    after = next(one for one in changed if one.id == group_id)
    if after == before:
        return before, count
    after = replace(after, version=before.version + 1)
    definitions.save(tx, [after, *(one for one in changed if one.id != group_id)])
    return after, count


def editable(known: Definitions, caller: Caller, group_id: str) -> Group:
    """The group. Raises `NotFound`, `Forbidden`."""
    group = known.groups.get(group_id)
    if group is None or (caller.view_groups is not None and group_id not in caller.view_groups):
        raise NotFound("There is no such group.")
    if caller.edit_groups is not None and group_id not in caller.edit_groups:
        raise Forbidden("You may see this group, but not change it.")
    return group


def refuse_parent(known: Definitions, caller: Caller, group_id: str | None, path: str = "parent_id") -> None:
    """Raises `Invalid` or `Forbidden` when nothing can be put below this group (None: at the top)."""
    if group_id is None:
        if caller.edit_groups is not None:
            raise Forbidden("Only who may change all groups can put one at the top.")
        return
    if group_id not in known.groups or (caller.view_groups is not None and group_id not in caller.view_groups):
        detail = f"There is no group “{group_id}”."
        raise Invalid(detail, FieldError(path, "unknown_group", detail))
    editable(known, caller, group_id)
