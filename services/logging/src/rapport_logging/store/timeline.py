"""A customer's timeline, newest first: a range of the link table, so that its length does not matter to a page.

A filter is looked for in links taken in growing portions, at most `EXAMINED` a request: what a page costs is bounded, and
what was not reached is behind the page's cursor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import BigInteger, ColumnElement, Connection, Row, Select, and_, exists, or_, select, type_coerce

from rapport_chassis.db import in_list
from rapport_logging.store.entries import SHOWN
from rapport_logging.store.tables import entries, entry_customers, entry_tags, tags

Part = Literal["text", "description", "tags", "kind", "user"]
PORTIONS: Final = (200, 800, 3_000, 16_000)
EXAMINED: Final = sum(PORTIONS)
Place = tuple[datetime, str]
"""Where a timeline was read to: the last entry's instant and id."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word that an entry must have in one of its parts; kinds and users whose names contain it were looked up before."""

    text: str
    kinds: Sequence[str]
    users: Sequence[str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries of a timeline are asked for: all of `words`, and one of `kinds`, and one of `tags` (None: any)."""

    words: Sequence[Word] = ()
    parts: frozenset[Part] = frozenset()
    kinds: Sequence[str] | None = None
    tags: Sequence[str] | None = None

    @property
    def everything(self) -> bool:
        """Whether nothing is filtered."""
        return not self.words and self.kinds is None and self.tags is None


def page(
    conn: Connection, customer_id: str, wanted: Wanted, after: Place | None, limit: int
) -> tuple[list[Row[Any]], Place | None]:
    """At most `limit` entries that follow `after`, and where to go on (None: that was all)."""
    if wanted.everything:
        rows = list(conn.execute(_unfiltered(customer_id, after, limit + 1)))
        return rows[:limit], _place(rows[limit - 1]) if len(rows) > limit else None
    return _filtered(conn, customer_id, wanted, after, limit)


def _filtered(
    conn: Connection, customer_id: str, wanted: Wanted, after: Place | None, limit: int
) -> tuple[list[Row[Any]], Place | None]:
    found: list[Row[Any]] = []
    for portion in PORTIONS:
        places = [(row.occurred_at, row.entry_id) for row in conn.execute(_places(customer_id, after, portion))]
        found += _matching(conn, [entry_id for _, entry_id in places], wanted)
        if len(found) > limit:
            return found[:limit], _place(found[limit - 1])
        if len(places) < portion:
            return found, None
        after = places[-1]
    return found, after


def _matching(conn: Connection, entry_ids: Sequence[str], wanted: Wanted) -> list[Row[Any]]:
    """Those of the entries that are wanted, in the order of `entry_ids`."""
    query = select(*SHOWN).where(in_list(entries.c.id, entry_ids), *_conditions(wanted))
    by_id: Mapping[str, Row[Any]] = {row.id: row for row in conn.execute(query)}
    return [by_id[entry_id] for entry_id in entry_ids if entry_id in by_id]


def _unfiltered(customer_id: str, after: Place | None, limit: int) -> Select[Any]:
    links = entry_customers
    joined = links.join(entries, entries.c.id == links.c.entry_id)
    return _ordered(select(*SHOWN).select_from(joined), customer_id, after, limit)


def _places(customer_id: str, after: Place | None, limit: int) -> Select[Any]:
    columns = (entry_customers.c.occurred_at, entry_customers.c.entry_id)
    return _ordered(select(*columns), customer_id, after, limit)


def _ordered(query: Select[Any], customer_id: str, after: Place | None, limit: int) -> Select[Any]:
    links = entry_customers.c
    query = query.where(links.customer_id == customer_id)
    if after is not None:
        at, entry_id = after
        query = query.where(links.occurred_at <= at, or_(links.occurred_at < at, links.entry_id < entry_id))
    return query.order_by(links.occurred_at.desc(), links.entry_id.desc()).limit(limit)


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions = [or_(*_anywhere(word, wanted.parts)) for word in wanted.words]
    if wanted.kinds is not None:
        conditions.append(entries.c.kind.in_(wanted.kinds))
    if wanted.tags is not None:
        mine = and_(entry_tags.c.entry_id == entries.c.id, in_list(entry_tags.c.tag_id, wanted.tags))
        conditions.append(exists().where(mine))
    return conditions


def _anywhere(word: Word, parts: frozenset[Part]) -> list[ColumnElement[bool]]:
    tagged = and_(
        entry_tags.c.entry_id == entries.c.id,
        tags.c.id == entry_tags.c.tag_id,
        tags.c.key.contains(word.text, autoescape=True),
    )
    places: dict[Part, ColumnElement[bool]] = {
        "text": entries.c.text_key.contains(word.text, autoescape=True),
        "description": entries.c.description_key.contains(word.text, autoescape=True),
        "tags": exists().where(tagged),
        "kind": entries.c.kind.in_(word.kinds),
        "user": in_list(entries.c.recorded_by, word.users),
    }
    return [condition for part, condition in places.items() if part in parts]


def _place(row: Row[Any]) -> Place:
    return row.occurred_at, row.id


def links_of(conn: Connection, customer_id: str) -> list[Row[Any]]:
    """The whole timeline for verification: `entry_id, placed_at` (µs) of each link, `kind` of its entry (null: none)."""
    links = entry_customers
    query = (
        select(links.c.entry_id, type_coerce(links.c.occurred_at, BigInteger).label("placed_at"), entries.c.kind)
        .select_from(links.outerjoin(entries, entries.c.id == links.c.entry_id))
        .where(links.c.customer_id == customer_id)
    )
    return list(conn.execute(query))
