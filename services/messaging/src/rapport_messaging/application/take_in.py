"""Keeps the copy of customers and definitions current, and gives unmatched messages the customer they turn out to be from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rapport_chassis.db import Tx
from rapport_contracts.envelope import Message
from rapport_messaging.domain.recipients import all_numbers, sms_number
from rapport_messaging.store import customers, messages
from rapport_messaging.store.customers import CopyRow

_KEPT: Final = (
    "kind",
    "title",
    "first_name",
    "last_name",
    "name",
    "company_name",
    "position",
    "address",
    "organizations",
    "fields",
)
_KEPT_CONTACTS: Final = frozenset({"phone", "mobile", "email"})


def take_in_customers(tx: Tx, records: Sequence[Message]) -> None:
    """Keep the newest version of each customer; an older one arriving late changes nothing."""
    newest: dict[str, Mapping[str, Any]] = {}
    for record in records:
        if record.key not in newest or newest[record.key]["version"] < record.data["version"]:
            newest[record.key] = record.data
    known = customers.known_versions(tx.conn, list(newest))
    rows = [copy_of(document) for key, document in newest.items() if document["version"] > known.get(key, 0)]
    customers.replace_copies(tx.conn, rows, known)
    _adopt(tx, sorted({number for row in rows for number in row.numbers}))


def take_in_definitions(tx: Tx, records: Sequence[Message]) -> None:
    """Keep custom fields and lists: variables and their labels."""
    wanted = [one for one in records if one.data.get("type") in ("field", "list")]
    newest: dict[str, dict[str, Any]] = {}
    for record in wanted:
        if record.key not in newest or newest[record.key]["version"] < record.data["version"]:
            newest[record.key] = record.data
    customers.replace_definitions(tx.conn, newest)


def copy_of(document: Mapping[str, Any]) -> CopyRow:
    """What is kept of a customer document; of a purged one (a stub) nothing but its version."""
    address, problem = sms_number(document)
    kept = {name: document[name] for name in _KEPT if document.get(name)}
    kept["contacts"] = [one for one in document.get("contacts") or [] if one["kind"] in _KEPT_CONTACTS]
    return CopyRow(
        id=document["id"],
        version=document["version"],
        enabled=bool(document.get("enabled", "kind" in document)),
        address=address,
        problem=problem,
        document=kept,
        numbers=frozenset(all_numbers(document)),
        groups=frozenset(document.get("groups") or ()),
    )


def _adopt(tx: Tx, numbers: Sequence[str]) -> None:
    """Messages that waited unmatched go to the customer that now has their number, if it is one."""
    waiting = messages.unmatched(tx.conn, numbers) if numbers else []
    if not waiting:
        return
    owners = customers.owners(tx.conn, sorted({row.address for row in waiting}))
    single = {number: having[0] for number, having in owners.items() if len(having) == 1}
    messages.assign(tx, {row.id: single[row.address] for row in waiting if row.address in single})
