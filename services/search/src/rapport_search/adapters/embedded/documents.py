"""An entry as a tantivy document."""

from __future__ import annotations

from typing import Any

from rapport_search.adapters.embedded.schema import CODES, code_of, grams, term
from rapport_search.application.ports import Change
from rapport_search.domain.digest import bucket_of, check_of
from rapport_search.domain.entries import FACETS, Entry, number_token, sort_token

_TEXT_FACETS = tuple(field for field in FACETS if field in CODES)


def document_of(change: Change) -> dict[str, Any]:
    """The fields of the document; of a customer that is gone only its id and version."""
    head: dict[str, Any] = {
        "id": change.id,
        "version": change.version,
        "check": check_of(change.id, change.version),
        "bucket": bucket_of(change.id),
    }
    if change.entry is None:
        return head | {"gone": 1, "s_created_at": sort_token(number_token(0), change.id)}
    return head | _fields(change.entry)


def _fields(entry: Entry) -> dict[str, Any]:
    fields: dict[str, Any] = {f"s_{field}": token for field, token in entry.sort.items()}
    for field, keywords in entry.keywords.items():
        fields[f"f_{field}"] = keywords
    for field in _TEXT_FACETS:
        if field in entry.texts:
            fields[f"f_{field}"] = entry.texts[field]
    tokens, terms = _tokens(entry)
    fields["grams"] = " ".join(tokens)
    fields["terms"] = terms
    fields["filled"] = entry.filled
    fields |= entry.instants
    fields["item"] = entry.item
    return fields


def _tokens(entry: Entry) -> tuple[list[str], list[str]]:
    tokens: list[str] = []
    terms: list[str] = []
    for field, texts in entry.texts.items():
        code = CODES[field]
        for text in texts:
            tokens += grams(code, text)
            terms.append(term(code, text))
    for field, values in entry.custom.items():
        code = code_of(field)
        for value in values:
            terms.append(term(code, value))
            if isinstance(value, str):
                tokens += grams(code, value)
    return tokens, terms
