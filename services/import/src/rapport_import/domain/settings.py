"""What the person decided about an import, and everything that can be wrong with it, each with the path of the field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

from rapport_contracts.phone import region_of_country
from rapport_import.domain.files import SheetFacts
from rapport_import.domain.row_ranges import parse_ranges
from rapport_import.domain.targets import CONTACTS, NAMES, CustomerKind, Target

Mode = Literal["duplicate", "merge"]
WhenUnmatched = Literal["create", "skip"]
Combine = Literal["all", "any"]
_WITH_REGION: Final = frozenset({"phone", "date"})


@dataclass(frozen=True, slots=True)
class ColumnSetting:
    """One column of the file (from 0) and where it goes; `values`: into how many a cell is split at most."""

    column: int
    target: str | None
    separator: str | None = None
    values: int | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class MatchSetting:
    """On which targets a row and a customer must be the same (I5)."""

    fields: tuple[str, ...]
    combine: Combine


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of an import, as PUT /imports/{id}/settings takes them."""

    sheet: str
    header_row: int | None
    rows: str
    kind: CustomerKind
    groups: tuple[str, ...]
    mode: Mode
    when_unmatched: WhenUnmatched
    match: MatchSetting | None
    columns: tuple[ColumnSetting, ...]

    def document(self) -> dict[str, Any]:
        """As the API shows them."""
        return asdict(self)

    @staticmethod
    def of(document: Mapping[str, Any]) -> Settings:
        """From `document()`."""
        match = document["match"]
        return Settings(
            **(
                dict(document)
                | {
                    "groups": tuple(document["groups"]),
                    "match": MatchSetting(tuple(match["fields"]), match["combine"]) if match else None,
                    "columns": tuple(ColumnSetting(**one) for one in document["columns"]),
                }
            )
        )


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field."""

    field: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class World:
    """What settings are judged by: the file's sheets, the targets and groups that the caller may see, and may fill."""

    sheets: Sequence[SheetFacts]
    targets: Mapping[str, Target]
    groups_seen: frozenset[str]
    groups_filled: frozenset[str]

    def sheet(self, name: str) -> SheetFacts | None:
        """The sheet of that name."""
        return next((one for one in self.sheets if one.name == name), None)


def faults(settings: Settings, world: World) -> list[Fault]:
    """Everything that is wrong with the settings; none: they can be run."""
    return [
        *_sheet_faults(settings, world),
        *_group_faults(settings, world),
        *_column_faults(settings, world),
        *_match_faults(settings, world),
    ]


def _sheet_faults(settings: Settings, world: World) -> Iterator[Fault]:
    sheet = world.sheet(settings.sheet)
    if sheet is None:
        yield Fault("sheet", "unknown_sheet", f"The file has no sheet “{settings.sheet[:100]}”.")
    elif settings.header_row is not None and settings.header_row > sheet.rows:
        yield Fault("header_row", "out_of_range", f"The sheet has {sheet.rows:,} rows.")
    try:
        parse_ranges(settings.rows, settings.header_row)
    except ValueError as error:
        yield Fault("rows", "bad_ranges", str(error))


def _group_faults(settings: Settings, world: World) -> Iterator[Fault]:
    for place, group in enumerate(settings.groups):
        if group not in world.groups_seen:
            yield Fault(f"groups.{place}", "unknown_group", "There is no such group.")
        elif group not in world.groups_filled:
            yield Fault(f"groups.{place}", "group_not_editable", "You may not add customers to this group.")
    creates = settings.mode == "duplicate" or settings.when_unmatched == "create"
    by_column = any(one.target == "groups" for one in settings.columns)
    if creates and not settings.groups and not by_column:
        yield Fault("groups", "missing", "Choose a group: a customer is always in at least one.")


def _column_faults(settings: Settings, world: World) -> Iterator[Fault]:
    sheet = world.sheet(settings.sheet)
    columns = Counter(one.column for one in settings.columns)
    for place, one in enumerate(settings.columns):
        at = f"columns.{place}"
        if sheet is not None and one.column >= sheet.columns:
            yield Fault(f"{at}.column", "out_of_range", f"The sheet has {sheet.columns} columns.")
        elif columns[one.column] > 1:
            yield Fault(f"{at}.column", "repeated", "A column can be named once only.")
        target = world.targets.get(one.target) if one.target is not None else None
        if one.target is not None and target is None:
            yield Fault(f"{at}.target", "unknown_target", f"There is no field “{one.target[:100]}”.")
        elif target is not None:
            yield from _target_faults(at, one, target, settings)
    yield from _shared_targets(settings, world)
    if not {one.target for one in settings.columns} & (NAMES | CONTACTS):
        yield Fault(
            "columns", "no_name_or_contact", "Map a column to a name or to a contact: without one, every row fails."
        )


def _target_faults(at: str, one: ColumnSetting, target: Target, settings: Settings) -> Iterator[Fault]:
    if settings.kind not in target.kinds:
        yield Fault(f"{at}.target", "wrong_kind", f"A customer of kind {settings.kind} has no “{target.label}”.")
    if one.separator is not None and not target.multiple:
        yield Fault(f"{at}.separator", "single_value", f"“{target.label}” has one value: a cell is not split.")
    if one.values is not None and one.separator is None:
        yield Fault(f"{at}.values", "no_separator", "Say by which separator the cell is split.")
    if one.region is not None:
        if target.type not in _WITH_REGION:
            yield Fault(f"{at}.region", "no_region", f"“{target.label}” does not depend on a region.")
        elif not is_region(one.region):
            yield Fault(f"{at}.region", "unknown_region", "A region is a country's code of two letters, such as IR.")


def is_region(code: str) -> bool:
    """Whether it is the ISO 3166-1 alpha-2 code of a country."""
    return len(code) == 2 and code.isupper() and region_of_country(code) == code  # noqa: PLR2004


def _shared_targets(settings: Settings, world: World) -> Iterator[Fault]:
    uses = Counter(one.target for one in settings.columns if one.target)
    halves = settings.kind == "person" and uses["name"] and (uses["first_name"] or uses["last_name"])
    for place, one in enumerate(settings.columns):
        target = world.targets.get(one.target or "")
        if target is not None and not target.multiple and uses[target.name] > 1:
            detail = f"“{target.label}” has one value: only one column can become it."
            yield Fault(f"columns.{place}.target", "target_taken", detail)
        elif halves and one.target == "name":
            detail = "A whole name fills the first and the last name: map either it or them."
            yield Fault(f"columns.{place}.target", "target_taken", detail)


def _match_faults(settings: Settings, world: World) -> Iterator[Fault]:
    if settings.mode == "duplicate":
        return
    if settings.match is None:
        yield Fault("match", "missing", "Merging needs fields to match on.")
        return
    rule = settings.match
    for place, name in enumerate(rule.fields):
        target = world.targets.get(name)
        if target is None or settings.kind not in target.kinds or target.type == "groups":
            yield Fault(f"match.fields.{place}", "unknown_target", f"There is no field “{name[:100]}” to match on.")
        elif rule.combine == "any" and not target.matchable:
            detail = f"“{target.label}” alone finds no customer: it can only narrow a match on all fields down."
            yield Fault(f"match.fields.{place}", "not_matchable", detail)
    finding = [name for name in rule.fields if name in world.targets and world.targets[name].matchable]
    if not finding:
        yield Fault("match.fields", "not_matchable", "Match on a name, a contact or a custom field.")
    elif not _mapped(settings, finding):
        yield Fault("match.fields", "not_mapped", "No column is mapped to a field that is matched on.")


def _mapped(settings: Settings, finding: Sequence[str]) -> bool:
    """With “all”, every field has a column: an empty one would match nobody who has it; with “any” one is enough."""
    assert settings.match is not None  # noqa: S101  asked before
    mapped = {one.target for one in settings.columns}
    if settings.kind == "person":
        mapped |= {"first_name", "last_name"} if "name" in mapped else set()
        mapped |= {"name"} if {"first_name", "last_name"} <= mapped else set()
    if settings.match.combine == "any":
        return any(name in mapped for name in finding)
    return all(name in mapped for name in settings.match.fields)
