"""The administration of tags (L6): list, create, verify, rename, delete, replace. The system's tags are only listed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rapport_chassis.auth import Caller
from rapport_chassis.db import Tx
from rapport_chassis.problems import Conflict, FieldError, Forbidden, Invalid, NotFound, Stale
from rapport_contracts.text import normalise
from rapport_logging.application import views
from rapport_logging.application.publishing import publish_entries, publish_tags
from rapport_logging.application.tag_words import create_tags
from rapport_logging.domain.tags import sort_key, tag_key, tag_name
from rapport_logging.store import entries, tags
from rapport_logging.store.rows import Connection, Row
from rapport_logging.store.tags import Place


def list_tags(
    conn: Connection, q: str, states: Sequence[str] | None, after: Place | None, limit: int
) -> tuple[list[views.View], Place | None]:
    """Tags whose name contains `q`, those beginning with it first; each with its usage count."""
    found = tags.page(conn, part=normalise(q), states=states, after=after, limit=limit + 1)
    counts = tags.counts(conn, [row.id for row, _ in found[:limit]])
    items = [views.tag_view(row, counts.get(row.id, 0)) for row, _ in found[:limit]]
    return items, found[limit - 1][1] if len(found) > limit else None


def pending(conn: Connection) -> int:
    """How many tags wait to be verified."""
    return tags.pending(conn)


def get_tag(conn: Connection, tag_id: str) -> views.View:
    """One tag. Raises `NotFound`."""
    row = tags.get(conn, tag_id)
    if row is None or row.removed:
        raise NotFound("There is no such tag.")
    return views.tag_view(row, tags.counts(conn, [tag_id]).get(tag_id, 0))


def create_tag(tx: Tx, caller: Caller, word: str) -> views.View:
    """A verified tag. Raises `Conflict` 409 `name_taken`, `Invalid` 422."""
    name = tag_name(word)
    _refuse_taken(tx, name, None)
    return get_tag(tx.conn, create_tags(tx, [name], "verified", caller.id)[name])


def verify_tag(tx: Tx, tag_id: str) -> views.View:
    """Make an unverified tag verified; harmless to repeat. Raises `NotFound`, `Forbidden` for a system tag."""
    row = _lock_own(tx, tag_id)
    if row.state == "unverified":
        _change(tx, row, {"state": "verified"})
    return get_tag(tx.conn, tag_id)


def rename_tag(tx: Tx, tag_id: str, seen: int, word: str) -> views.View:
    """Give the tag another name, which every entry shows at once.

    Raises `NotFound`, `Forbidden`, `Stale`, `Invalid`, and `Conflict` 409 `name_taken` when another tag has that name
    in any spelling.
    """
    row = _lock_seen(tx, tag_id, seen)
    name = tag_name(word)
    _refuse_taken(tx, name, tag_id)
    if name != row.name:
        _change(tx, row, {"name": name, "key": tag_key(name), "sort": sort_key(name)})
    return get_tag(tx.conn, tag_id)


def delete_tag(tx: Tx, tag_id: str, seen: int) -> None:
    """Take the tag away; its entries stay, without it. Raises `NotFound`, `Forbidden`, `Stale`."""
    row = _lock_seen(tx, tag_id, seen)
    _touch_entries(tx, tag_id)
    tags.take_off(tx.conn, tag_id)
    _change(tx, row, {"removed": True, "key": None})


def replace_tag(tx: Tx, tag_id: str, by: str) -> views.View:
    """Let all entries of the tag carry `by` instead and take the tag away; gives `by`. Repeating it changes nothing.

    Raises `NotFound`, `Forbidden` for a system tag, `Invalid` 422 when `by` is no other tag that is there.
    """
    known = tags.get(tx.conn, tag_id)
    if known is not None and known.removed and known.replaced_by == by:
        return get_tag(tx.conn, by)
    row = _lock_own(tx, tag_id)
    heir = tags.get(tx.conn, by, lock=True)
    if heir is None or heir.removed or by == tag_id:
        detail = "“by” must be another tag that is there."
        raise Invalid(detail, FieldError("by", "unknown", detail))
    _touch_entries(tx, tag_id)
    tags.move(tx.conn, tag_id, by)
    _change(tx, row, {"removed": True, "key": None, "replaced_by": by})
    return get_tag(tx.conn, by)


def _touch_entries(tx: Tx, tag_id: str) -> None:
    publish_entries(tx, entries.raise_versions(tx.conn, tags.entries_with(tx.conn, tag_id)))


def _lock_own(tx: Tx, tag_id: str) -> Row[Any]:
    row = tags.get(tx.conn, tag_id, lock=True)
    if row is None or row.removed:
        raise NotFound("There is no such tag.")
    if row.state == "system":
        raise Forbidden("The system's tags cannot be changed.")
    return row


def _lock_seen(tx: Tx, tag_id: str, seen: int) -> Row[Any]:
    row = _lock_own(tx, tag_id)
    if row.version != seen:
        raise Stale(get_tag(tx.conn, tag_id))
    return row


def _refuse_taken(tx: Tx, name: str, but: str | None) -> None:
    holder = tags.by_keys(tx.conn, [tag_key(name)]).get(tag_key(name))
    if holder is not None and holder.id != but:
        raise Conflict("name_taken", f"There is a tag “{holder.name}” already.", current=views.tag_ref(holder))


def _change(tx: Tx, row: Row[Any], values: dict[str, Any]) -> None:
    tags.change(tx.conn, row.id, values | {"version": row.version + 1})
    publish_tags(tx, [(row.id, row.version + 1)])
