"""Customers for tests: API bodies, documents of customers.customer.v1, and batches of imports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from rapport_chassis.auth import Caller
from rapport_chassis.ids import new_id
from rapport_contracts import permissions
from rapport_contracts.events import ImportBatch
from rapport_contracts.phone import phone_key

NUMBERS = frozenset({"phone", "mobile", "fax", "whatsapp"})
_PERSON = ("title", "first_name", "last_name", "company_name", "position", "description")
_ORGANIZATION = ("title", "name", "description")


def contact(
    kind: str, value: str, *, region: str = "IR", primary: bool = True, label: str | None = None
) -> dict[str, Any]:
    """A contact point as documents hold it."""
    e164 = phone_key(value, region) if kind in NUMBERS else None
    return {"kind": kind, "label": label, "value": value, "e164": e164, "primary": primary}


def person_body(*groups: str, **said: Any) -> dict[str, Any]:
    """The body of POST /customers for a person."""
    return {"kind": "person", "first_name": "Reza", "last_name": "Ahmadi", "groups": list(groups), **said}


def organization_body(*groups: str, **said: Any) -> dict[str, Any]:
    """The body of POST /customers for an organization."""
    return {"kind": "organization", "name": "Pars Trading", "groups": list(groups), **said}


def person_document(*groups: str, version: int = 1, **said: Any) -> dict[str, Any]:
    """A person as customers.customer.v1 carries it."""
    names = dict.fromkeys(_PERSON) | {"first_name": "Reza", "last_name": "Ahmadi"}
    return _document("person", names | {"organizations": []}, groups, version) | said


def organization_document(*groups: str, version: int = 1, **said: Any) -> dict[str, Any]:
    """An organization as customers.customer.v1 carries it."""
    return _document("organization", dict.fromkeys(_ORGANIZATION) | {"name": "Pars Trading"}, groups, version) | said


def _document(kind: str, own: Mapping[str, Any], groups: Sequence[str], version: int) -> dict[str, Any]:
    at = "2026-03-21T08:30:00.000000Z"
    shared: dict[str, Any] = {
        "groups": list(groups),
        "contacts": [],
        "address": None,
        "fields": {},
        "related_to": None,
        "enabled": True,
    }
    times = {"created_at": at, "created_by": "master", "updated_at": at, "version": version}
    return {"id": new_id(), "kind": kind, **own, **shared, **times}


def caller(user: str = "master", *, groups: Sequence[str] | None = None, edit: Sequence[str] | None = None) -> Caller:
    """Somebody with every permission who sees `groups` (None: all) and may change `edit` (None: those seen)."""
    seen = None if groups is None else frozenset(groups)
    return Caller(user, frozenset(permissions.ALL), seen, seen if edit is None else frozenset(edit), seen)


def import_batch(*groups: str, **said: Any) -> ImportBatch:
    """A batch of persons, merged by mobile or e-mail unless said otherwise."""
    match = {"fields": ["mobile", "email"], "combine": "any"}
    plain = {"import_id": "import-1", "run_id": "run-1", "batch": 0, "blob_key": "imports/1/0", "kind": "person"}
    plain |= {"groups": list(groups), "mode": "merge", "when_unmatched": "create", "match": match, "by": "master"}
    return ImportBatch.model_validate(plain | said)


def import_rows(columns: Sequence[str], *rows: Sequence[Any], first: int = 2) -> bytes:
    """The blob of a batch; rows are numbered from `first`. A contact's cell may be a plain text: its key is made."""
    numbered = [
        [number, *(_cell(target, cell) for target, cell in zip(columns, row, strict=True))]
        for number, row in enumerate(rows, first)
    ]
    return orjson.dumps({"columns": list(columns), "rows": numbered})


def _cell(target: str, cell: Any) -> Any:
    if target in NUMBERS:
        return [[cell, phone_key(cell, "IR")]] if isinstance(cell, str) else cell or []
    if target in {"email", "website", "social", "address"}:
        return [[cell, cell.lower() if target == "email" else None]] if isinstance(cell, str) else cell or []
    return cell
