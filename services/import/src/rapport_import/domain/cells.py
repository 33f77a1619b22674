"""A cell as it was read, and the clean text of it; dates and formula errors keep what they are until a target asks."""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Final

Cell = str | int | float | bool | dict[str, Any] | None
"""JSON: text, number, boolean, null, `{"date": ISO 8601}` or `{"error": "#REF!"}`."""

_ODD: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\xa0\xad\u1680\u2000-\u200b\u200e\u200f\u2028-\u202f\u205f\u2060\u3000\ufeff]"
)
_LINE_ENDS: Final = re.compile(r"\r\n?|\u2028|\u2029|\x85")
_SPACES: Final = re.compile(r"[\t\x0b\x0c\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_INVISIBLE: Final = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060\ufeff]")
_MIDNIGHT: Final = "T00:00:00"
_EXACT: Final = 1 << 53


def clean(text: str) -> str | None:
    """Trimmed, in Unicode NFC, runs of any white space one space, without invisible marks; None when nothing is left.

    Line breaks inside stay (a description has them); the half-space of Persian stays: it spells the word.
    """
    if text.isascii() and text.isprintable():
        stripped = text.strip()
        return (" ".join(stripped.split()) if "  " in stripped else stripped) or None
    return _clean(text)


def _clean(text: str) -> str | None:
    if _ODD.search(text):
        text = _INVISIBLE.sub("", _SPACES.sub(" ", _LINE_ENDS.sub("\n", text)))
    text = unicodedata.normalize("NFC", text)
    if "\n" not in text:
        return _single_spaced(text)
    return "\n".join(_single_spaced(line) or "" for line in text.split("\n")).strip("\n") or None


def _single_spaced(text: str) -> str | None:
    return " ".join(part for part in text.split(" ") if part) or None


def number_text(number: float) -> str:
    """A number as a person would type it: no `.0`, no exponent where it can be avoided."""
    if isinstance(number, int):
        return str(number)
    if number.is_integer() and abs(number) < _EXACT:
        return str(int(number))
    return repr(number) if "e" not in repr(number) else f"{number:.10f}".rstrip("0").rstrip(".")


def text_of(cell: Cell) -> str | None:
    """The cell as clean text, None when blank. A formula error is its own text; check `error_of` first."""
    if cell is None or isinstance(cell, str):
        return clean(cell) if cell else None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, dict):
        return str(cell.get("date", cell.get("error", ""))).removesuffix(_MIDNIGHT) or None
    return number_text(cell)


def error_of(cell: Cell) -> str | None:
    """The formula error in the cell (`#REF!`), or None (I11)."""
    return cell.get("error") if isinstance(cell, dict) else None


def is_blank(cell: Cell) -> bool:
    """Whether there is nothing in it."""
    return cell is None or (isinstance(cell, str) and not cell.strip())
