"""A search plan: a query with nothing left to look up (groups expanded, periods resolved, texts folded), ready for any engine.

Engines compile it; it knows of no customer, no caller and no clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Everything:
    """Every customer."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """No customer."""


@dataclass(frozen=True, slots=True)
class And:
    """Intersection of at least one."""

    children: tuple[Plan, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Union of at least one."""

    children: tuple[Plan, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The complement."""

    child: Plan


@dataclass(frozen=True, slots=True)
class TextIs:
    """A value of the field equals one of the folded texts."""

    field: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TextHas:
    """A value of the field has the folded text in it: anywhere, at its `start`, or at the start of a `word`."""

    field: str
    text: str
    at: str = "anywhere"


@dataclass(frozen=True, slots=True)
class Filled:
    """The field has a value."""

    field: str


@dataclass(frozen=True, slots=True)
class Keyword:
    """A value of a keyword field (`id, kind, group, created_by, enabled`) is one of these."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Instants:
    """`created_at` or `updated_at` in [low, high), microseconds since the epoch; None is open."""

    field: str
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Numbers:
    """An integer of a custom field in [low, high]; None is open."""

    field: str
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Days:
    """A date of a custom field in [low, high], as YYYY-MM-DD; None is open."""

    field: str
    low: str | None
    high: str | None


@dataclass(frozen=True, slots=True)
class Flag:
    """A boolean custom field is set to this value."""

    field: str
    value: bool


Plan = Everything | Nothing | And | Or | Not | TextIs | TextHas | Filled | Keyword | Instants | Numbers | Days | Flag


def both(plans: Iterable[Plan]) -> Plan:
    """The intersection, without what adds nothing."""
    kept = tuple(plan for plan in plans if not isinstance(plan, Everything))
    if any(isinstance(plan, Nothing) for plan in kept):
        return Nothing()
    return kept[0] if len(kept) == 1 else And(kept) if kept else Everything()


def either(plans: Iterable[Plan]) -> Plan:
    """The union, without what adds nothing."""
    kept = tuple(plan for plan in plans if not isinstance(plan, Nothing))
    if any(isinstance(plan, Everything) for plan in kept):
        return Everything()
    return kept[0] if len(kept) == 1 else Or(kept) if kept else Nothing()


def opposite(plan: Plan) -> Plan:
    """The complement, without double negation."""
    if isinstance(plan, Not):
        return plan.child
    if isinstance(plan, Everything):
        return Nothing()
    return Everything() if isinstance(plan, Nothing) else Not(plan)
