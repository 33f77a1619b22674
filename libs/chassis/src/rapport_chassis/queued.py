"""Rows that a transaction writes at its end, those of a table at once, whichever of its use cases they come from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Table

from rapport_chassis.dialects import delete_rows, insert_rows

_Row = tuple[Any, ...]
_Place = tuple[Table, tuple[str, ...]]


@dataclass(slots=True)
class _Replaced:
    """What a table loses and gains; a row that came and went in between is in `gone` alone."""

    gone: dict[_Row, None] = field(default_factory=dict)
    new: dict[_Row, None] = field(default_factory=dict)


class Queued:
    """Positional tuples in their stored form, by the table and the columns they are for."""

    __slots__ = ("_inserted", "_replaced")

    def __init__(self) -> None:
        self._inserted: dict[_Place, list[_Row]] = {}
        self._replaced: dict[_Place, _Replaced] = {}

    def insert(self, table: Table, columns: tuple[str, ...], rows: Sequence[_Row]) -> None:
        """Insert `rows`."""
        self._inserted.setdefault((table, columns), []).extend(rows)

    def replace(self, table: Table, columns: tuple[str, ...], gone: Iterable[_Row], new: Iterable[_Row]) -> None:
        """Take `gone` away and put `new` in, after what was asked for before; `columns` are the key of the table."""
        place = (table, columns)
        replaced = self._replaced.get(place) or self._replaced.setdefault(place, _Replaced())
        for row in gone:
            replaced.gone[row] = None
            replaced.new.pop(row, None)
        replaced.new.update(dict.fromkeys(new))

    def __len__(self) -> int:
        replaced = sum(len(one.gone) + len(one.new) for one in self._replaced.values())
        return replaced + sum(map(len, self._inserted.values()))

    def write(self, conn: Connection) -> None:
        """Write all of them, in the order of their keys where they are replaced."""
        for (table, columns), replaced in self._replaced.items():
            delete_rows(conn, table, columns, sorted(replaced.gone))
            insert_rows(conn, table, columns, sorted(replaced.new))
        for (table, columns), rows in self._inserted.items():
            insert_rows(conn, table, columns, rows)
        self.clear()

    def clear(self) -> None:
        """Forget them."""
        self._inserted.clear()
        self._replaced.clear()
