"""A whole column of cells becomes a column of values at once: the hot path, so each loop does one thing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from rapport_contracts.phone import phone_key
from rapport_contracts.text import normalise, normalise_email
from rapport_import.domain.cells import Cell, clean, error_of, text_of
from rapport_import.domain.dates import DateOrder
from rapport_import.domain.mapping import ColumnPlan
from rapport_import.domain.values import Wrong, boolean_of, date_of, integer_of, option_of

Fail = Callable[[int, str, str], None]
"""fail(place in the column, code, words)."""

LONGEST: Final = {"description": 20_000, "street": 1_000}
LONGEST_TEXT: Final = 500
LONGEST_CUSTOM: Final = 10_000


def texts(cells: Sequence[Cell], plan: ColumnPlan, fail: Fail) -> list[str | None]:
    """Clean text. Fails `formula_error` and `too_long`."""
    longest = LONGEST.get(plan.target, LONGEST_TEXT)
    found: list[str | None] = []
    for place, cell in enumerate(cells):
        text = clean(cell) if type(cell) is str else _other_text(cell, place, fail)
        if text is not None and len(text) > longest:
            fail(place, "too_long", f"longer than {longest} characters")
        found.append(text)
    return found


def _other_text(cell: Cell, place: int, fail: Fail) -> str | None:
    if error := error_of(cell):
        fail(place, "formula_error", f"the formula gives {error}")
        return None
    return text_of(cell)


def _parts(text: str, plan: ColumnPlan) -> list[str]:
    if plan.separator is None or plan.separator not in text:
        return [text]
    pieces = text.split(plan.separator, (plan.values - 1) if plan.values else -1)
    return [part for piece in pieces if (part := clean(piece))]


def phones(
    cells: Sequence[Cell], plan: ColumnPlan, regions: Sequence[str] | str, fail: Fail
) -> list[list[list[str | None]]]:
    """`[[value, E.164 | null], …]` a cell; `regions` of each row, or one for all. An unreadable number is kept (C2)."""
    region_of = [regions] * len(cells) if isinstance(regions, str) else regions
    found: list[list[list[str | None]]] = []
    for place, (text, region) in enumerate(zip(_raw_texts(cells, fail), region_of, strict=True)):
        values: list[list[str | None]] = (
            [[part, phone_key(part, region)] for part in _parts(text, plan)] if text else []
        )
        if text and len(text) > LONGEST_TEXT:
            fail(place, "too_long", f"longer than {LONGEST_TEXT} characters")
        found.append(values)
    return found


def emails(cells: Sequence[Cell], plan: ColumnPlan, fail: Fail) -> list[list[list[str | None]]]:
    """`[[value, normalised address], …]` a cell. Fails `invalid_email`."""
    found: list[list[list[str | None]]] = []
    for place, text in enumerate(_raw_texts(cells, fail)):
        values: list[list[str | None]] = []
        for part in _parts(text, plan) if text else ():
            key = normalise_email(part)
            if key is None:
                fail(place, "invalid_email", f"“{part[:100]}” is no e-mail address")
            else:
                values.append([part, key])
        found.append(values)
    return found


def contacts(cells: Sequence[Cell], plan: ColumnPlan, fail: Fail) -> list[list[list[str | None]]]:
    """`[[value, null], …]` a cell."""
    found: list[list[list[str | None]]] = []
    for place, text in enumerate(_raw_texts(cells, fail)):
        if text and len(text) > LONGEST["street"]:
            fail(place, "too_long", f"longer than {LONGEST['street']} characters")
        found.append([[part, None] for part in _parts(text, plan)] if text else [])
    return found


def _raw_texts(cells: Sequence[Cell], fail: Fail) -> list[str | None]:
    return [
        clean(cell) if type(cell) is str else None if cell is None else _other_text(cell, place, fail)
        for place, cell in enumerate(cells)
    ]


def group_ids(cells: Sequence[Cell], plan: ColumnPlan, fail: Fail) -> list[list[str]]:
    """Ids of the groups named in a cell. Fails `unknown_group`."""
    found: list[list[str]] = []
    for place, text in enumerate(_raw_texts(cells, fail)):
        ids: dict[str, None] = {}
        for part in _parts(text, plan) if text else ():
            known = plan.options.get(normalise(part))
            if known is None:
                fail(place, "unknown_group", f"“{part[:60]}” is no group that you may fill")
            else:
                ids[known] = None
        found.append(list(ids))
    return found


def typed(cells: Sequence[Cell], plan: ColumnPlan, order: DateOrder, fail: Fail, *, date_1904: bool) -> list[Any]:
    """Values of a custom field, lists of them when it takes several. Fails with the code of what the type refuses."""
    one = _reader(plan, order, date_1904=date_1904)
    found: list[Any] = []
    for place, cell in enumerate(cells):
        if error := error_of(cell):
            fail(place, "formula_error", f"the formula gives {error}")
            found.append(None)
            continue
        try:
            found.append(_several(cell, plan, one) if plan.multiple else one(cell))
        except Wrong as wrong:
            fail(place, wrong.code, wrong.detail)
            found.append(None)
    return found


def _several(cell: Cell, plan: ColumnPlan, one: Callable[[Cell], Any]) -> list[Any] | None:
    parts: Sequence[Cell] = _parts(cell, plan) if isinstance(cell, str) else [cell]
    values = [value for part in parts if (value := one(part)) is not None]
    return list(dict.fromkeys(values)) or None


def _reader(plan: ColumnPlan, order: DateOrder, *, date_1904: bool) -> Callable[[Cell], Any]:
    if plan.type == "integer":
        return integer_of
    if plan.type == "boolean":
        return boolean_of
    if plan.type == "date":
        return lambda cell: date_of(cell, order, date_1904=date_1904)
    if plan.type == "list":
        options = dict(plan.options)
        return lambda cell: option_of(cell, options)
    return _custom_text


def _custom_text(cell: Cell) -> str | None:
    text = text_of(cell)
    if text is not None and len(text) > LONGEST_CUSTOM:
        raise Wrong("too_long", f"longer than {LONGEST_CUSTOM} characters")
    return text
