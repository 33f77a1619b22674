"""Definitions: read as one immutable snapshot, written one by one, published under their keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Text, insert, select, type_coerce, update

from rapport_chassis.db import Tx, in_list
from rapport_chassis.dialects import ask, queue_at, share
from rapport_chassis.ids import new_id
from rapport_contracts import topics
from rapport_customers.domain.definitions import (
    CustomField,
    Definition,
    Definitions,
    Group,
    OptionList,
    Section,
    as_document,
    from_document,
)
from rapport_customers.store.tables import definitions, locks

_KEPT = 8
_REVISION: Final = select(locks.c.revision).where(locks.c.name == "definitions")
_HELD: Final = "definitions"
_snapshots: dict[str, Definitions] = {}  # by revision, which is random: a rolled back one is never met again


def hold(tx: Tx) -> Definitions:
    """All definitions, which nobody else changes before the transaction ends."""
    known: Definitions | None = tx.held.get(_HELD)
    if known is None:
        share(tx.conn, _HELD)
        known = tx.held[_HELD] = load(tx.conn)
    return known


def hold_to_change(tx: Tx) -> Definitions:
    """All definitions, which nobody else changes or holds before the transaction ends."""
    queue_at(tx.conn, _HELD)
    return load(tx.conn)


def load(conn: Connection) -> Definitions:
    """All definitions now."""
    ((revision,),) = ask(conn, _REVISION)
    known = _snapshots.get(revision)
    if known is None:
        known = _read(conn)
        if len(_snapshots) >= _KEPT:
            _snapshots.clear()  # at once: other threads read it
        _snapshots[revision] = known
    return known


def _read(conn: Connection) -> Definitions:
    query = select(type_coerce(definitions.c.document, Text)).where(definitions.c.removed.is_(False))
    found = [from_document(orjson.loads(document)) for (document,) in conn.execute(query)]
    return Definitions(
        groups={one.id: one for one in found if isinstance(one, Group)},
        sections={one.id: one for one in found if isinstance(one, Section)},
        fields={one.id: one for one in found if isinstance(one, CustomField)},
        lists={one.name: one for one in found if isinstance(one, OptionList)},
    )


def key_of(definition: Definition) -> str:
    """The topic key: `<type>:<id>`, for lists `list:<name>`."""
    return f"{definition.type}:{definition.name if isinstance(definition, OptionList) else definition.id}"


def save(tx: Tx, changed: Sequence[Definition]) -> None:
    """Store new or changed definitions (as many as a page of them) and queue their state."""
    removed = _removed_versions(tx.conn, [key_of(one) for one in changed if one.version == 1])
    written = []
    for one in changed:
        document = as_document(one)
        document["version"] += removed.get(key_of(one), 0)  # a list that comes back goes on counting
        written.append(_row(key_of(one), document))
    _write(tx, written)


def remove(tx: Tx, definition: Definition) -> None:
    """Mark it removed and publish that (`removed: true`)."""
    document = as_document(definition) | {"version": definition.version + 1, "removed": True}
    _write(tx, [_row(key_of(definition), document)])


def _row(key: str, document: Mapping[str, Any]) -> dict[str, Any]:
    return {"key": key, "version": document["version"], "removed": document["removed"], "document": document}


def _write(tx: Tx, rows: list[dict[str, Any]]) -> None:
    tx.held.pop(_HELD, None)
    keys = [row["key"] for row in rows]
    known = set(tx.conn.execute(select(definitions.c.key).where(in_list(definitions.c.key, keys))).scalars())
    for row in rows:
        stored = update(definitions).where(definitions.c.key == row["key"]) if row["key"] in known else None
        tx.conn.execute((insert(definitions) if stored is None else stored).values(row))
    tx.conn.execute(update(locks).where(locks.c.name == "definitions").values(revision=new_id()))
    before = len(tx.positions)
    tx.publish_state(topics.DEFINITIONS, [(row["key"], row["version"]) for row in rows])
    del tx.positions[before:]  # searches wait for customers, not for definitions


def _removed_versions(conn: Connection, keys: Sequence[str]) -> dict[str, int]:
    query = select(definitions.c.key, definitions.c.version)
    query = query.where(definitions.c.removed, in_list(definitions.c.key, keys))
    return {row.key: row.version for row in conn.execute(query)}


def read_documents(conn: Connection, keys: Sequence[str]) -> dict[str, tuple[int, bytes]]:
    """The relay's reader of customers.definitions.v1."""
    document = type_coerce(definitions.c.document, Text)
    query = select(definitions.c.key, definitions.c.version, document).where(in_list(definitions.c.key, keys))
    return {key: (version, text.encode()) for key, version, text in conn.execute(query)}
