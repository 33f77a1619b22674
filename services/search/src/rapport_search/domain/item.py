"""What a result shows of a customer: kept as a list of values, which is shorter and quicker than their names beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from rapport_contracts.query import numbers_of

_OF_THE_DOCUMENT: Final = (
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
_ALWAYS: Final = ("display_name", "enabled", "phone", "email", "city", "province", "country", "fields")
_NAMES: Final = (*_OF_THE_DOCUMENT, *_ALWAYS)


def item_values(document: Mapping[str, Any], name: str, written: Mapping[str, str]) -> list[Any]:
    """The values of an item: of the document, its name, whether it is enabled, primary contacts, place, custom values."""
    get, place = document.get, written.get
    contacts = get("contacts") or ()
    return [
        *map(get, _OF_THE_DOCUMENT),
        name,
        get("enabled", True),
        _primary(numbers_of(document)) if contacts else None,
        email_of(document),
        place("city"),
        place("province"),
        place("country"),
        get("fields") or {},
    ]


def email_of(document: Mapping[str, Any]) -> str | None:
    """The address that is shown of a customer's several."""
    return _primary([one for one in document.get("contacts") or () if one["kind"] == "email"])


def item_of(packed: bytes) -> dict[str, Any]:
    """The item of a result: what the document leaves out is not in it."""
    values: list[Any] = orjson.loads(packed)
    named = zip(_NAMES, values, strict=True)
    return {name: value for name, value in named if value is not None or name in _ALWAYS}


def _primary(contacts: list[Mapping[str, Any]]) -> str | None:
    if not contacts:
        return None
    return str(next((one for one in contacts if one.get("primary")), contacts[0])["value"])
