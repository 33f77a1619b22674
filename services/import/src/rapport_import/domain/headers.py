"""Where the header of a sheet is, and what each column is called; merged cells count for every column they cover."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

from rapport_contracts.text import words
from rapport_import.domain.cells import Cell, is_blank, text_of
from rapport_import.domain.column_types import cell_type
from rapport_import.domain.files import Merge
from rapport_import.domain.header_words import PREFIXES, REASON, WORDS
from rapport_import.domain.targets import CONTACTS

_LOOK: Final = 30
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LONGEST: Final = 120
_MOSTLY: Final = 0.6

Rows = Sequence[Sequence[Cell]]


def compact(header: str) -> str:
    """The header as it is compared: words joined, without case, diacritics and punctuation."""
    return "".join(words(_CAMEL.sub(" ", header)))


@cache
def known_headers() -> dict[str, str]:
    """Compact spelling → target."""
    return {compact(word): target for target, spellings in WORDS.items() for word in spellings.split("|")}


def known_target(header: str) -> tuple[str, bool] | None:
    """(target, exact) that a header names; not exact when a number or a word such as “company” had to be left out."""
    known, short = known_headers(), compact(header)
    if short == compact(REASON):
        return None
    if short in known:
        return known[short], True
    bare = short.rstrip("0123456789") or short
    if bare in known:
        return known[bare], False
    for prefix in PREFIXES:
        if bare.startswith(prefix) and bare[len(prefix) :] in known:
            return known[bare[len(prefix) :]], False
    return _contact_in(words(_CAMEL.sub(" ", header)))


def _contact_in(said: list[str]) -> tuple[str, bool] | None:
    """«Phone mobile», «emergency phone», «E-mail of the wife»: a kind of contact among other words, the last one first."""
    known = known_headers()
    ends = ["".join(said[start:]) for start in range(1, len(said))]
    begins = ["".join(said[:end]) for end in range(len(said) - 1, 0, -1)]
    for part in ends + begins:
        if known.get(part) in CONTACTS - {"social", "address"}:
            return known[part], False
    return None


def filled_row(rows: Rows, index: int, width: int, merges: Sequence[Merge]) -> list[str | None]:
    """The texts of row `index` (0-based), a merged cell's text in every cell it covers."""
    row = rows[index] if index < len(rows) else ()
    return [_filled(rows, row, index, column, merges) for column in range(width)]


def _filled(rows: Rows, row: Sequence[Cell], index: int, column: int, merges: Sequence[Merge]) -> str | None:
    own = text_of(row[column]) if column < len(row) else None
    if own is not None:
        return own
    for one in merges:
        if one.covers(index, column) and one.top < len(rows) and one.left < len(rows[one.top]):
            return text_of(rows[one.top][one.left])
    return None


def header_texts(rows: Rows, header_row: int | None, width: int, merges: Sequence[Merge]) -> list[str | None]:
    """The name of each column; below a wider merged title («Phone» over «home», «mobile») with that title before it."""
    if header_row is None:
        return [None] * width
    index = header_row - 1
    own = filled_row(rows, index, width, merges)
    for one in merges:
        spans = one.right > one.left and one.right - one.left + 1 < width
        if one.bottom == index - 1 and spans and one.top < len(rows) and one.left < len(rows[one.top]):
            over = text_of(rows[one.top][one.left])
            for column in range(one.left, min(one.right + 1, width)):
                own[column] = " ".join(part for part in (over, own[column]) if part) or None
    return own


def find_header(rows: Rows, width: int, merges: Sequence[Merge]) -> int | None:
    """The header's row number (from 1) among the first rows, or None: the first row that names most columns, each once."""
    usual = max((_filled_count(row) for row in rows[:_LOOK]), default=0)
    for index in range(min(len(rows), _LOOK)):
        texts = filled_row(rows, index, width, merges)
        if _names_columns(texts, rows[index], usual):
            bottom = max([one.bottom for one in merges if one.top <= index <= one.bottom], default=index)
            last = bottom if bottom < len(rows) - 1 else index
            return last + 1 if _is_header(texts, rows[last + 1 :], usual) else None
        if any(not is_blank(cell) for cell in rows[index]) and _is_data(rows[index], usual):
            return None
    return None


def _filled_count(row: Sequence[Cell]) -> int:
    return sum(not is_blank(cell) for cell in row)


def _names_columns(texts: Sequence[str | None], row: Sequence[Cell], usual: int) -> bool:
    said = [text for text in texts if text]
    if len(said) < max(1, min(usual, 2), _MOSTLY * usual) or len({text.lower() for text in said}) < len(said):
        return False
    named = sum(known_target(text) is not None for text in said)
    plain = all(cell_type(cell) in ("text", "empty", "boolean") for cell in row)
    return named >= len(said) / 2 or (plain and all(len(text) <= _LONGEST for text in said))


def _is_header(texts: Sequence[str | None], below: Rows, usual: int) -> bool:
    """With a single column only a known word is a header: a list of names begins with a name."""
    named = any(known_target(text) is not None for text in texts if text)
    return named or (usual > 1 and bool(below))


def _is_data(row: Sequence[Cell], usual: int) -> bool:
    return _filled_count(row) >= max(2, _MOSTLY * usual) and any(
        cell_type(cell) not in ("text", "empty", "boolean") for cell in row
    )
