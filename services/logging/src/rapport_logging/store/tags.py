"""Rows of tags and which entries carry them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    case,
    delete,
    exists,
    false,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from rapport_chassis.db import in_list
from rapport_logging.store.tables import entry_tags, tags

Place = tuple[int, str, str]
"""Where a list of tags was read to: rank (0: begins with what was typed), sort key, id."""


def add(conn: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert tags."""
    if rows:
        conn.execute(insert(tags), [dict(row) for row in rows])


def get(conn: Connection, tag_id: str, *, lock: bool = False) -> Row[Any] | None:
    """The tag, also a removed one."""
    query = select(tags).where(tags.c.id == tag_id)
    return conn.execute(query.with_for_update() if lock else query).first()


def by_keys(conn: Connection, keys: Sequence[str]) -> dict[str, Row[Any]]:
    """The tags with these normalised names."""
    return {row.key: row for row in conn.execute(select(tags).where(in_list(tags.c.key, keys)))}


def by_ids(conn: Connection, ids: Sequence[str]) -> dict[str, Row[Any]]:
    """The tags with these ids, removed ones too."""
    return {row.id: row for row in conn.execute(select(tags).where(in_list(tags.c.id, ids)))}


def change(conn: Connection, tag_id: str, values: Mapping[str, Any]) -> None:
    """Set columns of one tag."""
    conn.execute(update(tags).where(tags.c.id == tag_id).values(**values))


def page(
    conn: Connection, *, part: str, states: Sequence[str] | None, after: Place | None, limit: int
) -> list[tuple[Row[Any], Place]]:
    """Tags whose normalised name contains `part`, those that begin with it first, then by name."""
    rank = case((tags.c.key.startswith(part, autoescape=True), 0), else_=1) if part else literal(0)
    query = select(tags, rank.label("rank")).where(tags.c.removed == false())
    if part:
        query = query.where(tags.c.key.contains(part, autoescape=True))
    if states is not None:
        query = query.where(tags.c.state.in_(states))
    if after is not None:
        query = query.where(_beyond(rank, after))
    rows = conn.execute(query.order_by(rank, tags.c.sort, tags.c.id).limit(limit))
    return [(row, (row.rank, row.sort, row.id)) for row in rows]


def _beyond(rank: ColumnElement[Any], after: Place) -> ColumnElement[bool]:
    ranked, sort, tag_id = after
    same = or_(tags.c.sort > sort, and_(tags.c.sort == sort, tags.c.id > tag_id))
    return or_(rank > ranked, and_(rank == ranked, same))


def counts(conn: Connection, ids: Sequence[str]) -> dict[str, int]:
    """How many entries carry each tag; one without entries is left out."""
    query = select(entry_tags.c.tag_id, func.count().label("uses")).where(in_list(entry_tags.c.tag_id, ids))
    return {row.tag_id: row.uses for row in conn.execute(query.group_by(entry_tags.c.tag_id))}


def pending(conn: Connection) -> int:
    """How many tags wait for somebody to verify them."""
    query = select(func.count()).where(tags.c.removed == false(), tags.c.state == "unverified")
    return conn.execute(query).scalar_one()


def put_on(conn: Connection, entry_id: str, tag_ids: Sequence[str]) -> None:
    """Let an entry carry exactly these tags."""
    conn.execute(delete(entry_tags).where(entry_tags.c.entry_id == entry_id))
    rows = [{"tag_id": tag_id, "entry_id": entry_id} for tag_id in dict.fromkeys(tag_ids)]
    if rows:
        conn.execute(insert(entry_tags), rows)


def carried(conn: Connection, entry_ids: Sequence[str]) -> dict[str, list[str]]:
    """The tags that each entry carries now, by id."""
    found: dict[str, list[str]] = {}
    query = select(entry_tags).where(in_list(entry_tags.c.entry_id, entry_ids)).order_by(entry_tags.c.tag_id)
    for row in conn.execute(query):
        found.setdefault(row.entry_id, []).append(row.tag_id)
    return found


def entries_with(conn: Connection, tag_id: str) -> list[str]:
    """The ids of the entries that carry the tag."""
    return list(conn.execute(select(entry_tags.c.entry_id).where(entry_tags.c.tag_id == tag_id)).scalars())


def take_off(conn: Connection, tag_id: str) -> None:
    """Let no entry carry the tag any more."""
    conn.execute(delete(entry_tags).where(entry_tags.c.tag_id == tag_id))


def move(conn: Connection, old: str, new: str) -> None:
    """Let every entry of `old` carry `new` instead, once, and whatever was replaced by `old` lead to `new`."""
    other = entry_tags.alias("other")
    has_both = exists().where(other.c.entry_id == entry_tags.c.entry_id, other.c.tag_id == new)
    conn.execute(update(entry_tags).where(entry_tags.c.tag_id == old, ~has_both).values(tag_id=new))
    take_off(conn, old)
    conn.execute(update(tags).where(tags.c.replaced_by == old).values(replaced_by=new))
