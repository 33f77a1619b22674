"""The fields a caller may name, from this process's copy of the definitions: a field one may not see does not exist (Q6, C4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rapport_chassis.auth import Caller, Directory
from rapport_contracts.query import BUILT_IN, Field, custom_field


@dataclass(frozen=True, slots=True)
class Catalog:
    """Built-in fields and the custom ones that the caller sees; `scopes` are the groups that some of these belong to."""

    custom: Mapping[str, Field]
    scopes: Mapping[str, frozenset[str]]

    def field(self, name: str) -> Field | None:
        """The field of that name, None when there is none for this caller."""
        return BUILT_IN.get(name) or self.custom.get(name)

    def shown(self, values: Mapping[str, Any], groups: Iterable[str]) -> dict[str, Any]:
        """Custom values of a customer in `groups`, cut to the fields that the caller sees there."""
        held = list(groups)
        return {
            field_id: value
            for field_id, value in values.items()
            if f"custom.{field_id}" in self.custom and self._shows(f"custom.{field_id}", held)
        }

    def _shows(self, name: str, groups: Iterable[str]) -> bool:
        scope = self.scopes.get(name)
        return scope is None or not scope.isdisjoint(groups)


class Catalogs:
    """Makes catalogs; kept until the definitions or rights change."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._made: dict[frozenset[str] | None, Catalog] = {}
        self._seen = -1

    def of(self, caller: Caller) -> Catalog:
        """The caller's catalog."""
        now = self._directory.changed.count
        if now != self._seen:
            self._made, self._seen = {}, now
        known = self._made.get(caller.view_groups)
        if known is None:
            known = self._made[caller.view_groups] = self._make(caller)
        return known

    def _make(self, caller: Caller) -> Catalog:
        custom: dict[str, Field] = {}
        scopes: dict[str, frozenset[str]] = {}
        for definition in self._directory.definitions("field"):
            groups = definition.get("group_ids") or []
            if not groups or caller.sees_any(groups):
                field = custom_field(definition["id"], definition["field_type"])
                custom[field.name] = field
                if groups:
                    scopes[field.name] = frozenset().union(*map(self._directory.subtree, groups))
        return Catalog(custom, scopes)
