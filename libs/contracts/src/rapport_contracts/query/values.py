"""Values of conditions: each type's JSON form to its typed operand, refused with a code and words when it is not of the type."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final

from rapport_contracts.text import digits

from .fields import FieldType
from .fold import comparable
from .tree import GroupRef, Op, Period, Scalar

MAX_TEXT: Final = 200
_LEAST_CONTAINED: Final = 2
_INTEGER_LIMIT: Final = 2**63
_LONGEST_PERIOD: Final = 100_000
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_FIRST_YEAR, _LAST_YEAR = 1700, 2200
_UNITS: Final = ("day", "week", "month", "year")


class WrongValue(Exception):  # noqa: N818
    """A value is not one for this field and op."""

    def __init__(self, code: str, detail: str, at: str = "") -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.at = at


def scalar(type_: FieldType, op: Op, value: Any) -> Scalar:
    """One value. Raises `WrongValue`."""
    if op in {Op.WITHIN_LAST, Op.WITHIN_NEXT, Op.OLDER_THAN}:
        return _period(value)
    if type_ in _TEXTUAL:
        return _text(type_, op, value)
    return _SCALARS[type_](value)


def _text(type_: FieldType, op: Op, value: Any) -> str:
    text = _string(value)
    compared = digits(text) if type_ is FieldType.PHONE and op is not Op.IS else comparable(text)
    least = _LEAST_CONTAINED if op is Op.CONTAINS else 1
    if len(compared) < least:
        what = "digits" if type_ is FieldType.PHONE else "characters"
        raise WrongValue("too_short", f"“{op}” needs at least {least} {what}.")
    return text


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise WrongValue("wrong_type", "A text is needed.")
    if len(value) > MAX_TEXT:
        raise WrongValue("too_long", f"At most {MAX_TEXT} characters.")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise WrongValue("wrong_type", "The text holds half a character.") from error
    return value


def _identifier(value: Any) -> str:
    text = _string(value)
    if not text:
        raise WrongValue("too_short", "An id is needed.")
    return text


def _kind(value: Any) -> str:
    if value not in ("person", "organization"):
        raise WrongValue("wrong_type", "“person” or “organization”.")
    return str(value)


def _group(value: Any) -> GroupRef:
    if isinstance(value, str):
        return GroupRef(_identifier(value))
    if not isinstance(value, dict) or not {"id"} <= value.keys() <= {"id", "subgroups"}:
        raise WrongValue("wrong_type", 'A group\'s id, or {"id", "subgroups"}.')
    subgroups = value.get("subgroups", False)
    if not isinstance(subgroups, bool):
        raise WrongValue("wrong_type", "true or false.", ".subgroups")
    return GroupRef(_identifier(value["id"]), subgroups)


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise WrongValue("wrong_type", "true or false.")
    return value


def _integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise WrongValue("wrong_type", "A whole number is needed.")
    if not -_INTEGER_LIMIT <= value < _INTEGER_LIMIT:
        raise WrongValue("wrong_type", "The number is out of range.")
    return value


def _date(value: Any) -> date:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise WrongValue("wrong_type", "A date YYYY-MM-DD is needed.")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise WrongValue("wrong_type", "There is no such day.") from error


def _instant(value: Any) -> datetime | date:
    if isinstance(value, str) and _DAY.fullmatch(value):
        return _in_range(_date(value))
    try:
        at = datetime.fromisoformat(_string(value))
    except ValueError as error:
        raise WrongValue("wrong_type", "A date, or an instant such as 2026-01-31T10:00:00Z.") from error
    if at.tzinfo is None:
        raise WrongValue("wrong_type", "An instant needs its offset, such as Z.")
    return _in_range(at)


def _in_range(value: datetime | date) -> datetime | date:
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        raise WrongValue("wrong_type", f"A year from {_FIRST_YEAR} to {_LAST_YEAR}.")
    return value


def _period(value: Any) -> Period:
    if not isinstance(value, dict) or value.keys() != {"amount", "unit"}:
        raise WrongValue("wrong_type", '{"amount", "unit"} is needed.')
    amount, unit = value["amount"], value["unit"]
    if isinstance(amount, bool) or not isinstance(amount, int) or not 1 <= amount <= _LONGEST_PERIOD:
        raise WrongValue("wrong_type", f"A whole number from 1 to {_LONGEST_PERIOD}.", ".amount")
    if unit not in _UNITS:
        raise WrongValue("wrong_type", "day, week, month or year.", ".unit")
    return Period(amount, unit)


_TEXTUAL: Final = frozenset({FieldType.TEXT, FieldType.EMAIL, FieldType.PHONE, FieldType.LIST})
_SCALARS: Final[dict[FieldType, Callable[[Any], Scalar]]] = {
    FieldType.KIND: _kind,
    FieldType.GROUP: _group,
    FieldType.USER: _identifier,
    FieldType.BOOLEAN: _boolean,
    FieldType.INTEGER: _integer,
    FieldType.DATE: _date,
    FieldType.INSTANT: _instant,
}
