"""From a checked query tree to a plan: groups expanded and cut to the caller's, periods resolved to instants, texts folded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from rapport_contracts.phone import phone_key
from rapport_contracts.query import (
    AllOf,
    AnyOf,
    Condition,
    FieldType,
    GroupRef,
    Node,
    NoneOf,
    Op,
    QueryContext,
    comparable,
    day_bounds,
    instants,
)
from rapport_contracts.query.fold import email_key
from rapport_contracts.text import digits
from rapport_search.domain.entries import ALWAYS_FILLED
from rapport_search.domain.order import micros
from rapport_search.domain.plan import (
    Days,
    Everything,
    Filled,
    Flag,
    Instants,
    Keyword,
    Nothing,
    Numbers,
    Plan,
    TextHas,
    TextIs,
    both,
    either,
    opposite,
)

ME = "me"


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks and when. `view_groups` None sees everything; `scopes`: the groups that a scoped field is shown in (C4)."""

    context: QueryContext
    view_groups: frozenset[str] | None
    scopes: Mapping[str, frozenset[str]] = field(default_factory=dict)


def visible(asker: Asker) -> Plan:
    """The customers that the asker may see (Q6); part of every search, count, facet and scan."""
    if asker.view_groups is None:
        return Everything()
    return Keyword("group", tuple(sorted(asker.view_groups))) if asker.view_groups else Nothing()


def resolve(node: Node, asker: Asker) -> Plan:
    """The plan of a tree, without visibility."""
    if isinstance(node, AllOf):
        return both(resolve(child, asker) for child in node.children)
    if isinstance(node, AnyOf):
        return either(resolve(child, asker) for child in node.children)
    if isinstance(node, NoneOf):
        return opposite(either(resolve(child, asker) for child in node.children))
    return _condition(node, asker)


def _condition(condition: Condition, asker: Asker) -> Plan:
    name = condition.field.name
    known = _filled(name) if condition.op in {Op.FILLED, Op.EMPTY} else _positive(condition, asker)
    if (
        name in asker.scopes
    ):  # a value kept on a customer outside the field's groups is not shown, so it is not found either
        known = both([known, Keyword("group", tuple(sorted(asker.scopes[name])))])
    return opposite(known) if condition.op in {Op.IS_NOT, Op.EMPTY} else known


def _filled(name: str) -> Plan:
    return Everything() if name in ALWAYS_FILLED else Filled(name)


def _positive(condition: Condition, asker: Asker) -> Plan:
    name, type_ = condition.field.name, condition.field.type
    if type_ in {FieldType.TEXT, FieldType.EMAIL, FieldType.PHONE, FieldType.LIST}:
        return _textual(condition, asker)
    if type_ is FieldType.GROUP:
        return _groups(condition, asker)
    if type_ is FieldType.INSTANT:
        low, high = instants(condition, asker.context)
        return Instants(name, _micros(low), _micros(high))
    if type_ is FieldType.DATE:
        return _days(condition, asker)
    if type_ is FieldType.INTEGER:
        return _numbers(condition)
    return _boolean(name, condition.value is True) if type_ is FieldType.BOOLEAN else _keywords(condition, asker)


def _keywords(condition: Condition, asker: Asker) -> Plan:
    name, type_ = condition.field.name, condition.field.type
    users = [asker.context.user_id if type_ is FieldType.USER and one == ME else str(one) for one in _listed(condition)]
    return Keyword(name, tuple(dict.fromkeys(users)))


def _listed(condition: Condition) -> tuple[object, ...]:
    return condition.value if isinstance(condition.value, tuple) else (condition.value,)


def _textual(condition: Condition, asker: Asker) -> Plan:
    name, type_ = condition.field.name, condition.field.type
    if condition.op in {Op.CONTAINS, Op.STARTS_WITH}:
        text = str(condition.value)
        wanted = digits(text) if type_ is FieldType.PHONE else comparable(text)
        return TextHas(name, wanted, "start" if condition.op is Op.STARTS_WITH else "anywhere")
    folded = [_folded(type_, str(value), asker) for value in _listed(condition)]
    return TextIs(name, tuple(dict.fromkeys(folded)))


def _folded(type_: FieldType, text: str, asker: Asker) -> str:
    if type_ is FieldType.EMAIL:
        return email_key(text)
    if type_ is FieldType.PHONE:
        return digits(phone_key(text, asker.context.region) or text)
    return comparable(text)


def _groups(condition: Condition, asker: Asker) -> Plan:
    wanted: set[str] = set()
    for ref in _listed(condition):
        assert isinstance(ref, GroupRef)  # noqa: S101  a group field's condition holds group references
        wanted |= asker.context.subtree(ref.id) if ref.subgroups else {ref.id}
    if asker.view_groups is not None:
        wanted &= asker.view_groups
    return Keyword("group", tuple(sorted(wanted))) if wanted else Nothing()


def _days(condition: Condition, asker: Asker) -> Plan:
    name = condition.field.name
    if condition.op is Op.IN:
        return TextIs(name, tuple(str(day) for day in _listed(condition)))
    low, high = day_bounds(condition, asker.context)
    if (condition.op is Op.GT and low == condition.value) or (condition.op is Op.LT and high == condition.value):
        return Nothing()  # beyond the last day, before the first
    return Days(name, low.isoformat() if low else None, high.isoformat() if high else None)


def _numbers(condition: Condition) -> Plan:
    name, value = condition.field.name, condition.value
    if condition.op is Op.IN:
        return either(Numbers(name, one, one) for one in _listed(condition) if isinstance(one, int))
    if isinstance(value, tuple):
        low, high = value
        assert isinstance(low, int)  # noqa: S101  an integer field's condition holds integers
        assert isinstance(high, int)  # noqa: S101
        return Numbers(name, low, high)
    assert isinstance(value, int)  # noqa: S101
    bounds: dict[Op, tuple[int | None, int | None]] = {
        Op.GT: (value + 1, None),
        Op.GTE: (value, None),
        Op.LT: (None, value - 1),
        Op.LTE: (None, value),
    }
    return Numbers(name, *bounds.get(condition.op, (value, value)))


def _boolean(name: str, value: bool) -> Plan:
    return Keyword(name, ("true" if value else "false",)) if name == "enabled" else Flag(name, value)


def _micros(at: datetime | None) -> int | None:
    return None if at is None else micros(at)
