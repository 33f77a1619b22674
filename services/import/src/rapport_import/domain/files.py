"""What a file may be and how big: the refusals of features.md I11, each with its stable code."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

CHUNK_ROWS: Final = 2_000
"""Rows of a chunk of the row file, and so of a batch: batch n is chunk n, whatever happened meanwhile."""

FILE_CODES: Final = ("file_encrypted", "file_corrupt", "file_wrong_type", "file_empty", "file_too_large")


class FileRefused(Exception):  # noqa: N818  the field's word
    """A file that cannot be taken; `code` is one of `FILE_CODES`, `detail` a sentence for the person."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a file is taken (I11, measures.md R13).

    `upload_bytes` of the file itself; `rows` and `columns` of a sheet; `inflated_bytes` of all its parts together;
    `memory_bytes` and `memory_bytes_most` of the child that parses, `seconds` of its processor time.
    """

    upload_bytes: int = 256 << 20
    rows: int = 1_048_576
    columns: int = 1_000
    sheets: int = 100
    inflated_bytes: int = 2 << 30
    ratio: int = 200
    memory_bytes: int = 512 << 20
    memory_bytes_most: int = 2 << 30
    seconds: int = 120


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged area, 0-based and inclusive."""

    top: int
    left: int
    bottom: int
    right: int

    def covers(self, row: int, column: int) -> bool:
        """Whether the cell lies in it."""
        return self.top <= row <= self.bottom and self.left <= column <= self.right


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """What was found in one sheet: `rows` up to the last filled one, `filled` not blank, `header_row` 1-based or None."""

    name: str
    rows: int
    columns: int
    filled: int
    header_row: int | None
    date_1904: bool = False
    merges: tuple[Merge, ...] = ()

    def document(self) -> dict[str, Any]:
        """For the database and the child's answer."""
        merges = [[one.top, one.left, one.bottom, one.right] for one in self.merges]
        named = ("name", "rows", "columns", "filled", "header_row", "date_1904")
        return {name: getattr(self, name) for name in named} | {"merges": merges}

    @staticmethod
    def of(document: dict[str, Any]) -> SheetFacts:
        """From `document()`."""
        return SheetFacts(**(document | {"merges": tuple(Merge(*one) for one in document["merges"])}))


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What was found in a file. `encoding` and `delimiter` are of text files only."""

    format: str
    sheets: tuple[SheetFacts, ...]
    encoding: str | None = None
    delimiter: str | None = None
    row_files: tuple[str, ...] = field(default=())
