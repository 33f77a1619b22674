"""Entries and tags as the API shows them: only customers that the caller may see, tags by the name they have today."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rapport_logging.domain.entries import Action
from rapport_logging.domain.kinds import is_system
from rapport_logging.store import tags
from rapport_logging.store.rows import Connection, Row

View = dict[str, Any]
Names = Callable[[str], str | None]
"""A user's id → the name to show, None for an unknown one."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the views of some entries need: the tags by id, and users' names."""

    tags: Mapping[str, View]
    names: Names


def shown(conn: Connection, rows: Iterable[Row[Any]], names: Names) -> Shown:
    """Look up the tags of these entries."""
    ids = {tag_id for row in rows for action in row.actions for tag_id in action["tags"]}
    return Shown(tags_shown(conn, ids), names)


def tags_shown(conn: Connection, ids: Collection[str]) -> dict[str, View]:
    """`{id, name, state}` of each tag that is still there; a replaced tag's id gives the tag it was replaced by."""
    found = tags.by_ids(conn, list(ids)) if ids else {}
    heirs = [row.replaced_by for row in found.values() if row.replaced_by and row.replaced_by not in found]
    known = found | (tags.by_ids(conn, heirs) if heirs else {})
    return {tag_id: tag_ref(tag) for tag_id in ids if (tag := _living(known, tag_id)) is not None}


def _living(known: Mapping[str, Row[Any]], tag_id: str) -> Row[Any] | None:
    row = known.get(tag_id)
    if row is not None and row.replaced_by:
        row = known.get(row.replaced_by)
    return None if row is None or row.removed else row


def tag_ref(row: Row[Any]) -> View:
    """A tag beside an entry."""
    return {"id": row.id, "name": row.name, "state": row.state}


def tag_view(row: Row[Any], count: int) -> View:
    """A tag in the administration; `count` is how many entries carry it (L6)."""
    made = {"created_by": row.created_by, "created_at": instant(row.created_at)}
    return tag_ref(row) | {"count": count} | made | {"version": row.version}


def entry_view(row: Row[Any], about: Shown, customers: Sequence[str]) -> View:
    """An entry; `customers` are those of its customers that may be named."""
    return {
        "id": row.id,
        "kind": row.kind,
        "system": is_system(row.kind),
        "customer_ids": list(customers),
        "occurred_at": instant(row.occurred_at),
        "recorded_at": instant(row.recorded_at),
        "recorded_by": row.recorded_by,
        "recorded_by_name": about.names(row.recorded_by) if row.recorded_by else None,
        "actions": actions_view(row.actions, about.tags),
        "description": row.description,
        "described_by": row.described_by,
        "described_at": instant(row.described_at) if row.described_at else None,
        "delivery": row.delivery,
        "link": row.link,
        "data": row.data,
        "version": row.version,
    }


def actions_view(actions: Sequence[Action], known: Mapping[str, View]) -> list[View]:
    """Actions with their tags, each tag once, those that are gone left out."""
    return [
        {"text": one["text"], "tags": list({known[at]["id"]: known[at] for at in one["tags"] if at in known}.values())}
        for one in actions
    ]


def instant(at: datetime) -> str:
    """RFC 3339, UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
