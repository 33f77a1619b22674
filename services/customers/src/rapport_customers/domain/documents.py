"""The customer document: its shape, how it is named, and what differs between two of them.

A document is the JSON of `rapport_contracts.events.CustomerDocument`, kept as a plain dictionary with all keys of its
kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

Document = dict[str, Any]
Kind = Literal["person", "organization"]

TEXTS: Final[Mapping[str, tuple[str, ...]]] = {
    "person": ("title", "first_name", "last_name", "company_name", "position", "description"),
    "organization": ("title", "name", "description"),
}
NAMES: Final = frozenset({"first_name", "last_name", "name", "company_name"})
ADDRESS: Final = ("street", "city", "province", "postal_code", "country")
NO_ADDRESS: Final[Mapping[str, str | None]] = dict.fromkeys(ADDRESS)
_BOOKKEEPING: Final = frozenset({"version", "updated_at"})


def new_document(kind: str, id_: str, at: str, by: str) -> Document:
    """A document of `kind` with nothing in it yet; `at` is an instant as text, `by` a user's id."""
    document: Document = {"id": id_, "kind": kind}
    document |= dict.fromkeys(TEXTS[kind])
    document |= {"groups": [], "contacts": [], "address": None, "fields": {}}
    if kind == "person":
        document["organizations"] = []
    document |= {"related_to": None, "enabled": True}
    return document | {"created_at": at, "created_by": by, "updated_at": at, "version": 1}


def display_name(document: Mapping[str, Any]) -> str:
    """The name to show: the person's or the organization's, else the company, else the first contact, else nothing."""
    if document["kind"] == "organization":
        named = document["name"]
    else:
        parts = (document["first_name"], document["last_name"])
        named = " ".join(part for part in parts if part) or document["company_name"]
    if named:
        return str(named)
    return str(document["contacts"][0]["value"]) if document["contacts"] else ""


def is_reachable_or_named(document: Mapping[str, Any]) -> bool:
    """Whether there is a name or a contact at all (api.md, import: a row with neither fails)."""
    return bool(document["contacts"]) or any(document.get(name) for name in NAMES)


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """What changed, as `(field, from, to)` (C9); custom fields are `custom.<id>`, parts of the address `address.<part>`."""
    found: list[tuple[str, Any, Any]] = []
    for name, new in after.items():
        old = before.get(name)
        if old == new or name in _BOOKKEEPING:
            continue
        if name == "fields":
            found += _parts("custom.", old or {}, new)
        elif name == "address":
            found += _parts("address.", old or {}, new or {})
        else:
            found.append((name, old, new))
    return found


def _parts(prefix: str, old: Any, new: Any) -> Iterable[tuple[str, Any, Any]]:
    for name in (*old, *(name for name in new if name not in old)):
        if old.get(name) != new.get(name):
            yield prefix + name, old.get(name), new.get(name)


@dataclass(frozen=True, slots=True)
class Change:
    """A customer before and after a change."""

    before: Document
    after: Document

    @property
    def differences(self) -> list[tuple[str, Any, Any]]:
        """What changed, as `(field, from, to)`."""
        return differences(self.before, self.after)

    @property
    def groups_added(self) -> list[str]:
        """Groups that the customer came into."""
        return [group for group in self.after["groups"] if group not in self.before["groups"]]

    @property
    def groups_removed(self) -> list[str]:
        """Groups that the customer left."""
        return [group for group in self.before["groups"] if group not in self.after["groups"]]
