"""What an index holds of one customer document: compared values, sort tokens, and the item that a result shows.

Custom values never join a text that is searched as a whole: each keeps its field's name, and only who sees the field can name it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

import orjson

from rapport_contracts.query import comparable, display_name, numbers_of, values_of
from rapport_contracts.text import collation_key

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_ID: Final = re.compile(r"[0-9A-Za-z_-]{1,64}")
_TOKEN: Final = re.compile(r"[0-9A-Za-z_-]{1,1000}")
_HALF_SPACE: Final = "\u200c"
_NO_KEY: Final = "ff00"
_SIGN: Final = 1 << 63
_ASCII, _PERSIAN, _BEYOND = 0x80, 0x621, 0x69C

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
JOINED: Final = "name_joined"
_ITEM_FIELDS: Final = (
    "id",
    "version",
    "kind",
    "title",
    "first_name",
    "last_name",
    "name",
    "company_name",
    "position",
    "groups",
    "created_at",
    "created_by",
    "updated_at",
)
_PLAIN: Final = ("first_name", "last_name", "company_name", "position", "title", "description")
_PLACES: Final = ("city", "province", "country")
_SORTED_TEXTS: Final = ("first_name", "last_name", "company_name", "position", "city")


@dataclass(frozen=True, slots=True)
class Entry:
    """A customer as an index takes it. `item` is what results show, as JSON; `sort` holds one unique token a sortable field.

    `ranks` are numbers that never contradict the order of the texts' tokens, and decide most of it more cheaply.
    `texts` are folded; `written` has those of a facet as the customer writes them.
    """

    id: str
    version: int
    texts: dict[str, list[str]]
    written: dict[str, str]
    keywords: dict[str, list[str]]
    instants: dict[str, int]
    custom: dict[str, list[str | int | bool]]
    filled: list[str]
    sort: dict[str, str]
    ranks: dict[str, int]
    item: bytes


def micros(at: datetime) -> int:
    """Microseconds since the epoch, exact."""
    return (at - _EPOCH) // _MICROSECOND


def number_token(number: int) -> str:
    """16 hex digits that order as the signed 64-bit numbers do."""
    return f"{number + _SIGN:016x}"


def sort_token(key: str, customer_id: str) -> str:
    """A unique token: compared as bytes, on every engine, it sorts by the key and then by the id."""
    return key + customer_id


def is_token(token: str) -> bool:
    """Whether a token that comes back from a client may be one of ours."""
    return _TOKEN.fullmatch(token) is not None


@lru_cache(maxsize=1 << 15)
def text_sort_key(text: str | None) -> str:
    """The hex collation key of a text; empty ones come last."""
    return collation_key(text).hex() if text else _NO_KEY


@lru_cache(maxsize=1 << 15)
def text_rank(text: str | None) -> int:
    """64 bits: the first eight characters of the collation key, a byte each, up to the first that has no byte of its own."""
    if not text:
        return (1 << 64) - 1
    rank = bytearray()
    for char in collation_key(text)[:-1].decode("utf-8", "surrogatepass")[:8]:
        code = ord(char)
        if code < _ASCII:
            rank.append(code)
        elif _PERSIAN <= code < _BEYOND:
            rank.append(code - _PERSIAN + 0x81)
        else:
            rank.append(0x80 if code < _PERSIAN else 0xFE)
            break
    return int.from_bytes(rank.ljust(8, b"\x00"), "big")


def token_of(item: Mapping[str, Any], field: str) -> str:
    """The sort token of a stored item."""
    if field.endswith("_at"):
        return number_token(micros(datetime.fromisoformat(item[field]))) + str(item["id"])
    return text_sort_key(item.get("display_name" if field == "name" else field)) + str(item["id"])


def entry_of(document: Mapping[str, Any]) -> Entry:
    """The entry of a customer document. Raises `ValueError`, `KeyError` or `TypeError` for what is no customer document."""
    customer_id = document["id"]
    if not _ID.fullmatch(customer_id):
        raise ValueError(f"not an id: {customer_id!r}")
    name = display_name(document)
    written = _written(document)
    texts = _texts(document, name, written)
    custom = _custom(document)
    made = {field: micros(datetime.fromisoformat(document[field])) for field in ("created_at", "updated_at")}
    keywords = _keywords(document)
    filled = [*texts, *custom, *made, *(field for field, values in keywords.items() if values)]
    if _HALF_SPACE in name:
        texts[JOINED] = [comparable(name.replace(_HALF_SPACE, ""))]
    return Entry(
        id=customer_id,
        version=document["version"],
        texts=texts,
        written={field: text for field, text in written.items() if field in TEXT_FACETS},
        keywords=keywords,
        instants=made,
        custom=custom,
        filled=filled,
        sort=_sort(customer_id, name, written, made),
        ranks={"name": text_rank(name)} | {field: text_rank(written.get(field)) for field in _SORTED_TEXTS},
        item=_item(document, name),
    )


def _written(document: Mapping[str, Any]) -> dict[str, str]:
    found = {field: text for field in _PLAIN if (text := document.get(field))}
    if address := document.get("address"):
        found |= {field: text for field in _PLACES if (text := address.get(field))}
    return found


def _texts(document: Mapping[str, Any], name: str, written: Mapping[str, str]) -> dict[str, list[str]]:
    texts = {field: [folded] for field, text in written.items() if (folded := _fold(text))}
    if folded := comparable(name):
        texts["name"] = [folded]
    if document.get("contacts"):
        for field in ("email", "phone"):
            if found := values_of(document, field):
                texts[field] = found
    return texts


_fold = lru_cache(maxsize=1 << 15)(comparable)


def _keywords(document: Mapping[str, Any]) -> dict[str, list[str]]:
    created_by = document.get("created_by")
    return {
        "group": document["groups"],
        "kind": [document["kind"]],
        "created_by": [created_by] if created_by else [],
        "enabled": ["true" if document.get("enabled", True) else "false"],
    }


def _custom(document: Mapping[str, Any]) -> dict[str, list[str | int | bool]]:
    fields = document.get("fields") or {}
    named = ((f"custom.{field_id}", values_of(document, f"custom.{field_id}")) for field_id in fields)
    return {name: values for name, values in named if values}


def _sort(customer_id: str, name: str, written: Mapping[str, str], made: Mapping[str, int]) -> dict[str, str]:
    tokens = {field: text_sort_key(written.get(field)) + customer_id for field in _SORTED_TEXTS}
    tokens["name"] = text_sort_key(name) + customer_id
    for field, at in made.items():
        tokens[field] = number_token(at) + customer_id
    return tokens


def _item(document: Mapping[str, Any], name: str) -> bytes:
    item = {field: value for field in _ITEM_FIELDS if (value := document.get(field)) is not None}
    contacts = document.get("contacts") or ()
    item["display_name"] = name
    item["enabled"] = document.get("enabled", True)
    item["phone"] = _primary(numbers_of(document)) if contacts else None
    item["email"] = _primary([one for one in contacts if one["kind"] == "email"])
    item["city"] = (document.get("address") or {}).get("city")
    item["fields"] = document.get("fields") or {}
    return orjson.dumps(item)


def _primary(contacts: list[Mapping[str, Any]]) -> str | None:
    chosen = next((one for one in contacts if one.get("primary")), contacts[0] if contacts else None)
    return chosen["value"] if chosen else None
