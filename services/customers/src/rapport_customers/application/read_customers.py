"""Read customers, their members and their history, cut to what the caller may see (C1, C9, Q6)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from rapport_chassis.auth import Caller
from rapport_chassis.problems import NotFound
from rapport_customers.application import rights
from rapport_customers.domain.documents import Document
from rapport_customers.store import customers, definitions, history
from rapport_customers.store.connection import Connection
from rapport_customers.store.customers import Stored

MEMBERS_SHOWN: Final = 100


def get_customer(conn: Connection, caller: Caller, customer_id: str) -> Document:
    """One customer; an organization with its first `members`. Raises `NotFound`."""
    document = _stored(conn, caller, customer_id).document
    sight = rights.sight_of(conn, caller, definitions.load(conn), document)
    return with_members(conn, caller, sight.shown(document))


def with_members(conn: Connection, caller: Caller, shown: Document) -> Document:
    """C1: an organization with its members as far as they may be seen, at most `MEMBERS_SHOWN`; the rest is paged."""
    if shown["kind"] == "organization":
        shown["members"] = customers.members(conn, shown["id"], caller.view_groups, None, MEMBERS_SHOWN)
    return shown


def list_members(
    conn: Connection, caller: Caller, customer_id: str, after: str | None, limit: int
) -> list[dict[str, Any]]:
    """C1: the visible members of an organization from behind person `after`. Raises `NotFound`."""
    _stored(conn, caller, customer_id)
    return customers.members(conn, customer_id, caller.view_groups, after, limit)


def list_customers(conn: Connection, caller: Caller, after: str | None, limit: int) -> list[Document]:
    """Visible customers, newest first, from below id `after`."""
    return _shown(conn, caller, customers.page(conn, caller.view_groups, after, limit))


def batch_get(conn: Connection, caller: Caller, ids: Sequence[str]) -> list[Document]:
    """The visible ones of `ids`, in their order."""
    found = customers.find_many(conn, set(ids), caller.view_groups)
    return _shown(conn, caller, [found[id_].document for id_ in dict.fromkeys(ids) if id_ in found])


def summaries(conn: Connection, caller: Caller, ids: Sequence[str]) -> list[dict[str, Any]]:
    """Which of `ids` the caller may see, with `id, version, kind, display_name, enabled`, in the order of `ids`."""
    found = {row["id"]: row for row in customers.summaries(conn, set(ids), caller.view_groups)}
    return [found[id_] for id_ in dict.fromkeys(ids) if id_ in found]


def get_history(
    conn: Connection, caller: Caller, customer_id: str, before: int | None, limit: int
) -> list[dict[str, Any]]:
    """C9: who changed what, when, from what to what, by which means; newest first, below version `before`.

    Items: `{version, at, by, via, action, changes: [{field, from, to}]}`. Raises `NotFound`.
    """
    document = _stored(conn, caller, customer_id).document
    entries = history.page(conn, customer_id, before, limit)
    pointed = {"organizations": [{"id": id_} for entry in entries for id_ in _pointed(entry)], "related_to": None}
    sight = rights.sight_of(conn, caller, definitions.load(conn), document, pointed)
    for entry in entries:
        entry["changes"] = sight.shown_changes(document, entry["changes"])
    return entries


def _pointed(entry: dict[str, Any]) -> set[str]:
    found: set[str] = set()
    for field, old, new in entry["changes"]:
        for value in (old, new):
            if field == "organizations":
                found |= {link["id"] for link in value or ()}
            elif field == "related_to" and value:
                found.add(value)
    return found


def _stored(conn: Connection, caller: Caller, customer_id: str) -> Stored:
    stored = customers.find(conn, customer_id, caller.view_groups)
    if stored is None:
        raise NotFound("There is no such customer.")
    return stored


def _shown(conn: Connection, caller: Caller, documents: list[Document]) -> list[Document]:
    sight = rights.sight_of(conn, caller, definitions.load(conn), *documents)
    return [sight.shown(document) for document in documents]
