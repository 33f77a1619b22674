"""The mapping of every index, explicit and strict, and the tokens in it.

Texts arrive folded by the one normaliser, so that the engine folds nothing: a text is kept whole, to be compared, and as
overlapping grams of three characters, to find its parts by an exact phrase of them (ADR 15). Custom values are order-preserving
tokens `field:value` in one keyword field, whatever their number: no mapping grows, and nobody finds what he cannot name.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

import orjson

from rapport_contracts.query import SORTABLE
from rapport_search.domain.entries import FACETS, JOINED, TEXT_FACETS, TEXTS
from rapport_search.domain.order import INSTANTS, number_token

START, SPACE, END = "\x02", "\x01", "\x03"
GRAM: Final = 3
_LONGEST: Final = 1_000  # characters of a text that is kept whole; beyond, its beginning and a hash
PARTED: Final = (*(field for field in TEXTS if field not in TEXT_FACETS), JOINED)
"""Texts with grams; parts of the others, which have few values, are looked for among those (ADR 61)."""
_REVISION: Final = 1  # to be raised when documents change in a way that the mapping does not show
_KEYWORD: Final = {"type": "keyword"}
_FILTER: Final = {"type": "keyword", "doc_values": False}
_SHOWN: Final = {"type": "keyword", "index": False}  # sorted by, or counted, and never asked for
_NUMBER: Final = {"type": "long"}
_GRAMS: Final = {"type": "text", "analyzer": "whitespace", "norms": False}


def _properties() -> dict[str, Any]:
    ordered = [field for field in SORTABLE if field not in INSTANTS]
    compared = dict.fromkeys(TEXTS, _FILTER) | dict.fromkeys(FACETS, _KEYWORD)
    return {
        "item": {"type": "keyword", "index": False, "doc_values": False, "store": True},
        "id": _SHOWN,
        "gone": {"type": "boolean"},
        "bucket": {"type": "integer"},
        "check": _NUMBER | {"index": False},
        "created_at": _NUMBER,
        "updated_at": _NUMBER,
        "sort": {"properties": dict.fromkeys(ordered, _SHOWN) | {"name": _KEYWORD}},  # its index passes many over
        "is": {"properties": compared},
        "has": {"properties": dict.fromkeys((*PARTED, "custom"), _GRAMS)},
        "written": {"properties": dict.fromkeys(sorted(TEXT_FACETS), _SHOWN)},
        "custom": _FILTER,
        "filled": _FILTER,
    }


_MAPPING: Final = {"dynamic": "strict", "_source": {"enabled": False}, "properties": _properties()}
SCHEMA_VERSION: Final = f"{_REVISION}/{hashlib.sha256(orjson.dumps(_MAPPING)).hexdigest()[:12]}"


def index_body(shards: int, installation: str | None = None) -> dict[str, Any]:
    """What an index of an installation is created with.

    A copy is on another node where there is one; a writer refreshes what it wrote; who was killed before is made good
    for within ten seconds.

    Small segments are merged with their like: by default all below 16 MB are alike, which is a whole index of 100,000 customers,
    written anew every few seconds for some hundred that changed.
    A segment's files stay as they are: to put a small one's into one, and remove them, was a sixth of a round of 250 documents.

    Deletions leave no tombstone (`gc_deletes`): a sweep that removes a wrong document puts the right one, of whichever version,
    in its place.
    """
    settings = {
        "number_of_shards": shards,
        "auto_expand_replicas": "0-1",
        "refresh_interval": "10s",
        "gc_deletes": "-1",
        "merge_on_flush.enabled": False,
        "merge.policy.floor_segment": "1mb",
        "use_compound_file": False,
    }
    meta = {"schema": SCHEMA_VERSION, "installation": installation}
    return {"settings": {"index": settings}, "mappings": _MAPPING | {"_meta": meta}}


def grams(text: str, prefix: str = "") -> str:
    """The grams of a folded text, in order, with its start and end marked."""
    padded = f"{START}{text.replace(' ', SPACE)}{END}{END}"
    return prefix + f" {prefix}".join([padded[at : at + GRAM] for at in range(len(padded) - GRAM + 1)])


def inner_grams(text: str, prefix: str = "") -> list[str]:
    """The grams of a part of a text; it may begin with `START`. Of fewer than `GRAM` characters: the beginning of one."""
    part = text.replace(" ", SPACE)
    return [prefix + part[at : at + GRAM] for at in range(max(1, len(part) - GRAM + 1))]


def whole(field: str, text: str) -> str:
    """How a text is kept to be compared; those of facets as they are, because they are shown."""
    if len(text) <= _LONGEST or field in FACETS:
        return text
    return text[:32] + hashlib.sha256(text.encode()).hexdigest()


def custom_prefix(field: str) -> str:
    """What begins every token of a custom field; the field's name is `custom.<id>`."""
    return field.removeprefix("custom.") + ":"


def custom_token(field: str, value: str | int | bool) -> str:
    """The token of a custom value. Within a field and a type, tokens order as the values do."""
    if isinstance(value, bool):
        kept = f"b{int(value)}"
    elif isinstance(value, int):
        kept = f"i{number_token(value)}"
    else:
        kept = f"s{whole(field, value)}"
    return custom_prefix(field) + kept
