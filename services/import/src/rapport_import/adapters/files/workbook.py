"""Rows of an XLSX workbook, by calamine, after the check of its parts: it runs in the limited child only."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import python_calamine as calamine

from rapport_chassis.no_room import is_no_room
from rapport_import.adapters.files.package import PackageScan, scan_package
from rapport_import.adapters.files.parts import counts_from_1904
from rapport_import.adapters.files.row_file import Row, RowFile, RowFileWriter
from rapport_import.adapters.files.sheet_scan import SheetScan
from rapport_import.domain.files import FileFacts, FileRefused, Limits, Merge, SheetFacts
from rapport_import.domain.headers import find_header

_MERGES_TO_ROW: Final = 60
_MOST_LEADING: Final = 100


def read_workbook(path: Path, into: Path, limits: Limits, need_memory: Callable[[int], None]) -> FileFacts:
    """Write a row file a visible sheet below `into` and say what was found; `need_memory(bytes)` is called before parsing.

    Raises `FileRefused` with every code of `domain.files.FILE_CODES`.
    """
    scan = scan_package(path, limits)
    need_memory(scan.memory())
    named = into / "file.xlsx"  # calamine goes by the name, and shall try no other format
    named.symlink_to(path.absolute())  # resolved, a file without a name would be gone
    try:
        with calamine.CalamineWorkbook.from_path(str(named)) as book:
            return _read(book, scan, into, date_1904=_from_1904(path))
    except calamine.PasswordError as error:
        raise FileRefused("file_encrypted", "This workbook is protected by a password. Save it without one.") from error
    except (calamine.CalamineError, OSError, ValueError) as error:
        if is_no_room(error):  # it is the rows' file that does not fit
            raise
        raise FileRefused("file_corrupt", f"This workbook is damaged and cannot be read ({error}).") from error
    finally:
        named.unlink()


def _from_1904(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        return counts_from_1904(archive)


def _read(book: calamine.CalamineWorkbook, scan: PackageScan, into: Path, *, date_1904: bool) -> FileFacts:
    sheets: list[SheetFacts] = []
    files: list[str] = []
    for name in _shown(book):
        sheet = book.get_sheet_by_name(name)
        target = into / f"{len(sheets)}.rows"
        facts = _write(sheet, scan.sheets.get(scan.parts.get(name, "")), target, date_1904=date_1904)
        if facts.filled:
            sheets.append(facts)
            files.append(target.name)
        else:
            target.unlink()
    if not sheets:
        raise FileRefused("file_empty", "No sheet of this workbook has anything in it.")
    return FileFacts("xlsx", tuple(sheets), row_files=tuple(files))


def _shown(book: calamine.CalamineWorkbook) -> list[str]:
    sheets = [one for one in book.sheets_metadata if one.typ == calamine.SheetTypeEnum.WorkSheet]
    visible = [one.name for one in sheets if one.visible == calamine.SheetVisibleEnum.Visible]
    return visible or [one.name for one in sheets]


def _write(sheet: calamine.CalamineSheet, scan: SheetScan | None, target: Path, *, date_1904: bool) -> SheetFacts:
    start = sheet.start
    left = start[1] if start else 0
    errors = scan.errors if scan else {}
    with RowFileWriter(target) as rows:
        for row in _rows(sheet, left if left <= _MOST_LEADING else 0, errors):
            rows.add(row)
        rows.finish()
        counted = (rows.rows, rows.columns, rows.filled)
    merges = _merges(sheet)
    with RowFile(target) as read:
        header = find_header(read.head(_MERGES_TO_ROW), counted[1], merges)
    return SheetFacts(sheet.name, *counted, header, date_1904, merges)


def _rows(sheet: calamine.CalamineSheet, leading: int, errors: dict[tuple[int, int], str]) -> Iterator[Row]:
    """Rows with the columns where the sheet has them: calamine leaves out empty ones on the left, and formula errors."""
    wrong: dict[int, dict[int, str]] = {}
    for (row, column), text in errors.items():
        wrong.setdefault(row, {})[column] = text
    left: list[None] = [None] * leading
    for number, found in enumerate(sheet.iter_rows()):
        cells: list[Any] = [None if cell == "" else cell for cell in found]
        if left:
            cells = left + cells
        for column, text in wrong.get(number, {}).items():
            cells.extend([None] * (column + 1 - len(cells)))
            cells[column] = {"error": text}
        yield cells if cells.count(None) < len(cells) else []


def _merges(sheet: calamine.CalamineSheet) -> tuple[Merge, ...]:
    found = sheet.merged_cell_ranges or []
    return tuple(
        Merge(top, left, bottom, right)
        for (top, left), (bottom, right) in found
        if top < _MERGES_TO_ROW and bottom - top < _MERGES_TO_ROW
    )[:500]
