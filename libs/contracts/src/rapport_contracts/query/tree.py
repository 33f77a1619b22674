"""A checked query tree: nodes and operands, typed. Only `parse` makes one: its holder need not check again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from .fields import CUSTOM, Field


class Op(StrEnum):
    """What a condition asks."""

    IS = "is"
    IS_NOT = "is_not"
    IN = "in"
    CONTAINS = "contains"
    STARTS_WITH = "starts_with"
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    BETWEEN = "between"
    FILLED = "filled"
    EMPTY = "empty"
    WITHIN_LAST = "within_last"
    WITHIN_NEXT = "within_next"
    OLDER_THAN = "older_than"


@dataclass(frozen=True, slots=True)
class Period:
    """A number of calendar units, such as 7 days; resolved in the workspace's zone when the query is asked."""

    amount: int
    unit: str


@dataclass(frozen=True, slots=True)
class GroupRef:
    """A group, alone or with everything below it."""

    id: str
    subgroups: bool = False


Day = date
Scalar = str | int | bool | datetime | date | Period | GroupRef
Value = Scalar | tuple[Scalar, ...] | None


@dataclass(frozen=True, slots=True)
class Condition:
    """`field op value`; the value has the type that `fields.OPS` and `values` give to this field and op."""

    field: Field
    op: Op
    value: Value = None


@dataclass(frozen=True, slots=True)
class AllOf:
    """Intersection; without children: everything."""

    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Union; without children: nothing."""

    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class NoneOf:
    """What no child takes; without children: everything."""

    children: tuple[Node, ...]


Node = AllOf | AnyOf | NoneOf | Condition


def custom_fields_in(node: Node) -> Iterator[str]:
    """The ids of the custom fields that a tree names, repeated as often as it does."""
    if isinstance(node, Condition):
        if node.field.name.startswith(CUSTOM):
            yield node.field.name.removeprefix(CUSTOM)
        return
    for child in node.children:
        yield from custom_fields_in(child)
