"""Dates as files write them: ISO, national orders, month names, spreadsheet serials; it guesses no century, no calendar."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final, Literal

from rapport_contracts.text import DECIMAL_DIGITS

DateOrder = Literal["dmy", "mdy"]

_FIRST, _LAST = date(1800, 1, 1), date(2200, 12, 31)
_EPOCH_1900: Final = date(1899, 12, 30)  # serial 60 is the 29 February 1900 that never was: right from serial 61 on
_EPOCH_1904: Final = date(1904, 1, 1)
_FALSE_LEAP_DAY: Final = 60
_MOST_SERIAL: Final = 109_938  # the end of 2200
_MONTH_FIRST: Final = frozenset({"US", "PH", "FM", "MH", "PW", "GU", "AS", "MP", "PR", "VI", "UM"})

_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[t ].*)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_NATIONAL = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})(?:[t ,].*)?")
_NAMED = re.compile(r"(?:[a-z]+,? )?(\d{1,2})(?:st|nd|rd|th)?[-. ]+([a-z]{3,9})\.?,?[-. ]+(\d{4})(?:[ ,].*)?")
_NAMED_FIRST = re.compile(r"(?:[a-z]+, )?([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})(?:[ ,].*)?")
_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
    for name in (names,)
}


def region_order(region: str) -> DateOrder:
    """How the region writes 3/4/2024: the month first only where that is the custom (CLDR, "Date formats")."""
    return "mdy" if region in _MONTH_FIRST else "dmy"


def column_order(texts: Iterable[str], region: str) -> DateOrder:
    """The order of a whole column: a part above 12 decides; without one, the region's."""
    for text in texts:
        match = _NATIONAL.fullmatch(_ascii(text))
        if match and int(match[1]) > 12 >= int(match[2]):  # noqa: PLR2004  months of a year
            return "dmy"
        if match and int(match[2]) > 12 >= int(match[1]):  # noqa: PLR2004
            return "mdy"
    return region_order(region)


def parse_date(text: str, order: DateOrder) -> date | None:
    """The date that the text says, or None. Years outside 1800–2200 are none (1402/05/06 is of another calendar)."""
    folded = _ascii(text)
    if match := _ISO.fullmatch(folded) or _COMPACT.fullmatch(folded):
        return _date(int(match[1]), int(match[2]), int(match[3]))
    if match := _NATIONAL.fullmatch(folded):
        day, month = (1, 2) if order == "dmy" else (2, 1)
        return _date(int(match[3]), int(match[month]), int(match[day]))
    if match := _NAMED.fullmatch(folded):
        return _date(int(match[3]), _MONTHS.get(match[2][:3], 0), int(match[1]))
    if match := _NAMED_FIRST.fullmatch(folded):
        return _date(int(match[3]), _MONTHS.get(match[1][:3], 0), int(match[2]))
    return None


def serial_date(serial: float, *, date_1904: bool) -> date | None:
    """The date of a spreadsheet's serial number (ECMA-376 part 1, 18.17.4 "Dates and Times"), or None out of range."""
    days = int(serial)
    if not 1 <= days <= _MOST_SERIAL:
        return None
    if date_1904:
        return _EPOCH_1904 + timedelta(days=days)
    if days == _FALSE_LEAP_DAY:
        return None
    return _EPOCH_1900 + timedelta(days=days + (1 if days < _FALSE_LEAP_DAY else 0))


def _ascii(text: str) -> str:
    return (text if text.isascii() else text.translate(DECIMAL_DIGITS)).strip().lower()


def _date(year: int, month: int, day: int) -> date | None:
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return found if _FIRST <= found <= _LAST else None
