"""Which target a column most likely is, from its header and from what is in it, with a confidence from 0 to 1 (I3)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rapport_contracts.phone import phone_key
from rapport_import.domain.cells import Cell, text_of
from rapport_import.domain.column_types import ColumnType
from rapport_import.domain.header_words import ORGANIZATION_NAMES
from rapport_import.domain.headers import compact, known_target
from rapport_import.domain.targets import CUSTOM, CustomerKind, Target

_EXACT, _LOOSE, _CONTENT = 0.9, 0.75, 0.6
_REMEMBERED: Final = 1.0
_MOBILE: Final = {
    "IR": re.compile(r"\+989\d{9}"),
    "GB": re.compile(r"\+447[1-57-9]\d{8}"),
    "DE": re.compile(r"\+491[5-7]\d{8,9}"),
}
_BY_CONTENT: Final[dict[ColumnType, str]] = {"email": "email", "phone": "phone", "website": "website"}
_FITS: Final[dict[str, frozenset[str]]] = {
    "email": frozenset({"email"}),
    "phone": frozenset({"phone", "integer", "number"}),
    "integer": frozenset({"integer", "number"}),
    "boolean": frozenset({"boolean"}),
    "date": frozenset({"date"}),
}


@dataclass(frozen=True, slots=True)
class Column:
    """What is known of a file's column."""

    column: int
    header: str | None
    type: ColumnType
    samples: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A target (None: leave it out) and how sure that is."""

    target: str | None
    confidence: float


def likely_kind(headers: Sequence[str | None]) -> CustomerKind:
    """Organizations where a company is named and no person is."""
    companies = {compact(word) for word in ORGANIZATION_NAMES.split("|")}
    names = [header for header in headers if header]
    targets = {found[0] for header in names if (found := known_target(header))}
    named = any(compact(header) in companies for header in names)
    persons = targets & {"first_name", "last_name", "mobile", "position"} or any(
        compact(name) in {"name", "fullname", "contactname"} for name in names
    )
    return "organization" if named and not persons else "person"


def suggest(
    columns: Sequence[Column],
    targets: Mapping[str, Target],
    kind: CustomerKind,
    region: str,
    remembered: Mapping[int, str | None] | None = None,
) -> list[Suggestion]:
    """One suggestion a column. A target of one value goes to its surest column only; `remembered` wins where it still holds."""
    if remembered is not None:
        return [_recalled(remembered.get(one.column), targets) for one in columns]
    titles = {compact(target.label): name for name, target in targets.items() if name.startswith(CUSTOM)}
    found = [_guess(one, targets, titles, kind, region) for one in columns]
    return _once_each(found, targets)


def _recalled(name: str | None, targets: Mapping[str, Target]) -> Suggestion:
    return Suggestion(name if name in targets else None, _REMEMBERED)


def _guess(
    one: Column, targets: Mapping[str, Target], titles: Mapping[str, str], kind: CustomerKind, region: str
) -> Suggestion:
    named = _by_header(one.header, titles, kind)
    if named is not None:
        name, confidence = named
        if kind in targets[name].kinds:
            return _weighed(name, confidence, one, targets[name], region)
    if one.type in _BY_CONTENT:
        return _weighed(_BY_CONTENT[one.type], _CONTENT if not one.header else _CONTENT - 0.1, one, None, region)
    return Suggestion(None, 0.0)


def _by_header(header: str | None, titles: Mapping[str, str], kind: CustomerKind) -> tuple[str, float] | None:
    if not header:
        return None
    known = known_target(header)
    if (known is None or not known[1]) and compact(header) in titles:
        return titles[compact(header)], _EXACT
    if known is None:
        return None
    name = "name" if kind == "organization" and known[0] == "company_name" else known[0]
    return name, _EXACT if known[1] else _LOOSE


def _weighed(name: str, confidence: float, one: Column, target: Target | None, region: str) -> Suggestion:
    if name == "phone" and _mostly_mobile(one.samples, region):
        name = "mobile"
    fitting = _FITS.get(target.type) if target else None
    if fitting is None or one.type == "empty":
        return Suggestion(name, confidence)
    if one.type in fitting:
        return Suggestion(name, round(min(confidence + 0.08, 0.99), 2))
    return Suggestion(name, round(confidence - 0.4, 2)) if target and target.type != "phone" else Suggestion(name, 0.5)


def _mostly_mobile(samples: Sequence[Cell], region: str) -> bool:
    pattern = _MOBILE.get(region)
    texts = [text for cell in samples if (text := text_of(cell))]
    if pattern is None or not texts:
        return False
    return sum(bool(pattern.fullmatch(phone_key(text, region) or "")) for text in texts) > len(texts) / 2


def _once_each(found: Sequence[Suggestion], targets: Mapping[str, Target]) -> list[Suggestion]:
    best: dict[str, int] = {}
    for place, one in enumerate(found):
        if one.target and not targets[one.target].multiple:
            rival = best.get(one.target)
            if rival is None or found[rival].confidence < one.confidence:
                best[one.target] = place
    single = set(best.values())
    kept = [
        one if one.target is None or targets[one.target].multiple or place in single else Suggestion(None, 0.3)
        for place, one in enumerate(found)
    ]
    return _without_double_names(kept)


def _without_double_names(found: list[Suggestion]) -> list[Suggestion]:
    """A full name beside its halves says the same again."""
    halves = {one.target for one in found} & {"first_name", "last_name"}
    return [Suggestion(None, 0.3) if halves and one.target == "name" else one for one in found]
