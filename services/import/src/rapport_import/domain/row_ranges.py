"""Which rows of a sheet are taken: `"all"`, or ranges of the file's own row numbers such as `"2-100,150"` (I2)."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

ALL = "all"
_PART = re.compile(r"\s*(\d{1,9})\s*(?:[-–]\s*(\d{1,9})\s*)?")
_MOST_PARTS = 10_000


@dataclass(frozen=True, slots=True)
class RowRanges:
    """Sorted, disjoint, inclusive spans of row numbers, counted from 1."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def __contains__(self, row: int) -> bool:
        """Whether the row is taken."""
        place = bisect_right(self.starts, row) - 1
        return place >= 0 and row <= self.ends[place]

    def covers(self, first: int, last: int) -> bool:
        """Whether every row from `first` to `last` is taken."""
        place = bisect_right(self.starts, first) - 1
        return place >= 0 and last <= self.ends[place]

    def touches(self, first: int, last: int) -> bool:
        """Whether any row from `first` to `last` is taken."""
        place = bisect_right(self.starts, last) - 1
        return place >= 0 and self.ends[place] >= first


def parse_ranges(text: str, header_row: int | None) -> RowRanges:
    """The rows that `text` means, none of them at or above the header. Raises `ValueError` with words for the person."""
    first = (header_row or 0) + 1
    if text.strip().lower() == ALL:
        return RowRanges((first,), (1 << 31,))
    spans = sorted(_span(part) for part in text.split(",")[:_MOST_PARTS])
    merged: list[list[int]] = []
    for start, end in spans:
        if end < first:
            continue
        if merged and start <= merged[-1][1] + 1:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([max(start, first), end])
    if not merged:
        raise ValueError("No row below the header is among them.")
    return RowRanges(tuple(one[0] for one in merged), tuple(one[1] for one in merged))


def _span(part: str) -> tuple[int, int]:
    match = _PART.fullmatch(part)
    if match is None:
        raise ValueError(f"“{part.strip()[:40]}” is no row or range of rows, such as 150 or 2-100.")
    start, end = int(match[1]), int(match[2] or match[1])
    if start < 1 or end < start:
        raise ValueError(f"“{part.strip()}” begins after it ends, or before row 1.")
    return start, end
