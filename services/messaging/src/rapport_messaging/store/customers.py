"""Messaging's copy of customers: what sending, matching of replies and visibility compile into their queries."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, delete, exists, func, insert, select

from rapport_chassis.db import bulk_insert, in_list

from .tables import customer_groups, customer_numbers, customers, definitions


@dataclass(frozen=True, slots=True)
class CopyRow:
    """One customer as the copy keeps it."""

    id: str
    version: int
    enabled: bool
    address: str | None
    problem: str | None
    document: dict[str, Any]
    numbers: frozenset[str]
    groups: frozenset[str]


def known_versions(conn: Connection, ids: Sequence[str]) -> dict[str, int]:
    """Id -> version, of those that are known."""
    query = select(customers.c.id, customers.c.version).where(in_list(customers.c.id, ids))
    return {row.id: row.version for row in conn.execute(query)}


def replace_copies(conn: Connection, rows: Sequence[CopyRow], known: Collection[str]) -> None:
    """Put these rows in the place of what was known of them (the ids in `known`). The caller has sorted out older versions."""
    if not rows:
        return
    if ids := [row.id for row in rows if row.id in known]:
        conn.execute(delete(customers).where(in_list(customers.c.id, ids)))
        conn.execute(delete(customer_numbers).where(in_list(customer_numbers.c.customer_id, ids)))
        conn.execute(delete(customer_groups).where(in_list(customer_groups.c.customer_id, ids)))
    wide = [
        (row.id, row.version, row.enabled, row.address, row.problem, orjson.dumps(row.document).decode())
        for row in rows
    ]
    bulk_insert(conn, customers, ("id", "version", "enabled", "address", "problem", "document"), wide)
    numbers = sorted((number, row.id) for row in rows for number in row.numbers)  # neighbours are written together
    bulk_insert(conn, customer_numbers, ("number", "customer_id"), numbers)
    groups = [(row.id, group) for row in rows for group in row.groups]
    bulk_insert(conn, customer_groups, ("customer_id", "group_id"), groups)


def load(conn: Connection, ids: Sequence[str]) -> dict[str, Any]:
    """Id -> row (id, enabled, address, problem, document) of those that are known."""
    query = select(customers).where(in_list(customers.c.id, ids))
    return {row.id: row for row in conn.execute(query)}


def load_documents(conn: Connection, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Id -> document of those that are known."""
    query = select(customers.c.id, customers.c.document).where(in_list(customers.c.id, ids))
    return {row.id: row.document for row in conn.execute(query)}


def owners(conn: Connection, numbers: Sequence[str]) -> dict[str, list[str]]:
    """Number -> the customers that have it, for numbers that somebody has."""
    query = select(customer_numbers).where(in_list(customer_numbers.c.number, numbers))
    found: dict[str, list[str]] = {}
    for row in conn.execute(query.order_by(customer_numbers.c.customer_id)):
        found.setdefault(row.number, []).append(row.customer_id)
    return found


def disabled(conn: Connection, ids: Sequence[str]) -> set[str]:
    """Those of `ids` that are disabled."""
    query = select(customers.c.id).where(in_list(customers.c.id, ids), customers.c.enabled.is_(False))
    return set(conn.execute(query).scalars())


def visible(customer_id: ColumnElement[Any], groups: frozenset[str] | None) -> ColumnElement[bool]:
    """The condition that a row's customer is in one of `groups` (None: every group, and what belongs to no customer)."""
    from sqlalchemy import true

    if groups is None:
        return true()
    inside = customer_groups.c.customer_id == customer_id
    return exists().where(inside, in_list(customer_groups.c.group_id, sorted(groups)))


def replace_definitions(conn: Connection, documents: Mapping[str, dict[str, Any]]) -> None:
    """Take in definitions (key -> document) that are newer than what is known."""
    query = select(definitions.c.key, definitions.c.version).where(in_list(definitions.c.key, list(documents)))
    known = {row.key: row.version for row in conn.execute(query)}
    newer = {key: new for key, new in documents.items() if new["version"] > known.get(key, 0)}
    if not newer:
        return
    conn.execute(delete(definitions).where(in_list(definitions.c.key, list(newer))))
    conn.execute(
        insert(definitions), [{"key": key, "version": new["version"], "document": new} for key, new in newer.items()]
    )


def live_definitions(conn: Connection) -> list[dict[str, Any]]:
    """All custom fields and lists that are not removed."""
    documents = conn.execute(select(definitions.c.document)).scalars()
    return [document for document in documents if not document.get("removed")]


def count(conn: Connection) -> int:
    """How many customers the copy has."""
    return conn.execute(select(func.count()).select_from(customers)).scalar_one()
