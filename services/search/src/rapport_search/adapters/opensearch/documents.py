"""An entry as an OpenSearch document."""

from __future__ import annotations

from typing import Any

from rapport_search.adapters.opensearch.schema import custom_prefix, custom_token, grams, whole
from rapport_search.application.ports import Change
from rapport_search.domain.digest import bucket_of, check_of
from rapport_search.domain.entries import JOINED, TEXT_FACETS, Entry
from rapport_search.domain.order import text_sort_key


def document_of(change: Change) -> dict[str, Any]:
    """The fields of the document; of a customer that is gone only what a sweep compares."""
    made = {"id": change.id, "check": check_of(change.id, change.version), "bucket": bucket_of(change.id)}
    if change.entry is None:
        return made | {"gone": True, "created_at": 0}
    return made | _fields(change.entry)


def _fields(entry: Entry) -> dict[str, Any]:
    custom = [(field, value) for field, values in entry.custom.items() for value in values]
    has = {field: [grams(text) for text in texts] for field, texts in entry.texts.items() if field not in TEXT_FACETS}
    has["custom"] = [grams(value, custom_prefix(field)) for field, value in custom if isinstance(value, str)]
    whole_texts = {
        field: [whole(field, text) for text in texts] for field, texts in entry.texts.items() if field != JOINED
    }
    return {
        "item": entry.item.decode(),
        **entry.instants,
        "sort": {field: text_sort_key(text) for field, text in entry.ordered.items()},
        "is": whole_texts | entry.keywords,
        "has": has,
        "written": {field: text for field, text in entry.written.items() if field in TEXT_FACETS},
        "custom": [custom_token(field, value) for field, value in custom],
        "filled": entry.filled,
    }
