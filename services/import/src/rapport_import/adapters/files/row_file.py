"""The row file: all rows of a sheet once they were read, in chunks that can be found by number; everything later reads this.

A line of JSON a chunk of 2,000 rows (a blank row is `[]`), a line with the index `[[offset, filled rows before], …]`, and the
offset of that line as the last 16 bytes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final, Self

import orjson

from rapport_import.domain.cells import Cell
from rapport_import.domain.files import CHUNK_ROWS

_FOOTER: Final = 16
Row = list[Cell]


class RowFileWriter:
    """Writes rows in order. Trailing blank rows are left out."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb", buffering=1 << 20)
        self._chunk: list[Row] = []
        self._index: list[list[int]] = []
        self._filled = 0
        self._offset = 0
        self._blank = 0
        self.rows = 0
        self.filled = 0
        self.columns = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, row: Row) -> None:
        """The next row of the file; `[]` when it is blank."""
        if not row:
            self._blank += 1
            return
        for _ in range(self._blank):
            self._put([])
        self._blank = 0
        self.columns = max(self.columns, len(row))
        self.filled += 1
        self._put(row)

    def finish(self) -> None:
        """Write what is left and the index."""
        if self._chunk:
            self._flush()
        self._file.write(orjson.dumps(self._index) + b"\n" + f"{self._offset:0{_FOOTER}d}".encode())

    def _put(self, row: Row) -> None:
        self._chunk.append(row)
        self.rows += 1
        if len(self._chunk) == CHUNK_ROWS:
            self._flush()

    def _flush(self) -> None:
        line = orjson.dumps(self._chunk, default=_special, option=orjson.OPT_PASSTHROUGH_DATETIME) + b"\n"
        self._index.append([self._offset, self._filled])
        self._filled += sum(1 for row in self._chunk if row)
        self._offset += self._file.write(line)
        self._chunk = []


def _special(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return {"date": value.isoformat()}
    if isinstance(value, time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, int):
        return str(value)  # beyond 64 bits
    raise TypeError(type(value))


class RowFile:
    """Reads a row file."""

    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = path.open("rb")
        self._file.seek(-_FOOTER, 2)
        end = int(self._file.read(_FOOTER))
        self._file.seek(end)
        self._index: list[list[int]] = orjson.loads(self._file.readline())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    @property
    def chunks(self) -> int:
        """How many chunks there are."""
        return len(self._index)

    @property
    def filled(self) -> int:
        """How many rows are not blank."""
        return self.filled_through(self.chunks * CHUNK_ROWS)

    def chunk(self, number: int) -> list[Row]:
        """Rows `number * CHUNK_ROWS + 1` and following of the file."""
        self._file.seek(self._index[number][0])
        rows: list[Row] = orjson.loads(self._file.readline())
        return rows

    def from_chunk(self, number: int) -> Iterator[tuple[int, list[Row]]]:
        """(number, rows) of the chunk and of all that follow."""
        for one in range(number, self.chunks):
            yield one, self.chunk(one)

    def head(self, rows: int) -> list[Row]:
        """The first rows."""
        found: list[Row] = []
        for _, chunk in self.from_chunk(0):
            found += chunk
            if len(found) >= rows:
                break
        return found[:rows]

    def filled_through(self, row: int) -> int:
        """How many of the rows 1 … `row` are not blank."""
        if not self._index or row <= 0:
            return 0
        number = min((row - 1) // CHUNK_ROWS, self.chunks - 1)
        return self._index[number][1] + sum(1 for one in self.chunk(number)[: row - number * CHUNK_ROWS] if one)

    def page(self, skip: int, limit: int) -> list[tuple[int, Row]]:
        """(row number, row) of `limit` filled rows after the first `skip` filled ones."""
        if not self._index:
            return []
        number = max(bisect_right(self._index, skip, key=lambda entry: entry[1]) - 1, 0)
        seen = self._index[number][1]
        found: list[tuple[int, Row]] = []
        for chunk, rows in self.from_chunk(number):
            for row, cells in enumerate(rows, chunk * CHUNK_ROWS + 1):
                if not cells:
                    continue
                seen += 1
                if seen > skip:
                    found.append((row, cells))
                if len(found) == limit:
                    return found
        return found
