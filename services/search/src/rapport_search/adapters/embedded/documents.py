"""An entry as a tantivy document."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from rapport_search.adapters.embedded.ranks import ranks_of, settled
from rapport_search.adapters.embedded.schema import CODES, FEW_VALUES, LABEL, RANKS, code_of, grams, grams_of, term
from rapport_search.application.ports import Change
from rapport_search.domain.digest import bucket_of, check_of
from rapport_search.domain.entries import Entry
from rapport_search.domain.order import sort_token

_REPEATED: Final = frozenset({"first_name", "last_name", *FEW_VALUES})
_REMEMBERED: Final = _REPEATED | {"kind", "enabled"}
_UNSET: Final[dict[str, Any]] = {columns[0]: ranks_of(None)[0] for columns in RANKS.values()}


def document_of(change: Change) -> dict[str, Any]:
    """The fields of the document; of a customer that is gone only its id and version."""
    fields: dict[str, Any] = {
        "id": change.id,
        "version": change.version,
        "check": check_of(change.id, change.version),
        "bucket": bucket_of(change.id),
    }
    if change.entry is None:
        return fields | {"gone": 1}
    _add(fields, change.entry)
    return fields


def _add(fields: dict[str, Any], entry: Entry) -> None:
    fields.update(_UNSET)
    terms: list[str] = []
    tokens: list[str] = []
    own: list[tuple[str, str]] = []
    for field, texts in entry.texts.items():
        for text in texts:
            if field in _REPEATED:
                exact, parts = _repeated(field, text)
                tokens.append(parts)
            else:
                exact = term(CODES[field], text)
                own.append((CODES[field], text))
            terms.append(exact)
    for field, values in entry.custom.items():
        _add_custom(field, values, terms, own)
    tokens.append(grams_of(own))
    _add_order(fields, entry)
    _add_facets(fields, entry)
    fields["terms"] = " ".join(terms)
    fields["grams"] = " ".join(tokens)
    fields["filled"] = " ".join(entry.filled)
    fields.update(entry.instants)
    fields["item"] = entry.item


@lru_cache(maxsize=1 << 15)
def _repeated(field: str, text: str) -> tuple[str, str]:
    """The exact token of a text that many customers have, and its grams."""
    code = CODES[field]
    return term(code, text), "" if field in FEW_VALUES else grams(code, text)


def _add_custom(field: str, values: list[str | int | bool], terms: list[str], own: list[tuple[str, str]]) -> None:
    code = code_of(field)
    for value in values:
        terms.append(term(code, value))
        if isinstance(value, str):
            own.append((code, value))


def _add_order(fields: dict[str, Any], entry: Entry) -> None:
    for field, text in entry.ordered.items():
        if text:
            columns, open_end = _remembered(field, text) if field in _REMEMBERED else _columns(field, text)
            fields.update(columns)
            if open_end:
                fields["s_" + field] = sort_token(text, entry.id)


def _columns(field: str, text: str) -> tuple[dict[str, int], bool]:
    """The columns that a text sorts by, and whether they leave something open."""
    ranks = ranks_of(text)
    return dict(zip(RANKS[field], ranks, strict=False)), not settled(ranks[-1])


_remembered = lru_cache(maxsize=1 << 15)(_columns)


def _add_facets(fields: dict[str, Any], entry: Entry) -> None:
    for field, keywords in entry.keywords.items():
        fields["f_" + field] = keywords
    for field in FEW_VALUES:
        if folded := entry.texts.get(field):
            fields["f_" + field] = folded[0] + LABEL + entry.written[field]
