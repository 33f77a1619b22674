"""The check of a workbook before it is opened: every part is inflated and counted, what the file says is not believed."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from rapport_import.adapters.files.parts import sheet_parts
from rapport_import.adapters.files.sheet_scan import SheetScan, scan_sheet
from rapport_import.domain.files import FileRefused, Limits

_PIECE: Final = 1 << 20
_MOST_ENTRIES: Final = 10_000
_SMALL: Final = 64 << 20  # below this no ratio makes a bomb
_LOCAL_HEADER: Final = 30
_NO_SHEETS: Final = frozenset(
    {
        "sharedstrings.xml",
        "styles.xml",
        "workbook.xml",
        "theme1.xml",
        "[content_types].xml",
        "core.xml",
        "app.xml",
        "custom.xml",
    }
)
_CELL_BYTES, _FILLED_BYTES, _OWN_BYTES = (
    32,
    110,
    160 << 20,
)  # measured with calamine: dense range, sparse cells, Python itself


class PackageScan:
    """What the check found: `sheets`, one `SheetScan` a worksheet part; `parts`, sheet name → part; bytes of all parts."""

    def __init__(self) -> None:
        self.parts: dict[str, str] = {}
        self.sheets: dict[str, SheetScan] = {}
        self.inflated = 0
        self.strings = 0

    def memory(self) -> int:
        """Bytes that opening the largest sheet may need."""
        return max(map(_memory, self.sheets.values()), default=_OWN_BYTES) + 3 * self.strings


def scan_package(path: Path, limits: Limits) -> PackageScan:
    """Check every part that a reader of workbooks opens (R13).

    Raises `FileRefused`: `file_too_large` with the numbers for too many rows, columns, cells or bytes (a zip bomb),
    `file_corrupt` for parts that do not inflate or are no XML.
    """
    scan = PackageScan()
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as file:
            scan.parts = sheet_parts(archive)
            for info in _entries(archive, scan, limits):
                _scan_part(file, info, scan, limits)
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, RuntimeError) as error:
        raise FileRefused("file_corrupt", "This workbook is damaged: its archive cannot be read.") from error
    if scan.memory() > limits.memory_bytes_most:
        largest = max(scan.sheets.values(), key=lambda sheet: sheet.area)
        raise FileRefused("file_too_large", f"{_size(largest)}, which is more than can be read at once. Split it.")
    return scan


def _entries(archive: zipfile.ZipFile, scan: PackageScan, limits: Limits) -> list[zipfile.ZipInfo]:
    sheets_of_book = set(scan.parts.values())
    entries = [
        info
        for info in archive.infolist()
        if info.filename.lower().endswith((".xml", ".rels")) or info.filename in sheets_of_book
    ]
    if len(entries) > _MOST_ENTRIES:
        raise FileRefused(
            "file_too_large", f"This workbook has {len(entries):,} parts; at most {_MOST_ENTRIES:,} are read."
        )
    sheets = len(scan.parts)
    if sheets > limits.sheets:
        raise FileRefused("file_too_large", f"This workbook has {sheets:,} sheets; at most {limits.sheets} are read.")
    return entries


def _is_sheet(name: str, scan: PackageScan) -> bool:
    """Whether rows may be in the part: every part that is not known to be something else, whatever it is called."""
    lower = name.lower()
    return name in scan.parts.values() or not (lower.endswith(".rels") or lower.rpartition("/")[2] in _NO_SHEETS)


def _scan_part(file: BinaryIO, info: zipfile.ZipInfo, scan: PackageScan, limits: Limits) -> None:
    def pieces() -> Iterator[bytes]:
        total = 0
        for piece in _inflate(file, info):
            total += len(piece)
            scan.inflated += len(piece)
            _refuse_bomb(total, info, scan, limits)
            yield piece

    if _is_sheet(info.filename, scan):
        scan.sheets[info.filename] = checked = scan_sheet(pieces, lambda sheet: _fits(sheet, limits))
        _refuse_large(checked, limits)
        return
    for piece in pieces():
        if info.filename.lower().endswith("sharedstrings.xml"):
            scan.strings += len(piece)


def _refuse_bomb(total: int, info: zipfile.ZipInfo, scan: PackageScan, limits: Limits) -> None:
    bomb = total > _SMALL and total > limits.ratio * max(info.compress_size, 1)
    if bomb or scan.inflated > limits.inflated_bytes:
        detail = (
            f"Unpacked, this workbook is larger than {min(scan.inflated, limits.inflated_bytes) >> 20:,} MB, "
            "far more than its size: it is not opened."
        )
        raise FileRefused("file_too_large", detail)


def _memory(sheet: SheetScan) -> int:
    return _OWN_BYTES + sheet.area * _CELL_BYTES + sheet.cells * _FILLED_BYTES


def _fits(sheet: SheetScan, limits: Limits) -> bool:
    return sheet.rows <= limits.rows and sheet.columns <= limits.columns and _memory(sheet) <= limits.memory_bytes_most


def _refuse_large(sheet: SheetScan, limits: Limits) -> None:
    if sheet.rows > limits.rows or sheet.columns > limits.columns:
        most = f"at most {limits.rows:,} rows and {limits.columns:,} columns are read"
        raise FileRefused("file_too_large", f"{_size(sheet)}; {most}.")


def _size(sheet: SheetScan) -> str:
    return f"A sheet of this workbook reaches to row {sheet.rows:,} and column {sheet.columns:,}"


def _inflate(file: BinaryIO, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """The part's bytes, from the compressed data itself: sizes that the archive states are not used to stop."""
    file.seek(info.header_offset)
    header = file.read(_LOCAL_HEADER)
    if len(header) < _LOCAL_HEADER or header[:4] != b"PK\x03\x04":
        raise zipfile.BadZipFile("no local header")
    skip = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    file.seek(skip, 1)
    if info.compress_type == zipfile.ZIP_STORED:
        yield from _stored(file, info.compress_size)
    elif info.compress_type == zipfile.ZIP_DEFLATED:
        yield from _deflated(file, info.compress_size)
    else:
        raise zipfile.BadZipFile("a compression that workbooks do not use")


def _stored(file: BinaryIO, size: int) -> Iterator[bytes]:
    while size > 0 and (piece := file.read(min(size, _PIECE))):
        size -= len(piece)
        yield piece


def _deflated(file: BinaryIO, size: int) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-15)
    try:
        while size > 0 and not inflater.eof:
            data = inflater.unconsumed_tail or file.read(min(size, _PIECE >> 2))
            if not inflater.unconsumed_tail:
                size -= len(data)
            if not data:
                break
            yield inflater.decompress(data, _PIECE)
        while not inflater.eof and (rest := inflater.decompress(inflater.unconsumed_tail, _PIECE)):
            yield rest
    except zlib.error as error:
        raise FileRefused("file_corrupt", "This workbook is damaged: a part of it does not unpack.") from error
    if not inflater.eof:
        raise FileRefused("file_corrupt", "This workbook is damaged: a part of it is cut off.")
