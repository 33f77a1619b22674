"""User entries (L2, L4): written by hand for one customer or for many at once, edited and deleted with what they said kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rapport_chassis.auth import Caller
from rapport_chassis.db import Tx
from rapport_chassis.ids import new_id
from rapport_chassis.problems import Forbidden, NotFound, Stale
from rapport_logging.application import views
from rapport_logging.application.publishing import publish_entries
from rapport_logging.application.tag_words import Said, actions_of
from rapport_logging.domain.entries import Action, description_key, text_key
from rapport_logging.domain.kinds import NOTE, is_system
from rapport_logging.store import entries, history, tags
from rapport_logging.store.rows import Row


@dataclass(frozen=True, slots=True)
class WriteEntry:
    """One entry for all of `customer_ids`, which the caller may see; `occurred_at` None is now."""

    customer_ids: Sequence[str]
    actions: Sequence[Said]
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EditEntry:
    """What changes; None stays as it is."""

    actions: Sequence[Said] | None = None
    occurred_at: datetime | None = None


def write_entry(tx: Tx, caller: Caller, command: WriteEntry) -> Row[Any]:
    """Write a user entry; unknown tag words become tags, unverified (L5). Raises `Invalid` 422 for what is no tag word."""
    actions = actions_of(tx, command.actions, caller.id)
    entry_id, occurred_at = new_id(), command.occurred_at or tx.now
    row = {
        "id": entry_id,
        "kind": NOTE,
        "occurred_at": occurred_at,
        "recorded_at": tx.now,
        "recorded_by": caller.id,
        "version": 1,
        "edited_version": 1,
        "removed": False,
        "text_key": text_key(actions),
        "description_key": "",
        "delivery_version": 0,
        "actions": actions,
        "data": {},
        "customer_ids": list(command.customer_ids),
    }
    entries.add(tx.conn, [row])
    entries.link(tx.conn, ((customer, occurred_at, entry_id) for customer in command.customer_ids))
    tags.put_on(tx.conn, entry_id, _tags_of(actions))
    publish_entries(tx, [(entry_id, 1)])
    return _read(tx, entry_id)


def edit_entry(tx: Tx, caller: Caller, entry_id: str, seen: int, command: EditEntry) -> Row[Any]:
    """Change a user entry; what it said before is kept. Raises `NotFound`, `Forbidden` `system_entry`, `Stale`."""
    row = _lock_own(tx, entry_id, seen)
    values: dict[str, Any] = {}
    if command.actions is not None:
        actions = actions_of(tx, command.actions, caller.id)
        values |= {"actions": actions, "text_key": text_key(actions)}
        tags.put_on(tx.conn, entry_id, _tags_of(actions))
    if command.occurred_at is not None and command.occurred_at != row.occurred_at:
        values["occurred_at"] = command.occurred_at
        entries.unlink(tx.conn, row.customer_ids, row.occurred_at, entry_id)
        entries.link(tx.conn, ((customer, command.occurred_at, entry_id) for customer in row.customer_ids))
    if values:
        _change(tx, caller, row, "edited", values)
    return _read(tx, entry_id)


def delete_entry(tx: Tx, caller: Caller, entry_id: str, seen: int) -> None:
    """Take a user entry out of every timeline; its history stays. Raises as `edit_entry`."""
    row = _lock_own(tx, entry_id, seen)
    _change(tx, caller, row, "deleted", {"removed": True})
    entries.unlink(tx.conn, row.customer_ids, row.occurred_at, entry_id)
    tags.put_on(tx.conn, entry_id, [])


def describe_entry(tx: Tx, caller: Caller, entry_id: str, seen: int, text: str) -> Row[Any]:
    """Write a person's description on any entry, also a system's (L3); an empty text takes it away.

    The sending status stays beside it. Raises `NotFound`, `Stale`.
    """
    row = _lock(tx, entry_id, seen)
    said = text.strip() or None
    if said != row.description:
        values = {"description": said, "description_key": description_key(said, row.delivery)}
        by = {"described_by": caller.id, "described_at": tx.now}
        _change(tx, caller, row, "described", values | by)
    return _read(tx, entry_id)


def current(tx: Tx, row: Row[Any]) -> views.View:
    """The entry as it is now, for whoever saw an older version; who is named with it is the entrypoint's to say."""
    return views.entry_view(row, views.shown(tx.conn, [row], lambda _user: None), [])


def _lock(tx: Tx, entry_id: str, seen: int) -> Row[Any]:
    """The entry. What a provider reports meanwhile makes nothing stale: only persons' changes do."""
    row = entries.get(tx.conn, entry_id, lock=True)
    if row is None:
        raise NotFound("There is no such entry.")
    if not row.edited_version <= seen <= row.version:
        raise Stale(current(tx, row))
    return row


def _lock_own(tx: Tx, entry_id: str, seen: int) -> Row[Any]:
    row = entries.get(tx.conn, entry_id)
    if row is not None:
        refuse_system(row)
    return _lock(tx, entry_id, seen)


def refuse_system(row: Row[Any]) -> None:
    """Raises `Forbidden` 403 `system_entry` for what the system wrote: nobody edits or deletes it (L1)."""
    if is_system(row.kind):
        raise Forbidden("What the system wrote cannot be edited or deleted.", code="system_entry")


def _change(tx: Tx, caller: Caller, row: Row[Any], change: str, values: dict[str, Any]) -> None:
    version = row.version + 1
    named = views.tags_shown(tx.conn, {tag_id for action in row.actions for tag_id in action["tags"]})
    before = {
        "occurred_at": views.instant(row.occurred_at),
        "actions": views.actions_view(row.actions, named),
        "description": row.description,
    }
    kept = {"entry_id": row.id, "version": version, "at": tx.now, "by": caller.id, "change": change, "before": before}
    history.keep(tx.conn, kept)
    entries.change(tx.conn, row.id, values | {"version": version, "edited_version": version})
    publish_entries(tx, [(row.id, version)])


def _tags_of(actions: Sequence[Action]) -> list[str]:
    return [tag_id for action in actions for tag_id in action["tags"]]


def _read(tx: Tx, entry_id: str) -> Row[Any]:
    row = entries.get(tx.conn, entry_id)
    if row is None:
        raise NotFound("There is no such entry.")
    return row
