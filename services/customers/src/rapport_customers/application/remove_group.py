"""Delete a group (C3): when empty, or with a replacement that takes over its customers, subgroups and field scopes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from rapport_chassis.auth import Caller
from rapport_chassis.db import Tx
from rapport_chassis.problems import Conflict, FieldError, Invalid, Stale
from rapport_customers.application import announce
from rapport_customers.application.edit_groups import as_answer, editable, refuse_parent
from rapport_customers.domain import tree
from rapport_customers.domain.definitions import Definitions
from rapport_customers.domain.documents import Change
from rapport_customers.store import customers, definitions, replacing, writing
from rapport_customers.store.writing import Author

MOVED_AT_ONCE: Final = 500
"""Customers moved to another group in one transaction; a deletion that moves more is a job."""


@dataclass(frozen=True, slots=True)
class Removal:
    """A group to remove; its customers and subgroups go to `replacement`."""

    group_id: str
    replacement: str | None


def remove_group(tx: Tx, caller: Caller, removal: Removal, version: int) -> bool:
    """Delete the group at once when that is quick: False when a job must do it (`move_some`, then `finish_removal`).

    Raises `NotFound`, `Forbidden`, `Stale`, `Invalid` for a replacement that is unknown or inside the group,
    `Conflict` 409 `in_use` when it is not empty and no replacement is said, or when a job moves customers out of or into it.
    """
    known = definitions.hold_to_change(tx)
    group = editable(known, caller, removal.group_id)
    held = customers.some_of_group(tx.conn, group.id, MOVED_AT_ONCE + 1)
    if group.version != version:
        raise Stale(as_answer(group, customers.group_count(tx.conn, group.id)))
    _refuse_while_moving(tx, removal)
    _refuse_removal(known, caller, removal, holds=bool(held))
    if len(held) > MOVED_AT_ONCE:
        return False
    move_some(tx, caller, removal)
    finish_removal(tx, removal)
    return True


def move_some(tx: Tx, caller: Caller, removal: Removal) -> int:
    """Move up to `MOVED_AT_ONCE` customers of the group to the replacement; how many. Each is moved whole or not at all."""
    ids = customers.some_of_group(tx.conn, removal.group_id, MOVED_AT_ONCE)
    stored = customers.find_many(tx.conn, ids, None, lock=True)
    changes = [Change(one.document, one.document) for one in stored.values()]
    for change in changes:
        rest = [group for group in change.before["groups"] if group != removal.group_id]
        change.after["groups"] = list(dict.fromkeys([*rest, *([removal.replacement] if removal.replacement else [])]))
    author = Author(caller.id, caller.via)
    writing.save_changes(tx, changes, author)
    for change in changes:
        announce.changed(tx, change, author)
    return len(changes)


def finish_removal(tx: Tx, removal: Removal) -> bool:
    """Delete the group when no customer is left in it, moving its subgroups and field scopes; False when some came meanwhile."""
    known = definitions.hold_to_change(tx)
    group = known.groups.get(removal.group_id)
    if group is None:
        return True
    if customers.some_of_group(tx.conn, group.id, 1):
        return False
    below = known.children(group.id)
    start = len(known.children(removal.replacement))
    moved = [
        replace(child, parent_id=removal.replacement, position=start + at, version=child.version + 1)
        for at, child in enumerate(below)
    ]
    scoped = [
        replace(
            field,
            group_ids=tuple(dict.fromkeys(removal.replacement if one == group.id else one for one in field.group_ids)),
            version=field.version + 1,
        )
        for field in known.fields.values()
        if group.id in field.group_ids and removal.replacement
    ]
    if moved or scoped:
        definitions.save(tx, [*moved, *scoped])
    definitions.remove(tx, group)
    return True


def _refuse_while_moving(tx: Tx, removal: Removal) -> None:
    """Customers that a job moves must not arrive in a group that is gone, nor be moved back."""
    for going, coming in replacing.under_way(tx.conn):
        if removal.group_id in {going, coming} or removal.replacement == going:
            detail = "A job is moving customers out of this group or into it; wait until it is done."
            raise Conflict("in_use", detail)


def _refuse_removal(known: Definitions, caller: Caller, removal: Removal, *, holds: bool) -> None:
    if removal.replacement is None:
        if holds or known.children(removal.group_id):
            raise Conflict("in_use", "The group is not empty: say which group replaces it.")
        if any(removal.group_id in field.group_ids for field in known.fields.values()):
            raise Conflict("in_use", "A custom field belongs to this group: say which group replaces it.")
        return
    if removal.replacement in known.subtree([removal.group_id]):
        detail = "The replacement must be outside the group."
        raise Invalid(detail, FieldError("replacement", "circle", detail))
    refuse_parent(known, caller, removal.replacement, "replacement")
    taken = tree.names_below(known, removal.replacement)
    for child in known.children(removal.group_id):
        tree.refuse_taken_name(child.name, taken, removal.group_id)
