"""Match keys: what a customer is found by when a row or a value must be the same (I5, "normalised equality").

A key is a pair `(field, text)`. Contacts, names, companies and custom values are kept in an index; the rest is
compared on documents.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from rapport_contracts.text import normalise
from rapport_customers.domain.contacts import KINDS, contact_key, short_key
from rapport_customers.domain.documents import ADDRESS, TEXTS

Key = tuple[str, str]

FULL_NAME: Final = "full_name"  # first and last name together: neither alone is selective
INDEXED_TEXTS: Final = {"person": ("first_name", "last_name", "company_name"), "organization": ("name",)}
# What is fetched first, when several fields must agree.
_SELECTIVE: Final = ("email", "mobile", "whatsapp", "phone", "fax", "website", "social", FULL_NAME, "name", "address")


def is_indexed(field: str) -> bool:
    """Whether customers can be found by `field` alone."""
    return field in KINDS or field.startswith("custom.") or any(field in texts for texts in INDEXED_TEXTS.values())


def selectivity(field: str) -> int:
    """Lower is fetched earlier."""
    if field.startswith("custom."):
        return len(_SELECTIVE)
    return _SELECTIVE.index(field) if field in _SELECTIVE else len(_SELECTIVE) + 1


def text_key(value: str) -> str:
    """The key of a text value; empty for one with nothing in it."""
    return short_key(normalise(value))


def value_keys(field_id: str, value: Any) -> Iterable[Key]:
    """The keys of a custom value: text normalised, other types as JSON spells them."""
    field = f"custom.{field_id}"
    for one in value if isinstance(value, list) else (value,):
        if isinstance(one, str):
            yield field, text_key(one)
        else:
            yield field, str(one).lower()


def name_keys(kind: str, texts: Mapping[str, Any]) -> Iterable[Key]:
    """The keys of names and companies."""
    keys = {name: text_key(value) for name in INDEXED_TEXTS[kind] if (value := texts.get(name))}
    yield from keys.items()
    if kind == "person" and "first_name" in keys and "last_name" in keys:
        yield FULL_NAME, full_name(keys["first_name"], keys["last_name"])


def full_name(first: str, last: str) -> str:
    """The joint key of two name keys."""
    return short_key(f"{first}\t{last}")


def match_keys(document: Mapping[str, Any]) -> set[Key]:
    """All keys of a customer that are kept in the index."""
    keys = set(name_keys(document["kind"], document))
    keys |= {(one["kind"], contact_key(one["kind"], one["value"], one["e164"])) for one in document["contacts"]}
    for field_id, value in document["fields"].items():
        keys |= set(value_keys(field_id, value))
    return keys


def keys_by_field(document: Mapping[str, Any]) -> dict[str, set[str]]:
    """All keys of a customer by field, with those that are compared on the document only (title, city, …)."""
    found: dict[str, set[str]] = {}
    for field, key in match_keys(document):
        found.setdefault(field, set()).add(key)
    address = document["address"] or {}
    texts = [(name, document[name]) for name in TEXTS[document["kind"]]]
    for name, value in texts + [(name, address.get(name)) for name in ADDRESS]:
        if value:
            found[name] = {text_key(value)}
    return found
