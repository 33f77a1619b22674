"""Writing to the audit log in the transaction of the effect (G3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapport_chassis.db import Tx
from rapport_chassis.ids import new_id
from rapport_identity.domain.audit import ACTIONS
from rapport_identity.store import audit


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from: who (None = nobody known), by which means, from which address, as which request."""

    actor_id: str | None = None
    via: str = "form"
    ip: str | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was done: `details` holds names of fields and ids, never passwords, keys or tokens."""

    action: str
    subject_type: str
    subject_id: str | None
    details: Mapping[str, Any]


def record(
    tx: Tx, origin: Origin, action: str, subject: tuple[str, str | None], details: Mapping[str, Any] | None = None
) -> None:
    """Write one entry. `subject` is `(type, id)`. Raises `ValueError` for an action the log does not know."""
    record_all(tx, origin, [Entry(action, subject[0], subject[1], details or {})])


def record_all(tx: Tx, origin: Origin, entries: Iterable[Entry]) -> None:
    """Write several entries of one origin."""
    rows = [_row(tx, origin, entry) for entry in entries]
    if rows:
        audit.add(tx.conn, rows)


def differences(before: Mapping[str, Any], after: Mapping[str, Any], fields: Sequence[str]) -> dict[str, Any]:
    """`{field: {"from", "to"}}` for those of `fields` that changed: what the log keeps of an edit."""
    return {
        name: {"from": before.get(name), "to": after[name]}
        for name in fields
        if name in after and after[name] != before.get(name)
    }


def _row(tx: Tx, origin: Origin, entry: Entry) -> dict[str, Any]:
    if entry.action not in ACTIONS:
        raise ValueError(f"the audit log knows no action {entry.action}")
    return {
        "id": new_id(),
        "at": tx.now,
        "action": entry.action,
        "actor_id": origin.actor_id,
        "via": origin.via,
        "subject_type": entry.subject_type,
        "subject_id": entry.subject_id,
        "ip": origin.ip,
        "request_id": origin.request_id,
        "details": dict(entry.details),
    }
