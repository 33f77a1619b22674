"""Groups, sections, custom fields and lists as they are now, and what follows from them: subtrees, scopes, names in use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Literal

from rapport_contracts.text import normalise

FieldType = Literal["text", "integer", "boolean", "date", "list"]


@dataclass(frozen=True, slots=True)
class Group:
    """A node of the group tree (C3)."""

    type: ClassVar[str] = "group"
    id: str
    name: str
    parent_id: str | None = None
    position: int = 0
    version: int = 1


@dataclass(frozen=True, slots=True)
class Section:
    """A section of custom fields (C4); built-in ones stay."""

    type: ClassVar[str] = "section"
    id: str
    title: str
    position: int = 0
    built_in: bool = False
    version: int = 1


@dataclass(frozen=True, slots=True)
class CustomField:
    """A custom field (C4). Without `group_ids` every customer has it, else members of these groups and of those below."""

    type: ClassVar[str] = "field"
    id: str
    title: str
    field_type: FieldType
    section_id: str
    position: int = 0
    group_ids: tuple[str, ...] = ()
    list: str | None = None
    multiple: bool = False
    placement: Literal["basic", "additional"] = "basic"
    required: bool = False
    visible_in_search: bool = False
    version: int = 1


@dataclass(frozen=True, slots=True)
class Item:
    """An option of a list."""

    id: str
    label: str
    position: int


@dataclass(frozen=True, slots=True)
class OptionList:
    """A named, ordered, reusable list of options (C4); its name is its identity."""

    type: ClassVar[str] = "list"
    id: str
    name: str
    items: tuple[Item, ...] = ()
    version: int = 1

    def item(self, said: str) -> Item | None:
        """The item with this id, or else with this label (compared normalised)."""
        by_id = next((item for item in self.items if item.id == said), None)
        wanted = normalise(said)
        return by_id or next((item for item in self.items if normalise(item.label) == wanted), None)


Definition = Group | Section | CustomField | OptionList


@dataclass(frozen=True)
class Definitions:
    """All definitions at one moment."""

    groups: Mapping[str, Group] = field(default_factory=dict)
    sections: Mapping[str, Section] = field(default_factory=dict)
    fields: Mapping[str, CustomField] = field(default_factory=dict)
    lists: Mapping[str, OptionList] = field(default_factory=dict)

    @cached_property
    def _children(self) -> dict[str | None, list[Group]]:
        children: dict[str | None, list[Group]] = {}
        for group in self.groups.values():
            children.setdefault(group.parent_id, []).append(group)
        return {parent: sorted(below, key=lambda one: (one.position, one.id)) for parent, below in children.items()}

    def children(self, parent_id: str | None) -> list[Group]:
        """The groups directly below `parent_id` (None: the roots), in their order."""
        return self._children.get(parent_id, [])

    def subtree(self, group_ids: Iterable[str]) -> frozenset[str]:
        """These groups and all below them (features.md C3: a group's access and scope cover its subgroups)."""
        found: set[str] = set()
        rest = list(group_ids)
        while rest:
            group_id = rest.pop()
            if group_id not in found:
                found.add(group_id)
                rest.extend(child.id for child in self.children(group_id))
        return frozenset(found)

    @cached_property
    def _scopes(self) -> dict[str, frozenset[str]]:
        return {one.id: self.subtree(one.group_ids) for one in self.fields.values() if one.group_ids}

    def shows(self, field_id: str, groups: Iterable[str]) -> bool:
        """Whether a customer in `groups` has the field (C4: only members of its groups show it)."""
        scope = self._scopes.get(field_id)
        return field_id in self.fields and (scope is None or not scope.isdisjoint(groups))

    def seen_by(self, field_id: str, view_groups: frozenset[str] | None) -> bool:
        """Whether a caller of these groups (None: all) may know the field (C4: only users of its groups see it)."""
        known = self.fields.get(field_id)
        if known is None:
            return False
        return not known.group_ids or view_groups is None or not view_groups.isdisjoint(known.group_ids)

    def fields_seen(self, view_groups: frozenset[str] | None, groups: Iterable[str]) -> frozenset[str]:
        """The fields of a customer in `groups` that a caller of `view_groups` sees."""
        held = list(groups)
        return frozenset(
            field_id for field_id in self.fields if self.shows(field_id, held) and self.seen_by(field_id, view_groups)
        )

    def fields_of_list(self, name: str) -> list[CustomField]:
        """The fields that offer this list."""
        return [one for one in self.fields.values() if one.list == name]


def as_document(definition: Definition) -> dict[str, Any]:
    """The document of customers.definitions.v1 (`rapport_contracts.events`)."""
    from dataclasses import fields

    document = {one.name: getattr(definition, one.name) for one in fields(definition)}
    if isinstance(definition, CustomField):
        document["group_ids"] = list(definition.group_ids)
    if isinstance(definition, OptionList):
        document["items"] = [
            {"id": item.id, "label": item.label, "position": item.position} for item in definition.items
        ]
    return {"type": definition.type} | document | {"removed": False}


def from_document(document: Mapping[str, Any]) -> Definition:
    """The definition of a stored document."""
    values = {name: value for name, value in document.items() if name not in {"type", "removed"}}
    match document["type"]:
        case "group":
            return Group(**values)
        case "section":
            return Section(**values)
        case "field":
            return CustomField(**values | {"group_ids": tuple(values["group_ids"])})
        case _:
            return OptionList(**values | {"items": tuple(Item(**item) for item in values["items"])})
