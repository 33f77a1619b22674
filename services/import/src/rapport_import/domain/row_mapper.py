"""Rows of a file become rows of a batch: mapped, normalised and validated by column; wrong rows leave with their reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rapport_contracts.phone import region_of_country
from rapport_import.domain import columns
from rapport_import.domain.cells import Cell
from rapport_import.domain.dates import DateOrder, region_order
from rapport_import.domain.mapping import ColumnPlan, MappingPlan
from rapport_import.domain.names import split_name
from rapport_import.domain.row_ranges import parse_ranges
from rapport_import.domain.targets import CONTACTS, NAMES, PHONES

Row = Sequence[Cell]
_MOST_REASON = 1_000


@dataclass(frozen=True, slots=True)
class WrongRow:
    """A row that will not be written, with the code of its first fault and words for all of them."""

    row: int
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class MappedChunk:
    """What a chunk became: `columns` and `rows` as in `rapport_contracts.events.ImportBatch`; `read` rows were taken."""

    columns: list[str]
    rows: list[tuple[Any, ...]]
    wrong: list[WrongRow]
    read: int


@dataclass(slots=True)
class _Faults:
    found: dict[int, list[tuple[str, str]]] = field(default_factory=dict)

    def of(self, plan: ColumnPlan) -> columns.Fail:
        return lambda place, code, words: self.add(place, code, f"{plan.title}: {words}")

    def add(self, place: int, code: str, words: str) -> None:
        self.found.setdefault(place, []).append((code, words))


class RowMapper:
    """Maps chunks by one plan. `orders` of date columns are those of the whole column (`dates.column_order`)."""

    def __init__(self, plan: MappingPlan, orders: Mapping[int, DateOrder]) -> None:
        self._plan = plan
        self._orders = orders
        self._ranges = parse_ranges(plan.rows, plan.header_row)
        self._regions: dict[str | None, str] = {None: plan.region}
        # the country first: phones are read by it
        self._columns = sorted(plan.columns, key=lambda one: one.target != "country")

    def map(self, first_row: int, rows: Sequence[Row]) -> MappedChunk:
        """Map the rows of one chunk, the first of which has the number `first_row` in the file; blank rows are no rows."""
        numbers, taken = self._taken(first_row, rows)
        faults = _Faults()
        values: dict[str, list[Any]] = {}
        for plan in self._columns:
            cells = [row[plan.column] if plan.column < len(row) else None for row in taken]
            self._put(values, plan, cells, faults)
        self._require(values, len(taken), faults)
        names = list(values)
        mapped = zip(numbers, *(values[name] for name in names), strict=True)
        wrong = [_wrong(numbers[place], found) for place, found in sorted(faults.found.items())]
        good = [row for place, row in enumerate(mapped) if place not in faults.found] if wrong else list(mapped)
        return MappedChunk(names, good, wrong, len(taken))

    def _taken(self, first_row: int, rows: Sequence[Row]) -> tuple[list[int], list[Row]]:
        last = first_row + len(rows) - 1
        if not rows or not self._ranges.touches(first_row, last):
            return [], []
        everything = self._ranges.covers(first_row, last)
        pairs = [
            (number, row)
            for number, row in enumerate(rows, first_row)
            if row and (everything or number in self._ranges)
        ]
        return [number for number, _ in pairs], [row for _, row in pairs]

    def _put(self, values: dict[str, list[Any]], plan: ColumnPlan, cells: list[Cell], faults: _Faults) -> None:
        found = self._values(plan, cells, values.get("country"), faults.of(plan))
        if plan.target == "name" and self._plan.kind == "person":
            halves = [split_name(full) if full else (None, None) for full in found]
            values["first_name"] = [half[0] for half in halves]
            values["last_name"] = [half[1] for half in halves]
        elif plan.target in values:
            values[plan.target] = [
                (one or []) + (more or []) or (None if plan.type not in ("phone", "email", "contact", "groups") else [])
                for one, more in zip(values[plan.target], found, strict=True)
            ]
        else:
            values[plan.target] = found

    def _values(
        self, plan: ColumnPlan, cells: list[Cell], countries: list[str | None] | None, fail: columns.Fail
    ) -> list[Any]:
        if plan.target in PHONES:
            return columns.phones(cells, plan, self._regions_of(plan, countries), fail)
        if plan.type == "email":
            return columns.emails(cells, plan, fail)
        if plan.type == "contact":
            return columns.contacts(cells, plan, fail)
        if plan.type == "groups":
            return columns.group_ids(cells, plan, fail)
        if plan.target.startswith("custom."):
            order = self._orders.get(plan.column) or region_order(plan.region or self._plan.region)
            return columns.typed(cells, plan, order, fail, date_1904=self._plan.date_1904)
        return columns.texts(cells, plan, fail)

    def _regions_of(self, plan: ColumnPlan, countries: list[str | None] | None) -> Sequence[str] | str:
        if plan.region or countries is None:
            return plan.region or self._plan.region
        known = self._regions
        for country in countries:
            if country not in known:
                known[country] = region_of_country(country or "") or self._plan.region
        return [known[country] for country in countries]

    def _require(self, values: dict[str, list[Any]], count: int, faults: _Faults) -> None:
        said = [values[name] for name in values if name in NAMES or name in CONTACTS]
        for place in range(count):
            if not any(column[place] for column in said) and place not in faults.found:
                faults.add(place, "no_name_or_contact", "neither a name nor a contact")
        if not self._plan.grouped:
            groups = values.get("groups")
            for place in range(count):
                if groups is None or not groups[place]:
                    faults.add(place, "no_group", "no group")


def _wrong(row: int, found: Sequence[tuple[str, str]]) -> WrongRow:
    return WrongRow(row, found[0][0], "; ".join(words for _, words in found)[:_MOST_REASON])
