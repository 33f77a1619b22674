"""The brute force that every search engine must equal (features.md Q9): one document at a time, straight from the query's words.

It shares with the engines the reading of a document (`values_of`) and nothing else: no windows, no tokens, no plans.
"""

from __future__ import annotations

import calendar
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from rapport_contracts.phone import phone_key
from rapport_contracts.query import (
    AllOf,
    AnyOf,
    Condition,
    FieldType,
    GroupRef,
    Node,
    Op,
    Period,
    QueryContext,
    comparable,
    values_of,
)
from rapport_contracts.query.fold import email_key
from rapport_contracts.text import collation_key, digits

Document = Mapping[str, Any]


def matches(node: Node, document: Document, context: QueryContext, view_groups: frozenset[str] | None = None) -> bool:
    """Whether the tree takes the document. `view_groups` are the groups that the asker knows of (None: all)."""
    if isinstance(node, Condition):
        return _holds(node, document, context, view_groups)
    found = (matches(child, document, context, view_groups) for child in node.children)
    if isinstance(node, AllOf):
        return all(found)
    return any(found) if isinstance(node, AnyOf) else not any(found)


def visible(documents: Iterable[Document], view_groups: frozenset[str] | None) -> list[Document]:
    """The documents in a group that the asker may view."""
    return [each for each in documents if view_groups is None or view_groups & set(each["groups"])]


def ordered(documents: Iterable[Document], field: str, *, descending: bool = False) -> list[str]:
    """The ids in the order of a sort: by collation (texts) or instant, empty ones last, ties by id; or the reverse."""

    def key(document: Document) -> tuple[int, Any, str]:
        value = _sorted_by(document, field)
        if value in (None, ""):
            return (1, b"", document["id"])
        return (0, _utc(value) if field.endswith("_at") else collation_key(value), document["id"])

    return [each["id"] for each in sorted(documents, key=key, reverse=descending)]


def facet(documents: Iterable[Document], field: str) -> Counter[str]:
    """Value -> how many of the documents have it."""
    counted: Counter[str] = Counter()
    for document in documents:
        found = {str(value).lower() if field == "enabled" else value for value in values_of(document, field)}
        counted.update(found)
    return counted


def _sorted_by(document: Document, field: str) -> Any:
    if field in {"city", "province", "country"}:
        return (document.get("address") or {}).get(field)
    if field == "enabled":
        return "true" if document.get("enabled", True) else "false"
    if field == "email":
        found = [one for one in document.get("contacts") or () if one["kind"] == "email"]
        return next((one["value"] for one in (*(one for one in found if one.get("primary")), *found)), None)
    if field == "name" and document["kind"] == "person":
        return " ".join(filter(None, (document.get("first_name"), document.get("last_name"))))
    return document.get(field)


def _holds(condition: Condition, document: Document, context: QueryContext, view_groups: frozenset[str] | None) -> bool:
    values = values_of(document, condition.field.name)
    if condition.op in {Op.FILLED, Op.EMPTY}:
        return bool(values) is (condition.op is Op.FILLED)
    if condition.field.type is FieldType.GROUP and view_groups is not None:
        values = [value for value in values if value in view_groups]
    found = any(_one(condition, value, context) for value in values)
    return not found if condition.op is Op.IS_NOT else found


def _one(condition: Condition, value: Any, context: QueryContext) -> bool:
    wanted = condition.value
    if condition.op is Op.IN:
        assert isinstance(wanted, tuple)
        return any(_same(condition.field.type, one, value, context) for one in wanted)
    if condition.op in {Op.IS, Op.IS_NOT}:
        return _same(condition.field.type, wanted, value, context)
    if condition.op in {Op.CONTAINS, Op.STARTS_WITH}:
        phone = condition.field.type is FieldType.PHONE
        part = digits(str(wanted)) if phone else comparable(str(wanted))
        return value.startswith(part) if condition.op is Op.STARTS_WITH else part in value
    if isinstance(wanted, Period):
        return _in_period(condition.op, wanted, _day(value, context), context)
    return _compared(condition.op, wanted, value, context)


def _same(type_: FieldType, wanted: Any, value: Any, context: QueryContext) -> bool:
    if isinstance(wanted, GroupRef):
        return value in context.subtree(wanted.id) if wanted.subgroups else value == wanted.id
    if type_ is FieldType.INSTANT:
        return _equal_instant(wanted, value, context)
    if type_ is FieldType.EMAIL:
        return bool(value == email_key(wanted))
    if type_ is FieldType.PHONE:
        return bool(value == digits(phone_key(wanted, context.region) or wanted))
    if type_ is FieldType.USER:
        return bool(value == (context.user_id if wanted == "me" else wanted))
    plain = wanted.isoformat() if type_ is FieldType.DATE else wanted
    return bool(value == (comparable(plain) if type_ in {FieldType.TEXT, FieldType.LIST} else plain))


def _equal_instant(wanted: Any, value: str, context: QueryContext) -> bool:
    return _utc(value) == wanted if isinstance(wanted, datetime) else _day(value, context) == wanted


def _compared(op: Op, wanted: Any, value: Any, context: QueryContext) -> bool:
    if op is Op.BETWEEN:
        low, high = wanted
        return _compared(Op.GTE, low, value, context) and _compared(Op.LTE, high, value, context)
    held = value
    if isinstance(wanted, datetime):
        held = _utc(value)
    elif isinstance(wanted, date):
        held = _day(value, context)
    answers = {Op.GT: held > wanted, Op.GTE: held >= wanted, Op.LT: held < wanted, Op.LTE: held <= wanted}
    return bool(answers[op])


def _in_period(op: Op, period: Period, day: date, context: QueryContext) -> bool:
    today = context.now.astimezone(context.zone).date()
    if op is Op.WITHIN_NEXT:
        return today <= day < _moved(today, period, 1)
    edge = _moved(today, period, -1)
    return day <= edge if op is Op.OLDER_THAN else edge < day <= today


def _moved(day: date, period: Period, sign: int) -> date:
    if period.unit == "day":
        return day + sign * timedelta(days=period.amount)
    if period.unit == "week":
        return day + sign * timedelta(weeks=period.amount)
    months = (12 if period.unit == "year" else 1) * period.amount * sign
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _utc(value: str) -> datetime:
    return datetime.fromisoformat(value).astimezone(UTC)


def _day(value: str, context: QueryContext) -> date:
    return date.fromisoformat(value) if len(value) == len("YYYY-MM-DD") else _utc(value).astimezone(context.zone).date()


__all__: Sequence[str] = ("facet", "matches", "ordered", "visible")
