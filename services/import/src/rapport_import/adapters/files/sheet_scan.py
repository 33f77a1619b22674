"""The size of a sheet by streaming its XML: the highest filled cell, formula errors; its stated dimension is not read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from xml.parsers import expat

from rapport_import.domain.files import FileRefused

Pieces = Callable[[], Iterator[bytes]]
"""Starts reading the sheet from its beginning."""

# How every usual program writes cells. Whatever is written otherwise goes through the XML parser, which is slower.
_CELL: Final = re.compile(rb'<c r="([A-Z]{1,3}[1-9][0-9]{0,6})"')
_ANY_CELL: Final = re.compile(rb"<c(?=[\s/>])")
_ERROR: Final = re.compile(
    rb'<c r="([A-Z]{1,3})([1-9][0-9]{0,6})"[^>]*? t="e"[^>]*>(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)?<v>([^<]{1,20})</v>'
)
_UNUSUAL: Final = re.compile(rb":(?:c[ >]|row)")  # begins with a single byte, which is quick to look for
_LETTERS, _DIGITS = bytes(range(65, 91)), b"0123456789"
_MOST_ERRORS: Final = 200_000
_MOST: Final = (1_048_576, 16_384)


@dataclass(slots=True)
class SheetScan:
    """`rows` and `columns` up to the highest filled cell; `errors` by 0-based (row, column)."""

    rows: int = 0
    columns: int = 0
    cells: int = 0
    errors: dict[tuple[int, int], str] = field(default_factory=dict)

    @property
    def area(self) -> int:
        """Cells of the rectangle from A1 to the highest one: what a dense reader allocates."""
        return self.rows * self.columns

    def see(self, row: int, column: int) -> None:
        """There is a filled cell at 1-based (row, column)."""
        self.rows = max(self.rows, row)
        self.columns = max(self.columns, column)
        self.cells += 1

    def fault(self, row: int, column: int, text: str) -> None:
        """A formula error at 1-based (row, column)."""
        self.errors[row - 1, column - 1] = text
        if len(self.errors) > _MOST_ERRORS:
            raise FileRefused("file_corrupt", f"This sheet has more than {_MOST_ERRORS:,} formula errors.")


def scan_sheet(pieces: Pieces, fits: Callable[[SheetScan], bool]) -> SheetScan:
    """Measure a sheet. Raises `FileRefused` `file_corrupt` for what is no XML.

    The quick way counts styled empty cells as well; a sheet that does not fit with them is measured again, exactly.
    """
    scan = _quick(pieces())
    return scan if scan is not None and fits(scan) else _exact(pieces())


def _quick(pieces: Iterator[bytes]) -> SheetScan | None:
    scan = SheetScan()
    names: set[bytes] = set()
    rest = b""
    for piece in pieces:
        whole = rest + piece
        cut = whole.rfind(b"<c ")  # the last cell may be cut off: it waits for the next piece
        rest, whole = (whole[cut:], whole[:cut]) if cut > 0 else (b"", whole)
        if len(rest) > len(piece) + (1 << 20) or not _quick_piece(whole, scan, names):
            return None
    if not _quick_piece(rest, scan, names):
        return None
    scan.columns = max((column_number(name.decode()) for name in names), default=0)
    return scan


def _quick_piece(piece: bytes, scan: SheetScan, names: set[bytes]) -> bool:
    body = piece
    if piece.startswith(b"<?xml"):
        body = piece[piece.find(b"?>") :]
    if b"<!" in body or _UNUSUAL.search(body):
        return False
    found = _CELL.findall(body)
    if body.count(b"<c") != len(found) and len(_ANY_CELL.findall(body)) != len(found):
        return False
    if found:
        references = b",".join(
            found
        )  # letters and digits of a megabyte at once: a loop over cells costs three times as much
        names.update(references.translate(None, _DIGITS).split(b","))
        scan.rows = max(scan.rows, *map(int, set(references.translate(None, _LETTERS).split(b","))))
        scan.cells += len(found)
    if b't="e"' in body:
        for column, row, text in _ERROR.findall(body):
            scan.fault(int(row), column_number(column.decode()), text.decode())
    return True


def column_number(name: str) -> int:
    """A = 1, XFD = 16,384."""
    number = 0
    for letter in name.upper():
        number = number * 26 + ord(letter) - 64
    return number


class _ExactScan:
    """Follows the XML: a cell counts when it has a value; without a reference it stands right of the one before."""

    def __init__(self) -> None:
        self.scan = SheetScan()
        self._row = 0
        self._column = 0
        self._error = False
        self._value: list[str] | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if name == "row":
            self._row = _number(attributes.get("r"), self._row + 1)
            self._column = 0
        elif name == "c":
            self._place(attributes.get("r"))
            self._error = attributes.get("t") == "e"
        elif name in ("v", "t"):
            self._value = []

    def end(self, name: str) -> None:
        name = name.rpartition(":")[2]
        if name in ("v", "t") and self._value is not None:
            text = "".join(self._value)
            self._value = None
            if text and self._column:
                self.scan.see(self._row, self._column)
                if self._error:
                    self.scan.fault(self._row, self._column, text[:20])

    def text(self, text: str) -> None:
        if self._value is not None and len(self._value) < 4:  # noqa: PLR2004  enough to know that there is one
            self._value.append(text)

    def _place(self, reference: str | None) -> None:
        if reference is None:
            self._column += 1
            return
        letters = "".join(char for char in reference if char.isalpha())
        digits = reference[len(letters) :]
        if not (letters.isascii() and 0 < len(letters) <= 7 and digits.isascii() and digits.isdigit()):  # noqa: PLR2004
            raise FileRefused("file_corrupt", f"This workbook is damaged: “{reference[:20]}” is no cell.")
        self._row, self._column = _number(digits, 1), column_number(letters)


def _number(text: str | None, otherwise: int) -> int:
    if text is None:
        return otherwise
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else _MOST[0]  # noqa: PLR2004


def _exact(pieces: Iterator[bytes]) -> SheetScan:
    exact = _ExactScan()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = exact.start
    parser.EndElementHandler = exact.end
    parser.CharacterDataHandler = exact.text
    parser.StartDoctypeDeclHandler = _no_doctype
    try:
        for piece in pieces:
            parser.Parse(piece)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise FileRefused("file_corrupt", "This workbook is damaged: a sheet of it is no proper XML.") from error
    return exact.scan


def _no_doctype(*_: Any) -> None:
    raise FileRefused("file_corrupt", "This workbook declares a document type, which no workbook does.")
