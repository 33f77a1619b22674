"""An entry as a tantivy document."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from rapport_search.adapters.embedded.schema import CODES, LABEL, code_of, grams, term
from rapport_search.application.ports import Change
from rapport_search.domain.digest import bucket_of, check_of
from rapport_search.domain.entries import Entry, number_token, sort_token

_REPEATED: Final = frozenset({"first_name", "last_name", "position", "title", "city", "province", "country"})


def document_of(change: Change) -> dict[str, Any]:
    """The fields of the document; of a customer that is gone only its id and version."""
    fields: dict[str, Any] = {
        "id": change.id,
        "version": change.version,
        "check": check_of(change.id, change.version),
        "bucket": bucket_of(change.id),
    }
    if change.entry is None:
        return fields | {"gone": 1, "s_created_at": sort_token(number_token(0), change.id)}
    _add(fields, change.entry)
    return fields


def _add(fields: dict[str, Any], entry: Entry) -> None:
    for field, token in entry.sort.items():
        fields["s_" + field] = token
    for field, rank in entry.ranks.items():
        fields["k_" + field] = rank
    for field, keywords in entry.keywords.items():
        fields["f_" + field] = keywords
    for field, text in entry.written.items():
        if folded := entry.texts.get(field):
            fields["f_" + field] = folded[0] + LABEL + text
    fields["grams"], fields["terms"] = _tokens(entry)
    fields["filled"] = entry.filled
    fields.update(entry.instants)
    fields["item"] = entry.item


def _tokens(entry: Entry) -> tuple[str, list[str]]:
    tokens: list[str] = []
    terms: list[str] = []
    for field, texts in entry.texts.items():
        code = CODES[field]
        joined = _remembered if field in _REPEATED else grams
        for text in texts:
            tokens.append(joined(code, text))
            terms.append(term(code, text))
    for field, values in entry.custom.items():
        code = code_of(field)
        for value in values:
            terms.append(term(code, value))
            if isinstance(value, str):
                tokens.append(grams(code, value))
    return " ".join(tokens), terms


_remembered = lru_cache(maxsize=1 << 14)(grams)
