"""The Solar Hijri calendar as presentation: a Gregorian date in Jalali figures (33-year rule, right for 1178 to 1633 AP)."""

from __future__ import annotations

from datetime import date
from typing import Final

_MONTHS: Final = (31, 31, 31, 31, 31, 31, 30, 30, 30, 30, 30, 30)


def _days_before(year: int) -> int:
    """Days from the start of year 1 to the start of `year`; eight leap years in 33."""
    return 365 * (year - 1) + (8 * year + 21) // 33


_EPOCH: Final = date(2024, 3, 20).toordinal() - _days_before(1403)  # 1 Farvardin 1403


def to_jalali(day: date) -> tuple[int, int, int]:
    """(year, month, day) of a Gregorian date."""
    number = day.toordinal() - _EPOCH
    year = day.year - 621
    while _days_before(year) > number:
        year -= 1
    rest = number - _days_before(year)
    month = 0
    while month < len(_MONTHS) - 1 and rest >= _MONTHS[month]:
        rest -= _MONTHS[month]
        month += 1
    return year, month + 1, rest + 1
