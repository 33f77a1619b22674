"""What a column holds, judged by its cells: shown in the preview and a witness for the suggestion."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final, Literal

from rapport_contracts.text import DECIMAL_DIGITS, normalise_email
from rapport_import.domain.cells import Cell, text_of
from rapport_import.domain.dates import parse_date
from rapport_import.domain.values import Wrong, boolean_of

ColumnType = Literal["empty", "text", "integer", "number", "boolean", "date", "email", "phone", "website", "mixed"]

_ENOUGH: Final = 0.8
_INTEGER = re.compile(r"[+-]?\d{1,15}")
_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:[.٫]\d+)?")
_PHONE = re.compile(r"(?:tel:)?[+(\[]?\d[\d ().\[\]/-]{4,24}\d(?: ?(?:x|ext\.?) ?\d{1,6})?", re.IGNORECASE)
_WEBSITE = re.compile(r"(?:https?://|www\.)\S+|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|net|org|ir|co|io|de|uk|fr|au|ca|za|info|biz|eu)(?:\.[a-z]{2})?(?:/\S*)?", re.IGNORECASE)  # fmt: skip  # noqa: E501  one pattern
_PHONE_DIGITS: Final = range(7, 16)
_IP = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")


def column_type(cells: Sequence[Cell]) -> ColumnType:
    """The type that at least four in five of the filled cells have; `mixed` when no one type has them."""
    filled = [one for cell in cells if (one := cell_type(cell)) != "empty"]
    if not filled:
        return "empty"
    counts = Counter(filled)
    if counts["number"]:
        counts["number"] += counts["integer"]
    kind, most = counts.most_common(1)[0]
    if most >= _ENOUGH * len(filled):
        return kind
    if counts["phone"] and counts["phone"] + counts["integer"] >= _ENOUGH * len(filled):
        return "phone"
    return "text" if counts["text"] >= len(filled) / 2 else "mixed"


def cell_type(cell: Cell) -> ColumnType:
    """The type of one cell."""
    if isinstance(cell, bool):
        return "boolean"
    if isinstance(cell, int | float):
        return "integer" if float(cell).is_integer() else "number"
    if isinstance(cell, dict):
        return "date" if "date" in cell else "text"
    text = text_of(cell)
    return "empty" if text is None else _text_type(text if text.isascii() else text.translate(DECIMAL_DIGITS))


def _text_type(text: str) -> ColumnType:
    if "@" in text:
        return "email" if normalise_email(text) else "text"
    if any(char.isdigit() for char in text):
        return _with_digits(text)
    if _WEBSITE.fullmatch(text):
        return "website"
    return "boolean" if _says_yes_or_no(text) else "text"


def _with_digits(text: str) -> ColumnType:
    if parse_date(text, "dmy") or parse_date(text, "mdy"):
        return "date"
    count = sum(char.isdigit() for char in text)
    if _INTEGER.fullmatch(text):
        return "phone" if count >= _PHONE_DIGITS.start and text[0] in "0+" else "integer"
    if _NUMBER.fullmatch(text):
        return "number"
    if _IP.fullmatch(text):
        return "text"
    if count in _PHONE_DIGITS and _PHONE.fullmatch(text):
        return "phone"
    return "website" if _WEBSITE.fullmatch(text) else "text"


def _says_yes_or_no(text: str) -> bool:
    try:
        return len(text) > 1 and boolean_of(text) is not None
    except Wrong:
        return False
