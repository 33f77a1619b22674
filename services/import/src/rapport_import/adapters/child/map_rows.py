"""The child's part of a run: chunks of the row file become batches, one after the other, from any of them on."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO, Final

import orjson

from rapport_import.adapters.child.frames import BATCH, DONE, TOTAL, write_frame
from rapport_import.adapters.files.row_file import RowFile
from rapport_import.domain.cells import text_of
from rapport_import.domain.dates import DateOrder, column_order
from rapport_import.domain.files import CHUNK_ROWS
from rapport_import.domain.mapping import MappingPlan
from rapport_import.domain.row_mapper import MappedChunk, RowMapper
from rapport_import.domain.row_ranges import RowRanges, parse_ranges

_FEW_RANGES: Final = 20


def map_rows(order: dict[str, Any], out: BinaryIO) -> None:
    """Frames: the number of rows of the whole run; then a batch a chunk that has any, from chunk `from` on.

    A batch's head: `batch`, `read`, `wrong` [[row, code, reason], …], `rows`; its body is the blob of
    `rapport_contracts.events.ImportBatch`.
    """
    plan = MappingPlan.of(order["plan"])
    with RowFile(Path(order["path"])) as file:
        ranges = parse_ranges(plan.rows, plan.header_row)
        write_frame(out, TOTAL, {"total": count_rows(file, ranges)})
        mapper = RowMapper(plan, _orders(file, plan))
        for number, rows in file.from_chunk(order["from"]):
            chunk = mapper.map(number * CHUNK_ROWS + 1, rows)
            if chunk.read:
                _send(out, number, chunk)
    write_frame(out, DONE, {})


def _send(out: BinaryIO, number: int, chunk: MappedChunk) -> None:
    wrong = [[one.row, one.code, one.reason] for one in chunk.wrong]
    body = orjson.dumps({"columns": chunk.columns, "rows": chunk.rows}) if chunk.rows else b""
    write_frame(out, BATCH, {"batch": number, "read": chunk.read, "rows": len(chunk.rows), "wrong": wrong}, body)


def count_rows(file: RowFile, ranges: RowRanges) -> int:
    """How many filled rows the ranges take."""
    spans = list(zip(ranges.starts, ranges.ends, strict=True))
    if len(spans) <= _FEW_RANGES:
        return sum(file.filled_through(end) - file.filled_through(start - 1) for start, end in spans)
    return sum(
        1
        for number, rows in file.from_chunk(0)
        for row, cells in enumerate(rows, number * CHUNK_ROWS + 1)
        if cells and row in ranges
    )


def _orders(file: RowFile, plan: MappingPlan) -> dict[int, DateOrder]:
    """How each date column writes its dates, decided over all of its rows: so a row's date never depends on its batch."""
    orders: dict[int, DateOrder] = {}
    for one in plan.columns:
        if one.type == "date":
            texts = (
                text_of(row[one.column]) or ""
                for _, rows in file.from_chunk(0)
                for row in rows
                if one.column < len(row) and isinstance(row[one.column], str)
            )
            orders[one.column] = column_order(texts, one.region or plan.region)
    return orders
