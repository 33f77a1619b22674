"""Rows of entries: written in sets, read whole, and their links to customers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, TypeDecorator, bindparam, delete, false, select, update
from sqlalchemy.engine.default import DefaultDialect

from rapport_chassis.clock import to_micros
from rapport_chassis.db import bulk_insert, in_list
from rapport_logging.store.tables import entries, entry_customers

_STORED: Final = {
    column.name: column.type.process_bind_param for column in entries.c if isinstance(column.type, TypeDecorator)
}
_DIALECT: Final = DefaultDialect()
_LINK_COLUMNS = ("customer_id", "occurred_at", "entry_id")
SHOWN = tuple(column for column in entries.c if column.name not in {"salt", "natural_key", "text_key"})


def known_keys(conn: Connection, natural_keys: Sequence[str]) -> set[str]:
    """Those of the natural keys that have their entry already."""
    query = select(entries.c.natural_key).where(in_list(entries.c.natural_key, natural_keys))
    return set(conn.execute(query).scalars())


def add(conn: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert entries; all rows have the same columns."""
    names = tuple(rows[0])
    bulk_insert(conn, entries, names, [tuple(_stored(name, row[name]) for name in names) for row in rows])


def _stored(name: str, value: Any) -> Any:
    stored = _STORED.get(name)
    return stored(value, _DIALECT) if stored else value


def link(conn: Connection, links: Iterable[tuple[str, datetime, str]]) -> None:
    """Put entries into timelines: `(customer id, when it happened, entry id)` each."""
    stored: dict[datetime, int] = {}
    rows = [(customer, stored.setdefault(at, to_micros(at)), entry) for customer, at, entry in links]
    bulk_insert(conn, entry_customers, _LINK_COLUMNS, rows)


def unlink(conn: Connection, customer_ids: Sequence[str], occurred_at: datetime, entry_id: str) -> None:
    """Take an entry out of these customers' timelines."""
    table = entry_customers
    here = (table.c.occurred_at == occurred_at, table.c.entry_id == entry_id)
    conn.execute(delete(table).where(in_list(table.c.customer_id, customer_ids), *here))


def get(conn: Connection, entry_id: str, *, lock: bool = False, removed: bool = False) -> Row[Any] | None:
    """The entry, unless there is none; a deleted one only when asked for."""
    query = select(*SHOWN).where(entries.c.id == entry_id)
    if not removed:
        query = query.where(entries.c.removed == false())
    return conn.execute(query.with_for_update() if lock else query).first()


def change(conn: Connection, entry_id: str, values: Mapping[str, Any]) -> None:
    """Set columns of one entry."""
    conn.execute(update(entries).where(entries.c.id == entry_id).values(**values))


def deliveries(conn: Connection, natural_keys: Sequence[str]) -> dict[str, Row[Any]]:
    """Of the entries with these natural keys: id, version, description and the message version they show, locked."""
    names = ("natural_key", "id", "version", "description", "delivery_version")
    query = (
        select(*(entries.c[name] for name in names))
        .where(in_list(entries.c.natural_key, natural_keys))
        .with_for_update()
    )
    return {row.natural_key: row for row in conn.execute(query)}


def set_deliveries(conn: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write delivery states: rows of `at_id, delivery, delivery_version, description_key, version`."""
    if rows:
        conn.execute(update(entries).where(entries.c.id == bindparam("at_id")), [dict(row) for row in rows])


def raise_versions(conn: Connection, entry_ids: Sequence[str]) -> list[tuple[str, int]]:
    """One version more for each of these entries, as for something a person changed; gives the new ones."""
    mine = in_list(entries.c.id, entry_ids)
    raised = entries.c.version + 1
    conn.execute(update(entries).where(mine).values(version=raised, edited_version=raised))
    return [(row.id, row.version) for row in conn.execute(select(entries.c.id, entries.c.version).where(mine))]


def documents(conn: Connection, ids: Sequence[str]) -> list[Row[Any]]:
    """The entries with these ids, deleted ones too."""
    return list(conn.execute(select(*SHOWN).where(in_list(entries.c.id, ids))))
