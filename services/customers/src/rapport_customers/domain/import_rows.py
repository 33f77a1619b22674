"""Rows of an import batch: read by their columns, made into new customers, or merged into known ones (I4).

Import has trimmed, normalised and typed the cells (`rapport_contracts.events.ImportBatch`); what still cannot be is
refused by row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapport_customers.domain.contacts import KINDS, NUMBERS, contact_key
from rapport_customers.domain.definitions import Definitions
from rapport_customers.domain.documents import ADDRESS, NAMES, NO_ADDRESS, TEXTS, Document
from rapport_customers.domain.keys import HOLDS, Key, name_keys, text_key, value_keys
from rapport_customers.domain.values import WrongValue, read_value


class RowRefused(Exception):  # noqa: N818  a refusal, not a fault
    """A row that cannot be written; the message says why to a person."""


@dataclass(slots=True)
class Row:
    """One row: what it says about a customer, with the keys that are kept in the index."""

    number: int
    texts: dict[str, str]
    address: dict[str, str]
    contacts: list[dict[str, Any]]  # as documents hold them, each once, the first of a kind its primary
    fields: dict[str, Any]
    groups: list[str]
    keys: list[Key]


class RowReader:
    """Reads the rows of one batch by its columns. Raises `RowRefused` when a column has no place in customers of this kind."""

    def __init__(self, kind: str, columns: Sequence[str], definitions: Definitions) -> None:
        self._kind = kind
        self._definitions = definitions
        self._texts: list[tuple[int, str]] = []
        self._address: list[tuple[int, str]] = []
        self._contacts: list[tuple[int, str]] = []
        self._fields: list[tuple[int, str]] = []
        self._groups: list[int] = []
        for place, target in enumerate(columns, 1):
            self._place(place, target)

    def _place(self, place: int, target: str) -> None:
        if target in TEXTS[self._kind]:
            self._texts.append((place, target))
        elif target in ADDRESS:
            self._address.append((place, target))
        elif target in KINDS:
            self._contacts.append((place, target))
        elif target.removeprefix("custom.") in self._definitions.fields:
            self._fields.append((place, target.removeprefix("custom.")))
        elif target == "groups":
            self._groups.append(place)
        else:
            raise RowRefused(f"There is no field “{target}” (any more).")

    def read(self, cells: Sequence[Any]) -> Row:
        """The row of `[number, cell, …]`. Raises `RowRefused`."""
        texts = {name: value for place, name in self._texts if (value := cells[place])}
        address = {name: value for place, name in self._address if (value := cells[place])}
        keys = name_keys(self._kind, texts)
        row = Row(cells[0], texts, address, [], {}, [], keys)
        for place, kind in self._contacts:
            if cells[place]:
                _read_contacts(row, kind, cells[place])
        for place, field_id in self._fields:
            self._read_value(row, field_id, cells[place])
        for place in self._groups:
            row.groups += cells[place] or ()
        if not row.contacts and NAMES.isdisjoint(texts):
            raise RowRefused("The row has neither a name nor a contact.")
        return row

    def _read_value(self, row: Row, field_id: str, cell: Any) -> None:
        if cell is None:
            return
        try:
            value = read_value(self._definitions.fields[field_id], self._definitions, cell)
        except WrongValue as wrong:
            raise RowRefused(str(wrong)) from wrong
        if value is not None:
            row.fields[field_id] = value
            row.keys += value_keys(field_id, value)


def _read_contacts(row: Row, kind: str, cell: Sequence[Sequence[Any]]) -> None:
    known: list[str] = []
    for value, said in cell:
        key = said or contact_key(kind, value, None)
        if key not in known:
            e164 = said if kind in NUMBERS else None
            row.contacts.append({"kind": kind, "label": None, "value": value, "e164": e164, "primary": not known})
            row.keys.append((kind, key))
            known.append(key)


def keys_to_compare(row: Row, fields: frozenset[str]) -> dict[str, set[str]]:
    """The row's keys in `fields`, also in those that are compared on documents only (city, title, …)."""
    found: dict[str, set[str]] = {}
    for name, key in row.keys:
        if name in fields and key != HOLDS:
            found.setdefault(name, set()).add(key)
    for name in fields - found.keys():
        if value := row.texts.get(name) or row.address.get(name):
            found[name] = {text_key(value)}
    return found


def created(template: Document, id_: str, row: Row, groups: list[str]) -> Document:
    """The new customer of a row; `template` is an empty document of the batch. Documents share what is never changed in place."""
    document = template.copy()
    document["id"] = id_
    document.update(row.texts)
    document["groups"] = groups
    document["contacts"] = row.contacts
    if row.address:
        document["address"] = {**NO_ADDRESS, **row.address}
    document["fields"] = row.fields
    return document


def merged(document: Document, row: Row, groups: Iterable[str], definitions: Definitions) -> Document | None:
    """The customer with what the row adds, or None when it adds nothing (I4, merge: existing data stay, new values are added)."""
    after = dict(document)
    for name, value in row.texts.items():
        if not after[name]:
            after[name] = value
    if row.address:
        after["address"] = _filled(document["address"], row.address)
    if row.contacts:
        after["contacts"] = _with_contacts(document["contacts"], row.contacts)
    missing = [group for group in groups if group not in document["groups"]]
    if missing:
        after["groups"] = [*document["groups"], *missing]
    if row.fields:
        after["fields"] = _with_values(document["fields"], row.fields, definitions)
    return after if after != document else None


def _filled(address: Mapping[str, Any] | None, parts: Mapping[str, str]) -> dict[str, Any]:
    known = address or NO_ADDRESS
    return {name: known[name] or parts.get(name) for name in ADDRESS}


def _with_contacts(known: list[dict[str, Any]], added: list[dict[str, Any]]) -> list[dict[str, Any]]:
    keys = {_key(one) for one in known}
    primaries = {one["kind"] for one in known if one["primary"]}
    new = [one for one in added if _key(one) not in keys]
    return [*known, *({**one, "primary": one["primary"] and one["kind"] not in primaries} for one in new)]


def _key(one: Mapping[str, Any]) -> Key:
    return one["kind"], contact_key(one["kind"], one["value"], one["e164"])


def _with_values(known: Mapping[str, Any], added: Mapping[str, Any], definitions: Definitions) -> dict[str, Any]:
    values = dict(known)
    for field_id, value in added.items():
        if field_id not in values:
            values[field_id] = value
        elif definitions.fields[field_id].multiple:
            values[field_id] = list(dict.fromkeys([*values[field_id], *value]))
    return values
