"""How many parts an SMS has: exact counting in GSM 03.38 septets and UCS-2 units (features.md M1, 3GPP TS 23.038, 23.040)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

Encoding = Literal["GSM-7", "UCS-2"]

BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION: Final = frozenset("\f^{}\\[~]|€")  # escape + character: two septets
_GSM: Final = BASIC | EXTENSION
_EXTENDED: Final = re.compile(r"[\f^{}\\\[~\]|€]")
_LAST_OF_BMP: Final = "\uffff"

GSM_SINGLE, GSM_PART = 160, 153  # septets; a part of many gives seven to the header that joins them
UCS_SINGLE, UCS_PART = 70, 67  # 16-bit code units


@dataclass(frozen=True, slots=True)
class Segments:
    """What a text costs: `units` are septets or code units; `forced_by` is the first character that GSM-7 has not."""

    encoding: Encoding
    parts: int
    units: int
    forced_by: str | None


def measure(text: str) -> Segments:
    """The encoding, parts and units of `text`; an empty text has no part.

    A character of the extension table counts two septets (one unit in UCS-2) and its escape is never parted from it; a character
    beyond the basic plane counts two units and its surrogate pair is never split.
    """
    forced_by = _forced_by(text)
    if forced_by is None:
        units = len(text) + len(_EXTENDED.findall(text))
        return Segments("GSM-7", _parts(text, units, len(text), GSM_SINGLE, GSM_PART, _septets), units, None)
    units = len(text.encode("utf-16-le", "surrogatepass")) // 2
    return Segments("UCS-2", _parts(text, units, len(text), UCS_SINGLE, UCS_PART, _code_units), units, forced_by)


def split(text: str) -> list[str]:
    """The parts of `text`, as a phone's network cuts it; joined they are the text."""
    forced_by = _forced_by(text)
    if forced_by is None:
        return _cut(text, GSM_SINGLE, GSM_PART, _septets)
    return _cut(text, UCS_SINGLE, UCS_PART, _code_units)


def _forced_by(text: str) -> str | None:
    strange = set(text) - _GSM
    return next((char for char in text if char in strange), None) if strange else None


def _septets(char: str) -> int:
    return 2 if char in EXTENSION else 1


def _code_units(char: str) -> int:
    return 2 if char > _LAST_OF_BMP else 1


def _parts(text: str, units: int, chars: int, single: int, part: int, width: Callable[[str], int]) -> int:
    if units <= single:
        return 1 if units else 0
    if units == chars:  # nothing is wider than one: no part can end early
        return -(-units // part)
    return len(_cut(text, single, part, width))


def _cut(text: str, single: int, part: int, width: Callable[[str], int]) -> list[str]:
    widths = [width(char) for char in text]
    if sum(widths) <= single:
        return [text] if text else []
    parts, start, used = [], 0, 0
    for position, wide in enumerate(widths):
        if used + wide > part:
            parts.append(text[start:position])
            start, used = position, 0
        used += wide
    return [*parts, text[start:]]
