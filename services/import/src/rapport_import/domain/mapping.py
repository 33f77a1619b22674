"""The frozen plan of a run: which column becomes what, with everything needed to do it again in exactly the same way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rapport_contracts.text import normalise
from rapport_import.domain.targets import CustomerKind, Target, TargetType


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """One column on its way: `options` normalised label → id of a list target, `groups` normalised name → id."""

    column: int
    target: str
    type: TargetType
    title: str
    multiple: bool = False
    separator: str | None = None
    values: int | None = None
    region: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MappingPlan:
    """All that decides what a row becomes. Nothing else does: the same plan and file give the same batches (I8)."""

    kind: CustomerKind
    columns: tuple[ColumnPlan, ...]
    header_row: int | None
    rows: str
    region: str
    date_1904: bool
    grouped: bool

    def document(self) -> dict[str, Any]:
        """JSON for the job's parameters and the child."""
        columns = [
            {name: getattr(one, name) for name in ColumnPlan.__dataclass_fields__} | {"options": dict(one.options)}
            for one in self.columns
        ]
        return {name: getattr(self, name) for name in MappingPlan.__dataclass_fields__} | {"columns": columns}

    @staticmethod
    def of(document: Mapping[str, Any]) -> MappingPlan:
        """From `document()`."""
        columns = tuple(ColumnPlan(**one) for one in document["columns"])
        return MappingPlan(**(dict(document) | {"columns": columns}))


def column_plan(
    column: int,
    target: Target,
    *,
    title: str,
    separator: str | None,
    values: int | None,
    region: str | None,
    groups: Mapping[str, str],
) -> ColumnPlan:
    """The plan of one column; `title` is how reasons call it, `groups` are normalised names → ids for the target `groups`."""
    options = dict(groups) if target.type == "groups" else {normalise(one.label): one.id for one in target.options}
    return ColumnPlan(column, target.name, target.type, title, target.multiple, separator, values, region, options)
