"""Custom fields (C4): create, change, order, remove while no data would be lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from rapport_chassis.auth import Caller
from rapport_chassis.db import Tx
from rapport_chassis.ids import new_id
from rapport_chassis.problems import Conflict, FieldError, Invalid, NotFound, Stale
from rapport_customers.domain import tree
from rapport_customers.domain.definitions import CustomField, Definitions
from rapport_customers.domain.keys import HOLDS
from rapport_customers.store import definitions, matching
from rapport_customers.store.connection import Connection

_FIXED_BY_DATA: Final = ("field_type", "list", "multiple")


def as_answer(field: CustomField) -> dict[str, Any]:
    """A custom field as the API shows it."""
    return {
        "id": field.id,
        "title": field.title,
        "type": field.field_type,
        "section_id": field.section_id,
        "position": field.position,
        "group_ids": list(field.group_ids),
        "list": field.list,
        "multiple": field.multiple,
        "placement": field.placement,
        "required": field.required,
        "visible_in_search": field.visible_in_search,
        "retired": False,
        "version": field.version,
    }


def list_fields(conn: Connection, caller: Caller) -> list[dict[str, Any]]:
    """The fields that the caller sees, by section and position."""
    known = definitions.load(conn)
    places = {section.id: section.position for section in known.sections.values()}
    seen = [one for one in known.fields.values() if known.seen_by(one.id, caller.view_groups)]
    return [as_answer(one) for one in sorted(seen, key=lambda one: (places[one.section_id], one.position, one.id))]


def create_field(tx: Tx, caller: Caller, values: Mapping[str, Any]) -> CustomField:
    """A new field; `values` are the attributes of `CustomField` but id and version, `position` None: last in its section.

    Raises `Invalid` (unknown section, group or list; a list field without a list, another with one), `Conflict`
    `name_taken`.
    """
    known = definitions.hold_to_change(tx)
    wanted = dict(values)
    position = wanted.pop("position", None)
    field = CustomField(id=new_id(), **wanted)
    _refuse_wrong(known, caller, field, field.group_ids)
    changed = tree.placed(_in_section(known, field.section_id), field, position)
    definitions.save(tx, changed)
    return next(one for one in changed if one.id == field.id)


def edit_field(tx: Tx, caller: Caller, field_id: str, version: int, patch: Mapping[str, Any]) -> CustomField:
    """Change a field. Type, list and `multiple` are fixed while customers hold values (409 `in_use`).

    Raises `NotFound`, `Stale`, `Invalid`, `Conflict` 409 `name_taken`, `in_use`.
    """
    known = definitions.hold_to_change(tx)
    before = _seen(known, caller, field_id)
    if before.version != version:
        raise Stale(as_answer(before))
    wanted = dict(patch)
    position = wanted.pop("position", None)
    if "group_ids" in wanted:
        hidden = [one for one in before.group_ids if caller.view_groups is not None and one not in caller.view_groups]
        wanted["group_ids"] = tuple(dict.fromkeys([*hidden, *wanted["group_ids"]]))
    after = replace(before, **wanted)
    _refuse_wrong(known, caller, after, set(after.group_ids) - set(before.group_ids))
    if any(getattr(before, name) != getattr(after, name) for name in _FIXED_BY_DATA):
        _refuse_held(tx, before, "Its type, list and number of values stay as they are.")
    stays = position is None and after.section_id == before.section_id
    changed = [after] if stays else tree.placed(_in_section(known, after.section_id), after, position)
    after = next(one for one in changed if one.id == field_id)
    if after == before:
        return before
    after = replace(after, version=before.version + 1)
    definitions.save(tx, [after, *(one for one in changed if one.id != field_id)])
    return after


def remove_field(tx: Tx, caller: Caller, field_id: str, version: int) -> None:
    """Remove a field that no customer holds a value of. Raises `NotFound`, `Stale`, `Conflict` 409 `in_use`."""
    field = _seen(definitions.hold_to_change(tx), caller, field_id)
    if field.version != version:
        raise Stale(as_answer(field))
    _refuse_held(tx, field, "It cannot be removed.")
    definitions.remove(tx, field)


def _refuse_held(tx: Tx, field: CustomField, consequence: str) -> None:
    if matching.is_held(tx, f"custom.{field.id}", HOLDS):
        raise Conflict("in_use", f"Customers hold values of “{field.title}”. {consequence}")


def _seen(known: Definitions, caller: Caller, field_id: str) -> CustomField:
    if not known.seen_by(field_id, caller.view_groups):
        raise NotFound("There is no such custom field.")
    return known.fields[field_id]


def _in_section(known: Definitions, section_id: str) -> list[CustomField]:
    return [one for one in known.fields.values() if one.section_id == section_id]


def _refuse_wrong(known: Definitions, caller: Caller, field: CustomField, new_groups: Iterable[str]) -> None:
    titles = [(one.id, one.title) for one in known.fields.values()]
    tree.refuse_taken_name(field.title, titles, field.id)
    if field.section_id not in known.sections:
        _refuse("section_id", "unknown_section", f"There is no section “{field.section_id}”.")
    for group in new_groups:
        if group not in known.groups or (caller.view_groups is not None and group not in caller.view_groups):
            _refuse("group_ids", "unknown_group", f"There is no group “{group}”.")
    if (field.field_type == "list") != (field.list is not None):
        _refuse("list", "list_of_type", "A field of type list needs a list, and no other has one.")
    if field.list is not None and field.list not in known.lists:
        _refuse("list", "unknown_list", f"There is no list “{field.list}”.")
    if field.field_type == "boolean" and field.multiple:
        _refuse("multiple", "multiple_boolean", "A yes-or-no field has one value.")


def _refuse(path: str, code: str, detail: str) -> None:
    raise Invalid(detail, FieldError(path, code, detail))
