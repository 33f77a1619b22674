"""The group tree's rules (C3) and the order of siblings; sections, fields and options are ordered the same way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from rapport_chassis.problems import Conflict, FieldError, Invalid
from rapport_contracts.text import normalise
from rapport_customers.domain.definitions import CustomField, Definitions, Group, Section

Ordered = TypeVar("Ordered", Group, Section, CustomField)


def placed(siblings: Iterable[Ordered], moved: Ordered, position: int | None) -> list[Ordered]:
    """The siblings in order with `moved` at `position` (None: the end), numbered 0, 1, …; only those that changed are given.

    `moved` is always given; its version is the caller's affair, a shifted sibling's is one higher.
    """
    others: list[Ordered] = sorted(
        (one for one in siblings if one.id != moved.id), key=lambda one: (one.position, one.id)
    )
    at: int = len(others) if position is None else max(0, min(position, len(others)))
    ordered: list[Ordered] = others[:at] + [moved] + others[at:]  # noqa: RUF005  mypy loses the type otherwise
    changed: list[Ordered] = []
    for place, one in enumerate(ordered):
        if one.id == moved.id:
            changed.append(replace(one, position=place))
        elif one.position != place:
            changed.append(replace(one, position=place, version=one.version + 1))
    return changed


def refuse_taken_name(name: str, siblings: Sequence[tuple[str, str]], own_id: str | None = None) -> None:
    """Raises `Conflict` 409 `name_taken` when another of `siblings` (id, name) has this name, compared normalised."""
    wanted = normalise(name)
    if any(normalise(other) == wanted and other_id != own_id for other_id, other in siblings):
        raise Conflict("name_taken", f"There is one named “{name}” already.")


def refuse_circle(definitions: Definitions, group_id: str, parent_id: str | None) -> None:
    """Raises `Invalid` when `parent_id` is the group itself or below it."""
    if parent_id is not None and parent_id in definitions.subtree([group_id]):
        detail = "A group cannot be moved below itself."
        raise Invalid(detail, FieldError("parent_id", "circle", detail))


def names_below(definitions: Definitions, parent_id: str | None) -> list[tuple[str, str]]:
    """Id and name of the groups directly below `parent_id`."""
    return [(group.id, group.name) for group in definitions.children(parent_id)]
