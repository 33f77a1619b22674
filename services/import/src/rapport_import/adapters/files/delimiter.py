"""What separates the columns of a text file: that by which most records have as many fields, quotes respected."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass
from typing import Final

from rapport_import.domain.text_formats import DELIMITERS

_UNLIKELY: Final = frozenset(":^~،؛")
_RECORDS: Final = 200
_SURE: Final = 0.9


@dataclass(frozen=True, slots=True)
class _Score:
    delimiter: str
    consistency: float
    fields: int
    quoted: int

    def rank(self) -> tuple[bool, float, int]:
        sure = self.consistency >= _SURE
        return (sure, self.quoted + self.fields if sure else self.consistency, self.fields)


def find_delimiter(sample: str) -> str:
    """One of `DELIMITERS`; a comma when the file has a single column. A line `sep=;` before the table is believed."""
    first = sample.partition("\n")[0].strip()
    if first.lower().startswith("sep=") and len(first) == len("sep=?"):
        return first[-1]
    scores = [score for delimiter in DELIMITERS if (score := _score(sample, delimiter))]
    likely = [one for one in scores if one.delimiter not in _UNLIKELY] or scores
    return max(likely, key=_Score.rank).delimiter if likely else ","


def _score(sample: str, delimiter: str) -> _Score | None:
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter, skipinitialspace=True)
    counts: Counter[int] = Counter()
    try:
        for record in reader:
            if any(record):
                counts[len(record)] += 1
            if counts.total() == _RECORDS:
                break
    except csv.Error:
        return None
    fields, most = max(counts.items(), key=lambda item: (item[1], item[0]), default=(1, 0))
    if fields < 2:  # noqa: PLR2004  it does not divide anything
        return None
    quoted = sample.count(f'"{delimiter}') + sample.count(f'{delimiter}"')
    return _Score(delimiter, most / counts.total(), fields, quoted)
