"""Sections of custom fields (C4): built-in ones can be renamed and moved, never removed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rapport_chassis.db import Tx
from rapport_chassis.ids import new_id
from rapport_chassis.problems import Conflict, NotFound, Stale
from rapport_customers.domain import tree
from rapport_customers.domain.definitions import Definitions, Section
from rapport_customers.store import definitions
from rapport_customers.store.connection import Connection


def as_answer(section: Section) -> dict[str, Any]:
    """A section as the API shows it."""
    shown = {"id": section.id, "title": section.title, "position": section.position}
    return shown | {"built_in": section.built_in, "version": section.version}


def list_sections(conn: Connection) -> list[dict[str, Any]]:
    """All sections in their order."""
    found = definitions.load(conn).sections.values()
    return [as_answer(one) for one in sorted(found, key=lambda one: (one.position, one.id))]


def create_section(tx: Tx, title: str, position: int | None) -> Section:
    """A new section. Raises `Conflict` 409 `name_taken`."""
    known = definitions.hold_to_change(tx)
    tree.refuse_taken_name(title, _titles(known))
    section = Section(new_id(), title)
    changed = tree.placed(known.sections.values(), section, position)
    definitions.save(tx, changed)
    return next(one for one in changed if one.id == section.id)


def edit_section(tx: Tx, section_id: str, version: int, patch: Mapping[str, Any]) -> Section:
    """Rename or move. Raises `NotFound`, `Stale`, `Conflict` 409 `name_taken`."""
    known = definitions.hold_to_change(tx)
    before = _found(known, section_id, version)
    title, position = patch.get("title", before.title), patch.get("position")
    tree.refuse_taken_name(title, _titles(known), section_id)
    after = replace(before, title=title)
    changed = [after] if position is None else tree.placed(known.sections.values(), after, position)
    after = next(one for one in changed if one.id == section_id)
    if after == before:
        return before
    after = replace(after, version=before.version + 1)
    definitions.save(tx, [after, *(one for one in changed if one.id != section_id)])
    return after


def remove_section(tx: Tx, section_id: str, version: int) -> None:
    """Remove an empty section of the user's own. Raises `NotFound`, `Stale`, `Conflict` 409 `in_use`."""
    known = definitions.hold_to_change(tx)
    section = _found(known, section_id, version)
    if section.built_in:
        raise Conflict("in_use", "A built-in section cannot be removed.")
    if any(field.section_id == section_id for field in known.fields.values()):
        raise Conflict("in_use", "Custom fields stand in this section: move them first.")
    definitions.remove(tx, section)


def _titles(known: Definitions) -> list[tuple[str, str]]:
    return [(one.id, one.title) for one in known.sections.values()]


def _found(known: Definitions, section_id: str, version: int) -> Section:
    section = known.sections.get(section_id)
    if section is None:
        raise NotFound("There is no such section.")
    if section.version != version:
        raise Stale(as_answer(section))
    return section
