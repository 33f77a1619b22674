"""Lists of options (C4): named, ordered, reusable, extended from anywhere; an option in use stays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rapport_chassis.db import Tx
from rapport_chassis.ids import new_id
from rapport_chassis.problems import Conflict, NotFound, Stale
from rapport_customers.domain import tree
from rapport_customers.domain.definitions import Definitions, Item, OptionList
from rapport_customers.store import definitions, matching
from rapport_customers.store.connection import Connection


def as_answer(options: OptionList) -> dict[str, Any]:
    """A list as the API shows it, items in their order."""
    items = [item_answer(item) for item in options.items]
    return {"id": options.id, "name": options.name, "items": items, "version": options.version}


def item_answer(item: Item) -> dict[str, Any]:
    """An option as the API shows it."""
    return {"id": item.id, "label": item.label, "position": item.position}


def list_lists(conn: Connection) -> list[dict[str, Any]]:
    """All lists by name."""
    known = definitions.load(conn).lists
    return [as_answer(known[name]) for name in sorted(known)]


def get_list(conn: Connection, name: str) -> OptionList:
    """One list. Raises `NotFound`."""
    return _found(definitions.load(conn), name)


def create_list(tx: Tx, name: str, labels: Sequence[str]) -> OptionList:
    """A new list with these options. Raises `Conflict` 409 `name_taken` for the name, or for two options of one label."""
    known = definitions.hold_to_change(tx)
    tree.refuse_taken_name(name, [(one.id, one.name) for one in known.lists.values()])
    items: list[Item] = []
    for label in labels:
        _refuse_taken(items, label)
        items.append(Item(new_id(), label, len(items)))
    definitions.save(tx, [OptionList(new_id(), name, tuple(items))])
    return get_list(tx.conn, name)


def remove_list(tx: Tx, name: str, version: int) -> None:
    """Remove a list that no custom field uses. Raises `NotFound`, `Stale`, `Conflict` 409 `in_use`."""
    known = definitions.hold_to_change(tx)
    options = _found(known, name)
    if options.version != version:
        raise Stale(as_answer(options))
    if fields := known.fields_of_list(name):
        raise Conflict("in_use", f"“{fields[0].title}” uses this list.")
    definitions.remove(tx, options)


def add_item(tx: Tx, name: str, label: str, position: int | None) -> tuple[OptionList, Item]:
    """Extend a list, at `position` (None: last). Raises `NotFound`, `Conflict` 409 `name_taken`."""
    item = Item(new_id(), label, 0)

    def add(items: list[Item]) -> list[Item]:
        _refuse_taken(items, label)
        return _inserted(items, item, position)

    options = _change(tx, name, None, add)
    return options, next(one for one in options.items if one.id == item.id)


def edit_item(tx: Tx, name: str, item_id: str, version: int, patch: Mapping[str, Any]) -> tuple[OptionList, Item]:
    """Rename (customers hold the id, so it shows everywhere) or move an option; `version` is the list's.

    Raises `NotFound`, `Stale`, `Conflict` 409 `name_taken`.
    """

    def edit(items: list[Item]) -> list[Item]:
        item = _item(items, item_id)
        others = [one for one in items if one.id != item_id]
        changed = replace(item, label=patch.get("label", item.label))
        _refuse_taken(others, changed.label)
        position = patch.get("position")
        return _inserted(others, changed, items.index(item) if position is None else position)

    options = _change(tx, name, version, edit)
    return options, _item(list(options.items), item_id)


def remove_item(tx: Tx, name: str, item_id: str, version: int) -> None:
    """Remove an option that no customer holds. Raises `NotFound`, `Stale`, `Conflict` 409 `in_use`."""

    def remove(items: list[Item]) -> list[Item]:
        item = _item(items, item_id)
        for field in definitions.load(tx.conn).fields_of_list(name):
            if matching.is_held(tx, f"custom.{field.id}", item.id):
                raise Conflict("in_use", f"Customers have “{item.label}” in “{field.title}”.")
        return [one for one in items if one.id != item_id]

    _change(tx, name, version, remove)


def _change(tx: Tx, name: str, version: int | None, how: Callable[[list[Item]], list[Item]]) -> OptionList:
    options = _found(definitions.hold_to_change(tx), name)
    if version is not None and options.version != version:
        raise Stale(as_answer(options))
    items = tuple(replace(item, position=at) for at, item in enumerate(how(list(options.items))))
    if items == options.items:
        return options
    changed = replace(options, items=items, version=options.version + 1)
    definitions.save(tx, [changed])
    return changed


def _inserted(items: list[Item], item: Item, position: int | None) -> list[Item]:
    at = len(items) if position is None else max(0, min(position, len(items)))
    return [*items[:at], item, *items[at:]]


def _item(items: list[Item], item_id: str) -> Item:
    found = next((item for item in items if item.id == item_id), None)
    if found is None:
        raise NotFound("There is no such option.")
    return found


def _refuse_taken(items: Sequence[Item], label: str) -> None:
    tree.refuse_taken_name(label, [(item.id, item.label) for item in items])


def _found(known: Definitions, name: str) -> OptionList:
    options = known.lists.get(name)
    if options is None:
        raise NotFound("There is no such list.")
    return options
