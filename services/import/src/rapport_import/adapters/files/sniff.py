"""What a file is, by its content, never by its name; all but XLSX and delimited text is refused in a word (I1, I11)."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path
from typing import Final, Literal

from rapport_import.domain.files import FileRefused

FileFormat = Literal["xlsx", "text"]

_HEAD: Final = 1 << 16
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CONTROL: Final = bytes(set(range(32)) - {9, 10, 11, 12, 13, 26, 27})
_UTF_16_32: Final = (b"\xff\xfe", b"\xfe\xff")
_SPREADSHEET: Final = "Save it as an Excel workbook (.xlsx) or as CSV, and upload that."

_SIGNATURES: Final = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"{\\rtf", "an RTF document"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"SQLite format 3", "a database"),
)
_TEXT_SIGNATURES: Final = (
    ("begin:vcard", "contact cards (vCard)"),
    ("begin:vcalendar", "a calendar"),
    ("<!doctype html", "a web page, whatever its name says"),
    ("<html", "a web page, whatever its name says"),
    ("<table", "a web page, whatever its name says"),
    ("<?xml", "an XML document"),
    ("{\\rtf", "an RTF document"),
)


def sniff(path: Path) -> FileFormat:
    """The format of the file. Raises `FileRefused`: `file_empty`, `file_encrypted`, `file_corrupt`, `file_wrong_type`."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise FileRefused("file_empty", "There is nothing in this file.")
    if head.startswith(b"PK"):
        return _zip(path)
    if head.startswith(_OLE):
        _refuse_ole(path)
    for signature, what in _SIGNATURES:
        if head.startswith(signature):
            raise _wrong_type(what)
    return _text(head, size)


def _wrong_type(what: str) -> FileRefused:
    return FileRefused("file_wrong_type", f"This is {what}, not a table. {_SPREADSHEET}")


def _zip(path: Path) -> FileFormat:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            locked = any(info.flag_bits & 1 for info in archive.infolist())
            types = _content_types(archive) if not locked else b""
    except (zipfile.BadZipFile, OSError, struct.error, ValueError, RuntimeError) as error:
        raise FileRefused("file_corrupt", "This workbook is damaged: its archive cannot be opened.") from error
    if locked:
        raise FileRefused("file_encrypted", "This archive is protected by a password. Save it without one.")
    if any(name.endswith("workbook.bin") for name in names):
        raise _wrong_type("a binary workbook (.xlsb)")
    if (
        b"spreadsheetml.sheet.main+xml" in types
        or b"sheet.macroEnabled.main+xml" in types
        or "xl/workbook.xml" in names
    ):
        return "xlsx"
    if "content.xml" in names:
        raise _wrong_type("an OpenDocument file (.ods)")
    if any(name.startswith("word/") for name in names):
        raise _wrong_type("a Word document")
    if "[Content_Types].xml" in names:
        raise FileRefused("file_corrupt", "This office file has no workbook in it.")
    raise _wrong_type("a ZIP archive")


def _content_types(archive: zipfile.ZipFile) -> bytes:
    try:
        with archive.open("[Content_Types].xml") as part:
            return part.read(1 << 20)
    except (KeyError, zipfile.BadZipFile, OSError, EOFError, RuntimeError, ValueError):
        return b""


def _refuse_ole(path: Path) -> None:
    """An OLE container: an encrypted workbook (MS-OFFCRYPTO, "EncryptedPackage Stream") or an old binary one (MS-XLS)."""
    content = path.read_bytes()[: 64 << 20]
    if "EncryptedPackage".encode("utf-16-le") in content or _has_file_pass(content):
        detail = "This workbook is protected by a password. Open it, remove the password, save it and upload it again."
        raise FileRefused("file_encrypted", detail)
    if "Workbook".encode("utf-16-le") in content or "Book".encode("utf-16-le") in content:
        raise _wrong_type("an old Excel workbook (.xls)")
    raise _wrong_type("an old office document")


def _has_file_pass(content: bytes) -> bool:
    """Whether a BIFF workbook stream says FilePass (MS-XLS 2.4.117) among its first records."""
    place = content.find(b"\x09\x08", 512)
    while place != -1 and place % 512:
        place = content.find(b"\x09\x08", place + 1)
    for _ in range(50):
        if place < 0 or place + 4 > len(content):
            return False
        record, length = struct.unpack_from("<HH", content, place)
        if record == 0x2F:  # noqa: PLR2004  FilePass
            return True
        place += 4 + length
    return False


def _text(head: bytes, size: int) -> FileFormat:
    wide = head.startswith(_UTF_16_32) or _looks_wide(head)
    if not wide and len(head.translate(None, _CONTROL)) < len(head) - len(head) // 1000:
        raise _wrong_type("no text")
    start = head[:2000].decode("utf-16" if head.startswith(_UTF_16_32) else "latin-1", "ignore")
    start = start.removeprefix("ï»¿").lstrip().lower()
    for signature, what in _TEXT_SIGNATURES:
        if start.startswith(signature):
            raise _wrong_type(what)
    if _is_json(start, size):
        raise _wrong_type("a JSON document")
    return "text"


def _looks_wide(head: bytes) -> bool:
    """UTF-16 without a mark: every other byte of the ASCII parts is zero."""
    return (
        max(head[0::2].count(0), head[1::2].count(0)) > len(head) // 8
        and min(head[0::2].count(0), head[1::2].count(0)) <= len(head) // 64
    )


def _is_json(start: str, size: int) -> bool:
    first = start.replace(" ", "").replace("\n", "").replace("\r", "").replace("\t", "")[:3]
    return size > 1 and (first[:2] in ('{"', "{}", "[{", "[[", '["') or first == "[]")
