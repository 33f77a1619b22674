"""Rows of a CSV, TSV or text file, streamed: no cell is interpreted, quotes and line breaks in cells are kept."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import Final

from rapport_import.adapters.files.delimiter import find_delimiter
from rapport_import.adapters.files.encoding import check_encoding, detect_encoding
from rapport_import.adapters.files.row_file import Row, RowFile, RowFileWriter
from rapport_import.domain.files import FileFacts, FileRefused, Limits, SheetFacts
from rapport_import.domain.headers import find_header

_SAMPLE: Final = 1 << 16
_LONGEST_CELL: Final = 1 << 20
_MOST_LINES: Final = 200
_HEAD_ROWS: Final = 60
SHEET: Final = "Sheet1"
"""What the one table of a text file is called."""


def read_text(path: Path, into: Path, limits: Limits, encoding: str | None, delimiter: str | None) -> FileFacts:
    """Write the row file `into/0.rows` and say what was found; `encoding` and `delimiter` are detected when None.

    Raises `FileRefused`: `file_corrupt` for mixed or wrong encodings and for a quotation mark that is never closed,
    `file_empty`, `file_too_large` with the number of rows or columns.
    """
    if encoding is None:
        encoding = detect_encoding(path)
    else:
        check_encoding(path, encoding)
    if delimiter is None:
        delimiter = _find_delimiter(path, encoding)
    with RowFileWriter(into / "0.rows") as rows:
        for row in _rows(path, encoding, delimiter, limits):
            rows.add(row)
        rows.finish()
        counted = (rows.rows, rows.columns, rows.filled)
    if not counted[2]:
        raise FileRefused("file_empty", "There is nothing in this file.")
    with RowFile(into / "0.rows") as read:
        header = find_header(read.head(_HEAD_ROWS), counted[1], ())
    sheet = SheetFacts(SHEET, *counted, header)
    return FileFacts("text", (sheet,), encoding, delimiter, ("0.rows",))


def _find_delimiter(path: Path, encoding: str) -> str:
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        sample = file.read(_SAMPLE)
    if len(sample) == _SAMPLE:
        sample = sample[: max(sample.rfind("\n"), sample.rfind("\r")) + 1] or sample
    return find_delimiter(sample)


def _rows(path: Path, encoding: str, delimiter: str, limits: Limits) -> Iterator[Row]:
    csv.field_size_limit(_LONGEST_CELL)
    with path.open(encoding=encoding, errors="strict", newline="") as file:
        _skip_separator_line(file)
        reader = csv.reader(file, delimiter=delimiter, skipinitialspace=True)
        line = 0
        try:
            for number, record in enumerate(reader, 1):
                _refuse_large(path, number, record, limits)
                if reader.line_num - line > _MOST_LINES:
                    raise _unclosed(line + 1)
                line = reader.line_num
                yield list(record) if any(record) else []
        except csv.Error as error:
            raise _unclosed(line + 1) from error
        except UnicodeError as error:
            raise FileRefused("file_corrupt", f"After line {line:,} this file is not written in {encoding}.") from error


def _skip_separator_line(file: TextIOWrapper) -> None:
    if not file.readline(16).lower().startswith("sep="):
        file.seek(0)


def _refuse_large(path: Path, number: int, record: list[str], limits: Limits) -> None:
    if number > limits.rows and any(record):
        raise FileRefused("file_too_large", _words(f"about {_lines(path):,} rows", limits))
    if len(record) > limits.columns:
        raise FileRefused("file_too_large", _words(f"{len(record):,} columns", limits))


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))


def _words(what: str, limits: Limits) -> str:
    return f"This file has {what}; at most {limits.rows:,} rows and {limits.columns:,} columns are read. Split it."


def _unclosed(line: int) -> FileRefused:
    return FileRefused("file_corrupt", f"A quotation mark opened in or after line {line:,} is never closed.")
