"""Facts of customers.events.v1: they name fields and groups, never values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from rapport_chassis.db import Tx
from rapport_contracts import topics
from rapport_customers.domain.documents import Change, Document
from rapport_customers.store.writing import Author


def created(tx: Tx, document: Document, author: Author) -> None:
    """`CustomerCreated`, and `GroupAdded` for each of its groups."""
    _fact(tx, "created", document["id"], author, {"version": document["version"]})
    _groups(tx, "group_added", document["id"], document["groups"], author)


def changed(tx: Tx, change: Change, author: Author) -> None:
    """`CustomerChanged` when other fields than groups changed, `GroupAdded` and `GroupRemoved` for those."""
    id_ = change.after["id"]
    fields = [field for field, _, _ in change.differences if field != "groups"]
    if fields:
        _fact(tx, "changed", id_, author, {"version": change.after["version"], "fields": fields})
    _groups(tx, "group_added", id_, change.groups_added, author)
    _groups(tx, "group_removed", id_, change.groups_removed, author)


def enabled(tx: Tx, document: Document, author: Author) -> None:
    """`CustomerEnabled`, with what it is now."""
    _fact(tx, "enabled", document["id"], author, {"enabled": document["enabled"]})


def _groups(tx: Tx, what: str, customer_id: str, groups: Iterable[str], author: Author) -> None:
    for group_id in groups:
        _fact(tx, what, customer_id, author, {"group_id": group_id})


def _fact(tx: Tx, what: str, customer_id: str, author: Author, data: dict[str, Any]) -> None:
    body = orjson.dumps({"customer_id": customer_id, **data, "by": author.by, "via": author.via})
    tx.publish_fact(topics.CUSTOMER_EVENTS, customer_id, f"customers.customer.{what}", body)
