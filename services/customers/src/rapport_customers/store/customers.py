"""Reading customers: visibility is part of every query, so that unknown and invisible are the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import orjson
from sqlalchemy import ColumnElement, Connection, Text, and_, bindparam, exists, func, select, true, type_coerce

from rapport_chassis.db import Tx, in_list
from rapport_chassis.dialects import ask
from rapport_customers.domain.documents import Document
from rapport_customers.store.tables import customer_groups, customers, fresh_keys, organization_links

Groups = frozenset[str] | None
"""The groups whose customers may be seen; None: all."""
_STORED: Final = (customers.c.version, type_coerce(customers.c.document, Text))
_FRESH: Final = exists(select(1).select_from(fresh_keys).where(fresh_keys.c.number == customers.c.number))

_HELD: Final = select(*_STORED, customers.c.number, _FRESH).with_for_update(of=customers)
_TO_CHANGE: Final = _HELD.where(customers.c.id == bindparam("of"))


@dataclass(frozen=True, slots=True)
class Place:
    """A customer's number, and whether its match keys are still `fresh`; once they are not, they never are again."""

    number: int
    fresh: bool


@dataclass(frozen=True, slots=True)
class Stored:
    """A customer as it is stored: `raw` is the document's text, the before-image of the next change."""

    version: int
    raw: str

    @property
    def document(self) -> Document:
        """A fresh copy of the document."""
        document: Document = orjson.loads(self.raw)
        return document


@dataclass(frozen=True, slots=True)
class Held(Stored):
    """A customer that nobody else changes before the transaction ends."""

    place: Place


def visible(groups: Groups) -> ColumnElement[bool]:
    """The condition on `customers` that leaves what may be seen."""
    if groups is None:
        return true()
    held = and_(customer_groups.c.number == customers.c.number, in_list(customer_groups.c.group_id, sorted(groups)))
    return exists(select(1).select_from(customer_groups).where(held))


def find(conn: Connection, customer_id: str, groups: Groups) -> Stored | None:
    """The customer, or None."""
    query = select(*_STORED).where(customers.c.id == customer_id, visible(groups))
    row = conn.execute(query).first()
    return Stored(row[0], row[1]) if row else None


def hold(tx: Tx, wanted: Sequence[tuple[str, Groups]]) -> None:
    """Ask at once for the customers that `find_to_change` will be asked for, each seen by who may see these groups."""
    ids: dict[Groups, list[str]] = {}
    for customer_id, groups in wanted:
        ids.setdefault(groups, []).append(customer_id)
    for groups, some in ids.items():
        query = _HELD.add_columns(customers.c.id).where(in_list(customers.c.id, some), visible(groups))
        for row in tx.conn.execute(query.order_by(customers.c.id)):
            tx.held[_held_at(row[4])] = (groups, _held(row))


def find_to_change(tx: Tx, customer_id: str, groups: Groups) -> Held | None:
    """The customer with its place, held until the end of the transaction; or None."""
    seen_by, held = tx.held.pop(_held_at(customer_id), (None, None))
    if held and seen_by == groups:
        return cast("Held", held)
    if groups is None:
        rows = ask(tx.conn, _TO_CHANGE, of=customer_id)
    else:
        rows = list(tx.conn.execute(_TO_CHANGE.where(visible(groups)), {"of": customer_id}))
    return next((_held(row) for row in rows), None)


def let_go(tx: Tx, ids: Iterable[str]) -> None:
    """These customers change: what was asked for is no longer what they are."""
    for customer_id in ids:
        tx.held.pop(_held_at(customer_id), None)


def _held_at(customer_id: str) -> str:
    return f"customer {customer_id}"


def _held(row: Any) -> Held:
    return Held(row[0], row[1], Place(row[2], bool(row[3])))


def find_many(conn: Connection, ids: Iterable[str], groups: Groups, *, lock: bool = False) -> dict[str, Stored]:
    """The visible ones of `ids`."""
    query = select(customers.c.id, customers.c.version, type_coerce(customers.c.document, Text)).where(
        in_list(customers.c.id, sorted(ids)), visible(groups)
    )
    rows = conn.execute(query.with_for_update(of=customers) if lock else query)
    return {row[0]: Stored(row[1], row[2]) for row in rows}


def page(conn: Connection, groups: Groups, after: str | None, limit: int) -> list[Document]:
    """Customers, newest first, from below id `after`."""
    query = select(customers.c.document).where(visible(groups)).order_by(customers.c.id.desc()).limit(limit)
    if after is not None:
        query = query.where(customers.c.id < after)
    return list(conn.execute(query).scalars())


def summaries(conn: Connection, ids: Iterable[str], groups: Groups) -> list[dict[str, Any]]:
    """`id, version, kind, display_name, enabled` of the visible ones of `ids`."""
    columns = (customers.c.id, customers.c.version, customers.c.kind, customers.c.display_name, customers.c.enabled)
    query = select(*columns).where(in_list(customers.c.id, sorted(ids)), visible(groups))
    return [{str(name): value for name, value in row.items()} for row in conn.execute(query).mappings()]


def visible_ids(conn: Connection, ids: Iterable[str], groups: Groups) -> frozenset[str]:
    """Which of `ids` may be seen."""
    query = select(customers.c.id).where(in_list(customers.c.id, sorted(ids)), visible(groups))
    return frozenset(conn.execute(query).scalars())


def visible_numbers(conn: Connection, numbers: Iterable[int], groups: Groups, kind: str) -> dict[int, str]:
    """Which customers of these numbers are of `kind` and may be seen: their ids by number."""
    query = select(customers.c.number, customers.c.id)
    query = query.where(in_list(customers.c.number, sorted(numbers)), customers.c.kind == kind, visible(groups))
    return {row[0]: row[1] for row in conn.execute(query)}


def places_of(conn: Connection, ids: Sequence[str]) -> dict[str, Place]:
    """Where the tables that look customers up have those with these ids."""
    if not ids:
        return {}
    query = select(customers.c.id, customers.c.number, _FRESH).where(in_list(customers.c.id, sorted(ids)))
    return {row[0]: Place(row[1], bool(row[2])) for row in conn.execute(query)}


def members(
    conn: Connection, organization_id: str, groups: Groups, after: str | None, limit: int
) -> list[dict[str, Any]]:
    """C1: the visible persons of an organization, in order of their ids: `id, display_name, position, enabled`."""
    linked = organization_links.c
    query = (
        select(customers.c.id, customers.c.display_name, linked.position, customers.c.enabled)
        .join_from(organization_links, customers, customers.c.id == linked.person_id)
        .where(linked.organization_id == organization_id, visible(groups))
        .order_by(linked.person_id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(linked.person_id > after)
    return [{str(name): value for name, value in row.items()} for row in conn.execute(query).mappings()]


def group_counts(conn: Connection) -> dict[str, int]:
    """How many customers are in each group directly."""
    query = select(customer_groups.c.group_id, func.count()).group_by(customer_groups.c.group_id)
    return {row[0]: row[1] for row in conn.execute(query)}


def group_count(conn: Connection, group_id: str) -> int:
    """How many customers are in the group directly."""
    query = select(func.count()).select_from(customer_groups).where(customer_groups.c.group_id == group_id)
    return conn.execute(query).scalar_one()


def some_of_group(conn: Connection, group_id: str, limit: int) -> list[str]:
    """At most `limit` customers that are in the group directly."""
    held = customer_groups.c
    query = select(customers.c.id).join_from(customer_groups, customers, customers.c.number == held.number)
    query = query.where(held.group_id == group_id).order_by(held.number).limit(limit)
    return list(conn.execute(query).scalars())


def read_documents(conn: Connection, keys: Sequence[str]) -> dict[str, tuple[int, bytes]]:
    """The relay's reader of customers.customer.v1: the stored JSON, untouched."""
    return {key: (one.version, one.raw.encode()) for key, one in find_many(conn, keys, None).items()}
