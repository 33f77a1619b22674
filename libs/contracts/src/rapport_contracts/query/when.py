"""Time in queries: calendar days of the workspace's zone, today included; relative periods; windows of instants (Q3)."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from .tree import Condition, Op, Period

_MICROSECOND = timedelta(microseconds=1)
_DAY = timedelta(days=1)
_DAYS = {"day": 1, "week": 7}
_MONTHS = {"month": 1, "year": 12}
Window = tuple[datetime | None, datetime | None]
DayWindow = tuple[date | None, date | None]


@dataclass(frozen=True, slots=True)
class QueryContext:
    """What a query means depends on: the instant and zone it is asked in, the region of phones, who asks, the group tree."""

    now: datetime
    zone: ZoneInfo
    region: str
    user_id: str
    subtree: Callable[[str], frozenset[str]]


def local_today(context: QueryContext) -> date:
    """The calendar day it is in the workspace's zone."""
    return context.now.astimezone(context.zone).date()


def instants(condition: Condition, context: QueryContext) -> Window:
    """The half-open window [from, to) of instants that a condition on an instant takes; None is open (`is_not` as `is`)."""
    value = condition.value
    if isinstance(value, Period):
        first, last = days_of_period(condition.op, value, local_today(context))
        return (_starts(first, context) if first else None, _ends(last, context) if last else None)
    if isinstance(value, tuple):
        low, high = value
        return _starts(low, context), _ends(high, context)
    if condition.op in {Op.IS, Op.IS_NOT}:
        return _starts(value, context), _ends(value, context)
    if condition.op in {Op.GT, Op.GTE}:
        return (_ends if condition.op is Op.GT else _starts)(value, context), None
    return None, (_starts if condition.op is Op.LT else _ends)(value, context)


def days_of_period(op: Op, period: Period, today: date) -> DayWindow:
    """First and last day, both inclusive, None open.

    `within_last` n: n calendar units that end today. `within_next` n: n units that begin today. `older_than` n: every day before
    those of `within_last` n. A month back from the 31st is the last day of a shorter month.
    """
    if op is Op.WITHIN_NEXT:
        return today, _shifted(today, period, 1) - _DAY
    edge = _shifted(today, period, -1)
    return (None, edge) if op is Op.OLDER_THAN else (edge + _DAY, today)


def day_bounds(condition: Condition, context: QueryContext) -> DayWindow:
    """First and last day, both inclusive, None open, that a condition on a date takes (`is_not` as `is`)."""
    value = condition.value
    if isinstance(value, Period):
        return days_of_period(condition.op, value, local_today(context))
    if isinstance(value, tuple):
        low, high = value
        return low, high  # type: ignore[return-value]  # `between` of a date field holds dates
    assert isinstance(value, date)  # noqa: S101  a date field's condition holds dates
    return {
        Op.GT: (_next(value), None),
        Op.GTE: (value, None),
        Op.LT: (None, _previous(value)),
        Op.LTE: (None, value),
    }.get(condition.op, (value, value))


def _next(day: date) -> date:
    return day + _DAY if day < date.max else day


def _previous(day: date) -> date:
    return day - _DAY if day > date.min else day


def _shifted(day: date, period: Period, sign: int) -> date:
    try:
        if period.unit in _DAYS:
            return day + timedelta(days=sign * period.amount * _DAYS[period.unit])
        months = day.year * 12 + day.month - 1 + sign * period.amount * _MONTHS[period.unit]
        year, month = divmod(months, 12)
        last = calendar.monthrange(year, month + 1)[1]
        return date(year, month + 1, min(day.day, last))
    except (OverflowError, ValueError, calendar.IllegalMonthError, IndexError):
        return date.min if sign < 0 else date.max


def _starts(value: object, context: QueryContext) -> datetime:
    if isinstance(value, datetime):
        return value
    assert isinstance(value, date)  # noqa: S101  an instant's operand is a day or an instant
    return _midnight(value, context)


def _ends(value: object, context: QueryContext) -> datetime:
    if isinstance(value, datetime):
        return value + _MICROSECOND
    assert isinstance(value, date)  # noqa: S101
    return _midnight(value + _DAY, context)


def _midnight(day: date, context: QueryContext) -> datetime:
    return datetime.combine(day, time.min, context.zone).astimezone(UTC)
