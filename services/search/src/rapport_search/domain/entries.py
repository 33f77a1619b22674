"""What an index holds of one customer document: compared values, what it sorts by, and the item that a result shows.

Custom values never join a text that is searched as a whole: each keeps its field's name, and only who sees the field can name it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import orjson

from rapport_contracts.query import comparable, display_name, values_of
from rapport_search.domain.item import email_of, item_values
from rapport_search.domain.order import flag_text, micros

_ID: Final = re.compile(r"[0-9A-Za-z_-]{1,64}")
_HALF_SPACE: Final = "\u200c"

TEXTS: Final = (
    "name",
    "first_name",
    "last_name",
    "company_name",
    "position",
    "title",
    "city",
    "province",
    "country",
    "description",
    "email",
    "phone",
)
FACETS: Final = ("group", "kind", "city", "province", "country", "position", "title", "created_by", "enabled")
TEXT_FACETS: Final = frozenset(FACETS) & frozenset(TEXTS)
ALWAYS_FILLED: Final = frozenset({"kind", "enabled", "created_at", "updated_at"})
JOINED: Final = "name_joined"
_PLAIN: Final = ("first_name", "last_name", "company_name", "position", "title", "description")
_PLACES: Final = ("city", "province", "country")
_REPEATED: Final = frozenset({"first_name", "last_name", "position", "title", *_PLACES})
_SORTED_TEXTS: Final = ("first_name", "last_name", "company_name", "position", "title", *_PLACES)


@dataclass(frozen=True, slots=True)
class Entry:
    """A customer as an index takes it. `item` is what results show, packed (`item.item_of`).

    `texts` are folded; `written` is as the customer writes them; `ordered` has what each sortable field but instants sorts by.
    """

    id: str
    version: int
    texts: dict[str, Sequence[str]]
    written: dict[str, str]
    keywords: dict[str, list[str]]
    instants: dict[str, int]
    custom: dict[str, list[str | int | bool]]
    filled: list[str]
    ordered: dict[str, str | None]
    item: bytes


def entry_of(document: Mapping[str, Any]) -> Entry:
    """The entry of a customer document. Raises `ValueError`, `KeyError` or `TypeError` for what is no customer document."""
    customer_id = document["id"]
    if not _ID.fullmatch(customer_id):
        raise ValueError(f"not an id: {customer_id!r}")
    name = display_name(document)
    written = _written(document)
    texts = _texts(document, name, written)
    keywords = _keywords(document)
    custom = _custom(document)
    made = {"created_at": _micros(document["created_at"]), "updated_at": _micros(document["updated_at"])}
    filled = [*texts, *custom, *(field for field in ("group", "created_by") if keywords[field])]
    if _HALF_SPACE in name:
        texts[JOINED] = (comparable(name.replace(_HALF_SPACE, "")),)
    return Entry(
        id=customer_id,
        version=document["version"],
        texts=texts,
        written=written,
        keywords=keywords,
        instants=made,
        custom=custom,
        filled=filled,
        ordered={
            "name": name,
            **{field: written.get(field) for field in _SORTED_TEXTS},
            "email": email_of(document),
            "kind": document["kind"],
            "enabled": keywords["enabled"][0],
        },
        item=orjson.dumps(item_values(document, name, written)),
    )


def _written(document: Mapping[str, Any]) -> dict[str, str]:
    found = {field: text for field in _PLAIN if (text := document.get(field))}
    if address := document.get("address"):
        for field in _PLACES:
            if text := address.get(field):
                found[field] = text
    return found


def _texts(document: Mapping[str, Any], name: str, written: Mapping[str, str]) -> dict[str, Sequence[str]]:
    texts: dict[str, Sequence[str]] = {}
    for field, text in written.items():
        if folded := _remembered(text) if field in _REPEATED else comparable(text):
            texts[field] = (folded,)
    if folded := comparable(name):
        texts["name"] = (folded,)
    if document.get("contacts"):
        for field in ("email", "phone"):
            if found := values_of(document, field):
                texts[field] = found
    return texts


_remembered = lru_cache(maxsize=1 << 15)(comparable)


@lru_cache(maxsize=1 << 10)
def _micros(instant: str) -> int:
    return micros(datetime.fromisoformat(instant))


def _keywords(document: Mapping[str, Any]) -> dict[str, list[str]]:
    created_by = document.get("created_by")
    return {
        "group": document["groups"],
        "kind": [document["kind"]],
        "created_by": [created_by] if created_by else [],
        "enabled": [flag_text(document.get("enabled", True))],
    }


def _custom(document: Mapping[str, Any]) -> dict[str, list[str | int | bool]]:
    fields = document.get("fields")
    if not fields:
        return {}
    named = ((f"custom.{field_id}", values_of(document, f"custom.{field_id}")) for field_id in fields)
    return {name: values for name, values in named if values}
