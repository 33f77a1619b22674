"""What imports need from outside: somebody who reads files without endangering the service."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from rapport_import.domain.cells import Cell
from rapport_import.domain.files import FileFacts
from rapport_import.domain.mapping import MappingPlan


class ReaderGone(Exception):  # noqa: N818  what happened to it
    """The process that read the file was killed; nothing is known of the file, trying again is right."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A mapped chunk: `wrong` rows as [row, code, reason]; `blob` is empty when no row of it is good."""

    number: int
    read: int
    rows: int
    wrong: list[tuple[int, str, str]]
    blob: bytes


@dataclass(frozen=True, slots=True)
class Total:
    """How many rows the whole run has; said first."""

    rows: int


@dataclass(frozen=True, slots=True)
class RowPage:
    """A look into a row file: `head`, its first rows; `rows`, some filled ones with their numbers; `total` of them."""

    head: list[list[Cell]]
    rows: list[tuple[int, list[Cell]]]
    total: int


@dataclass(frozen=True, slots=True)
class ErrorRows:
    """What goes into an error workbook: pages of (row, reason) ascending, and how the sheet looked."""

    pages: AsyncIterator[Sequence[tuple[int, str]]]
    sheet: str
    columns: int
    header_row: int | None


class FileReader(Protocol):
    """Reads files in limited processes (R13). All methods may raise `ReaderGone`."""

    async def inspect(
        self, path: Path, into: Path, encoding: str | None = None, delimiter: str | None = None
    ) -> FileFacts:
        """What is in the file; row files are written into the folder `into`. Raises `FileRefused`."""

    async def page(self, row_file: Path, header_row: int | None, offset: int, limit: int) -> RowPage:
        """Some rows below the header, after the first `offset` filled ones."""

    def map(self, row_file: Path, plan: MappingPlan, from_chunk: int) -> AsyncIterator[Total | Batch]:
        """The batches of a run from a chunk on, read ahead only a little."""

    async def write_errors(self, row_file: Path, into: Path, errors: ErrorRows) -> None:
        """Write the error workbook to `into`."""
