"""One cell becomes one typed value of a custom field, or a reason why not."""

from __future__ import annotations

import re
from typing import Final

from rapport_contracts.text import DECIMAL_DIGITS, normalise
from rapport_import.domain.cells import Cell, text_of
from rapport_import.domain.dates import DateOrder, parse_date, serial_date


class Wrong(Exception):  # noqa: N818  a state of a cell, not of the program
    """A cell that cannot become what its target wants; `code` is stable, `detail` for the person."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


_YES: Final = (
    "yes y true t 1 on x ✓ ✔ ja j oui o vrai si sí s sì vero sim verdadeiro evet e doğru да д истина tak prawda "
    "بله بلی آری درست صحیح نعم صح هست دارد فعال"
)
_NO: Final = (
    "no n false f 0 off ✗ ✘ nein non faux falso não nao nee nie fałsz hayır h yanlış нет н ложь "
    "خیر نه غلط نادرست لا خطأ نیست ندارد غیرفعال"
)
_BOOLEANS: Final = {normalise(word): True for word in _YES.split()} | {normalise(word): False for word in _NO.split()}

_GROUPED: Final = re.compile(r"[+-]?\d{1,3}(?:([,.'٬\u066c ])\d{3})(?:\1\d{3})*")
_PLAIN: Final = re.compile(r"[+-]?\d+(?:[.٫]0+)?")
_SEPARATORS: Final = re.compile(r"[,.'٬\u066c ]")
_MOST: Final = 1 << 53  # what JSON carries exactly


def integer_of(cell: Cell) -> int | None:
    """A whole number: digits of any script, thousands grouped or not. Raises `Wrong` `not_an_integer`."""
    if isinstance(cell, bool):
        return int(cell)
    if isinstance(cell, int | float):
        return _bounded(int(cell), str(cell)) if float(cell).is_integer() else _no_integer(str(cell))
    text = text_of(cell)
    if text is None:
        return None
    ascii_text = text if text.isascii() else text.translate(DECIMAL_DIGITS).replace("−", "-")
    if _PLAIN.fullmatch(ascii_text):
        return _bounded(int(re.split(r"[.٫]", ascii_text)[0]), text)
    if _GROUPED.fullmatch(ascii_text):
        return _bounded(int(_SEPARATORS.sub("", ascii_text)), text)
    return _no_integer(text)


def _bounded(number: int, said: str) -> int:
    return number if abs(number) <= _MOST else _no_integer(said)


def _no_integer(said: str) -> int:
    raise Wrong("not_an_integer", f"“{said[:60]}” is no whole number")


def boolean_of(cell: Cell) -> bool | None:
    """Yes or no, by the words of several languages. Raises `Wrong` `not_a_boolean`."""
    if isinstance(cell, bool):
        return cell
    text = text_of(cell)
    if text is None:
        return None
    known = _BOOLEANS.get(normalise(text))
    if known is None:
        raise Wrong("not_a_boolean", f"“{text[:60]}” is neither yes nor no")
    return known


def date_of(cell: Cell, order: DateOrder, *, date_1904: bool) -> str | None:
    """A date, `YYYY-MM-DD`; a bare number in a sheet is a serial. Raises `Wrong` `not_a_date`."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        found = serial_date(cell, date_1904=date_1904) or parse_date(text_of(cell) or "", order)
    else:
        text = text_of(cell)
        if text is None:
            return None
        found = parse_date(text, order)
    if found is None:
        raise Wrong("not_a_date", f"“{(text_of(cell) or '')[:60]}” is no date between the years 1800 and 2200")
    return found.isoformat()


def option_of(cell: Cell, options: dict[str, str]) -> str | None:
    """The id of the list option with this label, compared normalised. Raises `Wrong` `unknown_option`."""
    text = text_of(cell)
    if text is None:
        return None
    known = options.get(normalise(text))
    if known is None:
        raise Wrong("unknown_option", f"“{text[:60]}” is not in the list")
    return known
