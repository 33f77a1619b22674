"""Writing customers, many at once: documents, keys, groups, links, history and before-images in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import orjson
from sqlalchemy import Table

from rapport_chassis.clock import to_micros
from rapport_chassis.db import Tx, bulk_insert
from rapport_chassis.dialects import delete_rows, new_numbers, together, update_rows
from rapport_contracts import topics
from rapport_customers.domain.documents import Change, Document, display_name
from rapport_customers.domain.keys import Key, changed_keys
from rapport_customers.store import customers, matching, tables
from rapport_customers.store.customers import Place
from rapport_customers.store.matching import key_number

_CUSTOMERS = ("number", "id", "version", "kind", "enabled", "display_name", "via", "document")
_CHANGING = ("version", "enabled", "display_name", "document")
_GROUPS = ("number", "group_id")
_LINKS = ("organization_id", "person_id", "position")
_HISTORY = ("customer_id", "version", "at", "by", "via", "action", "changes")
_NUMBERS = "numbers of customers"
_Link = tuple[str, str, str | None]
_BEFORE = ("customer_id", "version", "at", "document")


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes and by which means (C9): `form`, `api_key:<id>`, `import:<id>`, `job:<id>`."""

    by: str
    via: str


def insert_new(tx: Tx, created: Sequence[tuple[Document, Iterable[Key]]], author: Author) -> None:
    """Insert customers with their match keys, and queue their states."""
    rows: list[tuple[Any, ...]] = []
    keys: list[tuple[int, set[int]]] = []
    groups: list[tuple[int, str]] = []
    links: list[tuple[str, str, str | None]] = []
    for number, (document, its_keys) in zip(_new_numbers(tx, len(created)), created, strict=True):
        id_ = document["id"]
        said = (document["version"], document["kind"], document["enabled"], display_name(document), author.via)
        rows.append((number, id_, *said, _dumps(document)))
        keys.append((number, {key_number(field, key) for field, key in its_keys}))
        groups += [(number, group) for group in document["groups"]]
        links += [(link["id"], id_, link["position"]) for link in document.get("organizations", ())]
    with together(tx.conn, len(rows)):
        bulk_insert(tx.conn, tables.customers, _CUSTOMERS, rows)
        matching.insert_new(tx, keys)
        bulk_insert(tx.conn, tables.customer_groups, _GROUPS, groups)
        bulk_insert(tx.conn, tables.organization_links, _LINKS, links)
    tx.publish_state(topics.CUSTOMERS, [(document["id"], document["version"]) for document, _ in created])


def save_changes(
    tx: Tx,
    changes: Sequence[Change],
    author: Author,
    action: str = "changed",
    places: Mapping[str, Place] = MappingProxyType({}),
) -> None:
    """Store customers that changed: the next version is counted and dated here, and states are queued.

    `places` are those that are known already, by id.
    """
    at = to_micros(tx.now)
    said = as_text(tx)
    for change in changes:
        change.after["version"] = change.before["version"] + 1
        change.after["updated_at"] = said
    customers.let_go(tx, [change.after["id"] for change in changes])
    updates = [_updated(change.after) for change in changes]
    lookups = [_Lookups.of(change) for change in changes]
    numbers = _settled_numbers(tx, lookups, places)
    past = [
        (one.after["id"], one.after["version"], at, author.by, author.via, action, _dumps(one.differences))
        for one in changes
    ]
    images = [(one.before["id"], one.before["version"], at, _dumps(one.before)) for one in changes]
    with together(tx.conn, len(changes)):
        update_rows(tx.conn, tables.customers, _CHANGING, "id", updates)
        _replace_lookups(tx, lookups, numbers)
    tx.insert_last(tables.history, _HISTORY, past)
    tx.insert_last(tables.before_images, _BEFORE, images)
    tx.publish_state(topics.CUSTOMERS, [(one.after["id"], one.after["version"]) for one in changes])


def _updated(document: Document) -> tuple[Any, ...]:
    said = (document["version"], document["enabled"], display_name(document), _dumps(document))
    return (*said, document["id"])


@dataclass(frozen=True, slots=True)
class _Lookups:
    """What the narrow tables lose and gain by a change: match keys and groups, which name the customer by number, and links."""

    id: str
    keys: tuple[set[Key], set[Key]]
    groups: tuple[set[str], set[str]]
    links: tuple[set[_Link], set[_Link]]

    @classmethod
    def of(cls, change: Change) -> _Lookups:
        before, after = change.before, change.after
        groups = (set(before["groups"]), set(after["groups"]))
        return cls(after["id"], changed_keys(before, after), groups, (_links(before), _links(after)))

    @property
    def by_number(self) -> bool:
        return any(self.keys) or self.groups[0] != self.groups[1]


def _settled_numbers(tx: Tx, lookups: Sequence[_Lookups], known: Mapping[str, Place]) -> dict[str, int]:
    """The numbers of those who lose or gain something by number; the fresh keys of who loses any are where they are found."""
    asked = [one.id for one in lookups if one.by_number and one.id not in known]
    places = {**known, **customers.places_of(tx.conn, asked)}
    losing = {one.id for one in lookups if one.keys[0]}
    if fresh := [place.number for id_, place in places.items() if place.fresh and id_ in losing]:
        matching.settle_of(tx, fresh)
    return {id_: place.number for id_, place in places.items()}


def _replace_lookups(tx: Tx, lookups: Sequence[_Lookups], numbers: Mapping[str, int]) -> None:
    groups, links = [], []
    for one in lookups:
        links.append(one.links)
        if (number := numbers.get(one.id)) is not None:
            gone, new = one.keys
            tx.replace_last(tables.match_keys, matching.KEYS, _keys(number, gone), _keys(number, new))
            before, after = one.groups
            groups.append(({(number, group) for group in before}, {(number, group) for group in after}))
    _replace(tx, tables.customer_groups, _GROUPS, groups)
    _replace(tx, tables.organization_links, _LINKS, links)


def take_numbers(tx: Tx, counts: Sequence[int]) -> None:
    """Take at once the numbers of customers that will be created, each by itself."""
    tx.held[_NUMBERS] = iter(_new_numbers(tx, len(counts)))


def _new_numbers(tx: Tx, count: int) -> Sequence[int]:
    if count == 1 and (taken := next(tx.held.get(_NUMBERS, iter(())), None)) is not None:
        return (int(taken),)
    return new_numbers(tx.conn, tables.customers, count)


def as_text(tx: Tx) -> str:
    """The transaction's time as documents spell instants (RFC 3339, UTC)."""
    return tx.now.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _replace(
    tx: Tx, table: Table, columns: tuple[str, ...], pairs: list[tuple[set[tuple[Any, ...]], set[tuple[Any, ...]]]]
) -> None:
    """Take away the rows that only the first sets have, put in those that only the second ones have."""
    gone = [row for before, after in pairs for row in before - after]
    _remove(tx, table, columns, gone)
    bulk_insert(tx.conn, table, columns, sorted(row for before, after in pairs for row in after - before))


def _remove(tx: Tx, table: Table, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    named = [column.name for column in table.primary_key]
    places = [columns.index(name) for name in named]
    delete_rows(tx.conn, table, named, [tuple(row[at] for at in places) for row in rows])


def _keys(number: int, keys: set[Key]) -> set[tuple[Any, ...]]:
    return {(key_number(field, key), number) for field, key in keys}


def _links(document: Document) -> set[_Link]:
    return {(link["id"], document["id"], link["position"]) for link in document.get("organizations", ())}


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()
