"""An entry as a tantivy document."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from rapport_search.adapters.embedded.ranks import ranks_of, settled
from rapport_search.adapters.embedded.schema import CODES, FEW_VALUES, LABEL, RANKS, code_of, grams, term
from rapport_search.application.ports import Change
from rapport_search.domain.digest import bucket_of, check_of
from rapport_search.domain.entries import Entry
from rapport_search.domain.order import sort_token

_REPEATED: Final = frozenset({"first_name", "last_name"})


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
    for field, columns in RANKS.items():
        text = entry.ordered[field]
        ranks = ranks_of(text)  # type: ignore[arg-type]  # what is no instant is a text
        fields.update(zip(columns, ranks, strict=False))
        if not settled(ranks[-1]):
            fields["s_" + field] = sort_token(text, entry.id)
    for field, keywords in entry.keywords.items():
        fields["f_" + field] = keywords
    for field in FEW_VALUES:
        if folded := entry.texts.get(field):
            fields["f_" + field] = folded[0] + LABEL + entry.written[field]
    fields["grams"], fields["terms"] = _tokens(entry)
    fields["filled"] = entry.filled
    fields.update(entry.instants)
    fields["item"] = entry.item


def _tokens(entry: Entry) -> tuple[str, list[str]]:
    tokens: list[str] = []
    terms: list[str] = []
    for field, texts in entry.texts.items():
        code = CODES[field]
        terms += [term(code, text) for text in texts]
        if field not in FEW_VALUES:
            joined = _remembered if field in _REPEATED else grams
            tokens += [joined(code, text) for text in texts]
    for field, values in entry.custom.items():
        code = code_of(field)
        for value in values:
            terms.append(term(code, value))
            if isinstance(value, str):
                tokens.append(grams(code, value))
    return " ".join(tokens), terms


_remembered = lru_cache(maxsize=1 << 14)(grams)
