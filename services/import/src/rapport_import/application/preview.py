"""The preview: the first rows as they will be read, what each column holds, and what it most likely is (I2, I3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rapport_import.application.ports import RowPage
from rapport_import.domain.cells import Cell, text_of
from rapport_import.domain.column_types import column_type
from rapport_import.domain.files import SheetFacts
from rapport_import.domain.headers import header_texts
from rapport_import.domain.suggestion import Column, likely_kind, suggest
from rapport_import.domain.targets import CustomerKind, Target

_SAMPLES: Final = 5
_LOOKED_AT: Final = 200
_MOST_CELLS: Final = 60_000  # a sheet of a thousand columns is judged by fewer rows
_LONGEST: Final = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """What the preview is made of: the header that was chosen, where the page begins, the kind, the workspace's region."""

    header_row: int | None
    offset: int
    kind: CustomerKind | None
    region: str


def headers_of(page: RowPage, sheet: SheetFacts, header_row: int | None) -> list[str | None]:
    """The name of each column."""
    return header_texts(page.head, header_row, sheet.columns, sheet.merges)


def preview(
    page: RowPage,
    sheet: SheetFacts,
    asked: Asked,
    targets: Mapping[str, Target],
    remembered: Mapping[int, str | None] | None,
) -> dict[str, Any]:
    """The body of GET /imports/{id}/preview."""
    headers = headers_of(page, sheet, asked.header_row)
    kind = asked.kind or likely_kind(headers)
    columns = _columns(page, sheet, asked, headers)
    suggestions = suggest(columns, targets, kind, asked.region, remembered)
    shown = [
        {
            "column": one.column,
            "header": one.header,
            "type": one.type,
            "samples": _samples(one.samples),
            "suggestion": guess.target,
            "confidence": guess.confidence,
        }
        for one, guess in zip(columns, suggestions, strict=True)
    ]
    return {
        "sheet": sheet.name,
        "header_row": asked.header_row,
        "kind": kind,
        "remembered": remembered is not None,
        "columns": shown,
        "rows": [_shown(row, sheet.columns) for _, row in page.rows],
        "row_numbers": [number for number, _ in page.rows],
        "offset": asked.offset,
        "total": page.total,
    }


def _columns(page: RowPage, sheet: SheetFacts, asked: Asked, headers: Sequence[str | None]) -> list[Column]:
    most = max(20, min(_LOOKED_AT, _MOST_CELLS // max(sheet.columns, 1)))
    below = page.head[asked.header_row or 0 :]
    looked_at = [row for row in below if row][:most]
    columns = []
    for number in range(sheet.columns):
        cells: list[Cell] = [row[number] if number < len(row) else None for row in looked_at]
        columns.append(Column(number, headers[number], column_type(cells), cells))
    return columns


def _samples(cells: Sequence[Cell]) -> list[str]:
    texts: dict[str, None] = {}
    for cell in cells:
        if text := text_of(cell):
            texts[text[:_LONGEST]] = None
        if len(texts) == _SAMPLES:
            break
    return list(texts)


def _shown(row: Sequence[Cell], width: int) -> list[str | None]:
    texts = [text[:_LONGEST] if (text := text_of(cell)) else None for cell in row]
    return texts + [None] * (width - len(texts))
