"""Calendar days of the workspace's zone, today included; periods; windows of instants (Q3)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from rapport_contracts.query import BUILT_IN, Condition, Op, Period, QueryContext, days_of_period, instants

TODAY = date(2026, 3, 31)


def context(now: datetime, zone: str) -> QueryContext:
    return QueryContext(now, ZoneInfo(zone), "IR", "u1", lambda group: frozenset({group}))


def window(op: Op, value: Any, now: datetime, zone: str) -> tuple[str | None, str | None]:
    low, high = instants(Condition(BUILT_IN["created_at"], op, value), context(now, zone))
    return tuple(at.isoformat() if at else None for at in (low, high))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("op", "period", "first", "last"),
    [
        (Op.WITHIN_LAST, Period(1, "day"), date(2026, 3, 31), TODAY),
        (Op.WITHIN_LAST, Period(7, "day"), date(2026, 3, 25), TODAY),
        (Op.WITHIN_LAST, Period(2, "week"), date(2026, 3, 18), TODAY),
        (Op.WITHIN_LAST, Period(1, "month"), date(2026, 3, 1), TODAY),  # a month back from the 31st is 28 February
        (Op.WITHIN_LAST, Period(1, "year"), date(2025, 4, 1), TODAY),
        (Op.OLDER_THAN, Period(7, "day"), None, date(2026, 3, 24)),
        (Op.OLDER_THAN, Period(1, "year"), None, date(2025, 3, 31)),
        (Op.WITHIN_NEXT, Period(1, "day"), TODAY, TODAY),
        (Op.WITHIN_NEXT, Period(7, "day"), TODAY, date(2026, 4, 6)),
        (Op.WITHIN_NEXT, Period(1, "month"), TODAY, date(2026, 4, 29)),  # a month on from the 31st is 30 April
        (Op.WITHIN_LAST, Period(100_000, "year"), date(1, 1, 2), TODAY),
        (Op.WITHIN_NEXT, Period(100_000, "year"), TODAY, date(9999, 12, 30)),
    ],
)
def test_periods_are_calendar_days_with_today(op: Op, period: Period, first: date | None, last: date) -> None:
    """Q3."""
    assert days_of_period(op, period, TODAY) == (first, last)


def test_today_is_the_workspaces_day_not_utcs() -> None:
    """At 21:45 UTC it is already tomorrow in Tehran (+03:30)."""
    now = datetime(2026, 3, 30, 21, 45, tzinfo=UTC)
    expected = ("2026-03-30T20:30:00+00:00", "2026-03-31T20:30:00+00:00")
    assert window(Op.WITHIN_LAST, Period(1, "day"), now, "Asia/Tehran") == expected
    assert window(Op.WITHIN_LAST, Period(1, "day"), now, "UTC")[0] == "2026-03-30T00:00:00+00:00"


def test_a_day_of_23_hours_is_that_long() -> None:
    """Europe/Berlin, 29 March 2026."""
    found = window(Op.IS, date(2026, 3, 29), datetime(2026, 4, 1, tzinfo=UTC), "Europe/Berlin")
    assert found == ("2026-03-28T23:00:00+00:00", "2026-03-29T22:00:00+00:00")


def test_a_day_that_begins_at_one_o_clock_begins_there() -> None:
    """America/Asuncion, 6 October 2024: midnight was skipped."""
    found = window(Op.GTE, date(2024, 10, 6), datetime(2026, 4, 1, tzinfo=UTC), "America/Asuncion")
    assert found == ("2024-10-06T04:00:00+00:00", None)


def test_days_are_whole_and_instants_exact() -> None:
    day, at = date(2026, 1, 2), datetime(2026, 1, 2, 10, tzinfo=UTC)
    now = datetime(2026, 4, 1, tzinfo=UTC)
    midnight, next_ = "2026-01-02T00:00:00+00:00", "2026-01-03T00:00:00+00:00"
    assert window(Op.GT, day, now, "UTC") == (next_, None)
    assert window(Op.GTE, day, now, "UTC") == (midnight, None)
    assert window(Op.LT, day, now, "UTC") == (None, midnight)
    assert window(Op.LTE, day, now, "UTC") == (None, next_)
    assert window(Op.BETWEEN, (day, day), now, "UTC") == (midnight, next_)
    assert window(Op.GT, at, now, "UTC") == ("2026-01-02T10:00:00.000001+00:00", None)
    assert window(Op.LTE, at, now, "UTC") == (None, "2026-01-02T10:00:00.000001+00:00")
    assert window(Op.IS_NOT, at, now, "UTC") == window(Op.IS, at, now, "UTC")
