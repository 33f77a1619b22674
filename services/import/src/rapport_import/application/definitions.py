"""The groups and custom fields that a caller may see and fill, from the copy of customers' definitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapport_chassis.auth import Caller
from rapport_contracts.text import normalise
from rapport_import.domain.targets import Target, catalogue, field_target
from rapport_import.store.connection import Connection
from rapport_import.store.definitions import live_definitions


@dataclass(frozen=True, slots=True)
class Definitions:
    """What a caller has to choose from."""

    targets: Mapping[str, Target]
    groups_seen: frozenset[str]
    groups_filled: frozenset[str]
    group_names: Mapping[str, str]
    """Normalised name, or path with slashes, → id, of groups that may be filled; a name that two groups have is left out."""


def load_definitions(conn: Connection, caller: Caller) -> Definitions:
    """The definitions as the caller sees them: what is scoped to groups that the caller does not see is not there."""
    documents = live_definitions(conn)
    lists = {one["name"]: one for one in documents if one["type"] == "list"}
    fields = [one for one in documents if one["type"] == "field" and _shown(one, caller)]
    groups = {one["id"]: one for one in documents if one["type"] == "group"}
    seen = frozenset(group for group in groups if caller.sees_any([group]))
    filled = frozenset(group for group in seen if caller.edits_any([group]))
    fields.sort(key=lambda one: (one.get("position", 0), one["title"]))
    targets = catalogue(field_target(one, lists) for one in fields)
    return Definitions(targets, seen, filled, _names(groups, filled))


def _shown(field: Mapping[str, Any], caller: Caller) -> bool:
    return not field.get("group_ids") or caller.sees_any(field["group_ids"])


def _names(groups: Mapping[str, Mapping[str, Any]], filled: frozenset[str]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for group_id in filled:
        path = _path(group_id, groups)
        for name in {normalise(path[-1]), "/".join(normalise(part) for part in path)}:
            found.setdefault(name, []).append(group_id)
    return {name: ids[0] for name, ids in found.items() if len(ids) == 1}


def _path(group_id: str, groups: Mapping[str, Mapping[str, Any]]) -> Sequence[str]:
    path: list[str] = []
    seen: set[str] = set()
    at: str | None = group_id
    while at is not None and at in groups and at not in seen:
        seen.add(at)
        path.insert(0, groups[at]["name"])
        at = groups[at].get("parent_id")
    return path
