"""The error workbook: the rows that were not written, as they were, and why; ready to be corrected and imported again (I8)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import orjson
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from rapport_import.adapters.files.row_file import Row, RowFile
from rapport_import.domain.cells import Cell, text_of
from rapport_import.domain.files import CHUNK_ROWS
from rapport_import.domain.header_words import REASON

_STARTS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_REASON_WIDTH: Final = 60
_LONGEST: Final = 32_767
_EXACT_DIGITS: Final = 10**15


class _Sheet:
    """Writes rows; what a spreadsheet would take for a formula stays text, for ever (`quotePrefix`, ECMA-376 18.8.45)."""

    def __init__(self, book: Any, sheet: Worksheet) -> None:
        self._sheet = sheet
        self._quoted = book.add_format({"quote_prefix": True})
        self._bold = book.add_format({"bold": True})
        self._day = book.add_format({"num_format": "yyyy-mm-dd"})
        self._instant = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._next = 0

    def row(self, cells: Row, width: int, reason: str | None, *, header: bool = False) -> None:
        for column, cell in enumerate(cells):
            self._cell(column, cell)
        if reason:
            self._text(width, reason, self._bold if header else None)
        self._next += 1

    def _cell(self, column: int, cell: Cell) -> None:
        if cell is None:
            return
        if isinstance(cell, bool):
            self._sheet.write_boolean(self._next, column, cell)
        elif isinstance(cell, int | float):
            self._number(column, cell)
        elif isinstance(cell, dict):
            self._dated(column, cell)
        else:
            self._text(column, cell, None)

    def _number(self, column: int, cell: float) -> None:
        if abs(cell) < _EXACT_DIGITS:
            self._sheet.write_number(self._next, column, cell)
        else:
            self._text(column, text_of(cell) or "", None)

    def _dated(self, column: int, cell: dict[str, Any]) -> None:
        try:
            at = datetime.fromisoformat(cell["date"])
        except (KeyError, ValueError):
            self._text(column, text_of(cell) or "", None)
            return
        form = self._instant if "T" in cell["date"] else self._day
        if at.year >= 1900:  # noqa: PLR2004  what a spreadsheet's calendar has
            self._sheet.write_datetime(self._next, column, at, form)
        else:
            self._text(column, cell["date"], None)

    def _text(self, column: int, text: str, form: Any) -> None:
        if text.startswith(_STARTS_A_FORMULA):
            form = self._quoted
        self._sheet.write_string(self._next, column, text[:_LONGEST], form)


def write_error_workbook(order: dict[str, Any]) -> None:
    """Write the workbook `into`: everything to the header of the row file `path`, then the rows of `problems`.

    `problems` is a file of JSON lines `[row, reason]`, ascending.
    """
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with RowFile(Path(order["path"])) as rows, xlsxwriter.Workbook(order["into"], options) as book:
        sheet = book.add_worksheet(_sheet_name(order["sheet"]))
        sheet.set_column(order["columns"], order["columns"], _REASON_WIDTH)
        writer = _Sheet(book, sheet)
        header_row = order["header_row"] or 0
        for number, cells in enumerate(rows.head(header_row), 1):
            is_header = number == header_row
            writer.row(cells, order["columns"], REASON if is_header else None, header=is_header)
        for cells, reason in _problems(rows, Path(order["problems"])):
            writer.row(cells, order["columns"], reason)


def _sheet_name(name: str) -> str:
    return "".join(char for char in name if char not in "[]:*?/\\").strip("'")[:31] or "Sheet1"


def _problems(rows: RowFile, path: Path) -> Iterator[tuple[Row, str]]:
    number, chunk = -1, []
    with path.open("rb") as lines:
        for line in lines:
            row, reason = orjson.loads(line)
            wanted, place = divmod(row - 1, CHUNK_ROWS)
            if wanted != number:
                number, chunk = wanted, rows.chunk(wanted)
            yield chunk[place], reason
