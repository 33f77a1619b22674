"""Saved filters and the roles they are shared with."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, or_, select, update

from rapport_chassis.db import Tx, in_list
from rapport_contracts.text import normalise
from rapport_search.store.tables import filter_shares, filters


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """A saved filter (Q2)."""

    id: str
    owner: str
    name: str
    query: Any
    columns: list[str]
    sort: list[dict[str, str]]
    shared_with: list[str]
    version: int
    created_at: datetime
    updated_at: datetime


def seen_by(
    conn: Connection, user_id: str, roles: Collection[str], *, after: str | None = None, limit: int | None = None
) -> list[SavedFilter]:
    """The user's own filters and those shared with one of the roles, by id."""
    query = select(filters).where(_visible(user_id, roles)).order_by(filters.c.id)
    if after is not None:
        query = query.where(filters.c.id > after)
    return _with_shares(conn, list(conn.execute(query.limit(limit))))


def get(conn: Connection, filter_id: str, user_id: str, roles: Collection[str]) -> SavedFilter | None:
    """The filter, when the user may see it."""
    query = select(filters).where(filters.c.id == filter_id, _visible(user_id, roles))
    return next(iter(_with_shares(conn, list(conn.execute(query)))), None)


def name_taken(conn: Connection, owner: str, name: str, but: str | None = None) -> bool:
    """Whether the owner has another filter of that name."""
    query = select(filters.c.id).where(filters.c.owner == owner, filters.c.name_key == normalise(name))
    return conn.execute(query.where(filters.c.id != (but or ""))).first() is not None


def add(tx: Tx, saved: SavedFilter) -> None:
    """Insert a filter."""
    row = _row(saved) | {"id": saved.id, "owner": saved.owner, "created_at": saved.created_at}
    tx.conn.execute(insert(filters), row)
    _share(tx, saved)


def replace(tx: Tx, saved: SavedFilter) -> None:
    """Write a filter's new state."""
    tx.conn.execute(update(filters).where(filters.c.id == saved.id).values(_row(saved)))
    tx.conn.execute(delete(filter_shares).where(filter_shares.c.filter_id == saved.id))
    _share(tx, saved)


def remove(tx: Tx, filter_id: str) -> None:
    """Delete a filter."""
    tx.conn.execute(delete(filter_shares).where(filter_shares.c.filter_id == filter_id))
    tx.conn.execute(delete(filters).where(filters.c.id == filter_id))


def _row(saved: SavedFilter) -> dict[str, Any]:
    return {
        "name": saved.name,
        "name_key": normalise(saved.name),
        "query": saved.query,
        "columns": saved.columns,
        "sort": saved.sort,
        "version": saved.version,
        "updated_at": saved.updated_at,
    }


def _share(tx: Tx, saved: SavedFilter) -> None:
    rows = [{"role_id": role, "filter_id": saved.id} for role in saved.shared_with]
    if rows:
        tx.conn.execute(insert(filter_shares), rows)


def _visible(user_id: str, roles: Collection[str]) -> ColumnElement[bool]:
    shared = select(filter_shares.c.filter_id).where(in_list(filter_shares.c.role_id, sorted(roles)))
    return or_(filters.c.owner == user_id, filters.c.id.in_(shared))


def _with_shares(conn: Connection, rows: Sequence[Any]) -> list[SavedFilter]:
    shares: dict[str, list[str]] = {}
    query = select(filter_shares).where(in_list(filter_shares.c.filter_id, [row.id for row in rows]))
    for row in conn.execute(query.order_by(filter_shares.c.role_id)):
        shares.setdefault(row.filter_id, []).append(row.role_id)
    return [
        SavedFilter(
            row.id,
            row.owner,
            row.name,
            row.query,
            row.columns,
            row.sort,
            shares.get(row.id, []),
            row.version,
            row.created_at,
            row.updated_at,
        )
        for row in rows
    ]
