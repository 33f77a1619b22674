"""Match keys: what a customer is found by when a row or a value must be the same (I5, "normalised equality").

A key is a pair `(field, text)`. Contacts, names, companies and custom values are kept in an index; the rest is
compared on documents.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

from rapport_contracts.text import normalise
from rapport_customers.domain.contacts import KINDS, contact_key, short_key

Key = tuple[str, str]

HOLDS: Final = ""  # the key of every customer that has a value in a custom field
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


@lru_cache(maxsize=1 << 16)  # names, companies and places repeat
def text_key(value: str) -> str:
    """The key of a text value; empty for one with nothing in it."""
    return short_key(normalise(value))


def value_keys(field_id: str, value: Any) -> Iterable[Key]:
    """The keys of a custom value: text normalised, other types as JSON spells them."""
    field = f"custom.{field_id}"
    yield field, HOLDS
    for one in value if isinstance(value, list) else (value,):
        if isinstance(one, str):
            yield field, text_key(one)
        else:
            yield field, str(one).lower()


def name_keys(kind: str, texts: Mapping[str, Any]) -> list[Key]:
    """The keys of names and companies."""
    keys = [(name, text_key(value)) for name in INDEXED_TEXTS[kind] if (value := texts.get(name))]
    if len(keys) > 1 and keys[1][0] == "last_name":
        keys.append((FULL_NAME, short_key(f"{keys[0][1]}\t{keys[1][1]}")))
    return keys


def match_keys(document: Mapping[str, Any]) -> set[Key]:
    """All keys of a customer that are kept in the index."""
    return {key for part in _PARTS.values() for key in part(document)}


def changed_keys(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[set[Key], set[Key]]:
    """The keys that a change takes away and those that it adds; what did not change is not worked out."""
    old: set[Key] = set()
    new: set[Key] = set()
    for names, part in _PARTS.items():
        if any(before.get(name) != after.get(name) for name in names):
            old.update(part(before))
            new.update(part(after))
    return old - new, new - old


def _names(document: Mapping[str, Any]) -> Iterable[Key]:
    return name_keys(document["kind"], document)


def _contacts(document: Mapping[str, Any]) -> Iterable[Key]:
    return ((one["kind"], contact_key(one["kind"], one["value"], one["e164"])) for one in document["contacts"])


def _values(document: Mapping[str, Any]) -> Iterable[Key]:
    return (key for field_id, value in document["fields"].items() for key in value_keys(field_id, value))


_PARTS: Final = {
    ("first_name", "last_name", "company_name", "name"): _names,
    ("contacts",): _contacts,
    ("fields",): _values,
}


def keys_in(document: Mapping[str, Any], fields: frozenset[str]) -> dict[str, set[str]]:
    """The keys of a customer in `fields`, also in those that are compared on the document only (title, city, …)."""
    found: dict[str, set[str]] = {}
    for one in document["contacts"]:
        if one["kind"] in fields:
            found.setdefault(one["kind"], set()).add(contact_key(one["kind"], one["value"], one["e164"]))
    for name, key in name_keys(document["kind"], document):
        if name in fields:
            found[name] = {key}
    address = document["address"] or {}
    for name in fields - found.keys():
        if name.startswith("custom."):
            value = document["fields"].get(name.removeprefix("custom."))
            found[name] = {key for _, key in value_keys(name, value) if key != HOLDS} if value is not None else set()
        elif name not in KINDS and (text := document.get(name) or address.get(name)):
            found[name] = {text_key(text)}
    return found
