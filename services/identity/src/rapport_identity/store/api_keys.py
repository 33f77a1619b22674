"""Queries on API keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, false, insert, select, update

from rapport_chassis.db import in_list
from rapport_identity.store.tables import api_keys


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key; `permissions` None means all that its user may. The key itself is kept nowhere."""

    id: str
    user_id: str
    name: str
    key_hash: str | None
    hint: str
    permissions: list[str] | None
    created_at: datetime
    last_used_at: datetime | None
    removed: bool
    version: int


def add(conn: Connection, values: dict[str, Any]) -> None:
    """Insert a key."""
    conn.execute(insert(api_keys), values)


def by_hash(conn: Connection, key_hash: str) -> ApiKey | None:
    """The key with this hash."""
    row = conn.execute(select(api_keys).where(api_keys.c.key_hash == key_hash)).first()
    return None if row is None else _key(row)


def get(conn: Connection, key_id: str) -> ApiKey | None:
    """The key, unless there is none or it was removed."""
    row = conn.execute(select(api_keys).where(api_keys.c.id == key_id, api_keys.c.removed == false())).first()
    return None if row is None else _key(row)


def page(conn: Connection, *, user_id: str | None, after: str | None, limit: int) -> list[ApiKey]:
    """Keys of a user (of everybody when None), ascending by id."""
    query = select(api_keys).where(api_keys.c.removed == false()).order_by(api_keys.c.id).limit(limit)
    if user_id is not None:
        query = query.where(api_keys.c.user_id == user_id)
    if after is not None:
        query = query.where(api_keys.c.id > after)
    return [_key(row) for row in conn.execute(query)]


def documents(conn: Connection, ids: Sequence[str]) -> list[ApiKey]:
    """The keys with these ids, removed ones too."""
    return [_key(row) for row in conn.execute(select(api_keys).where(in_list(api_keys.c.id, ids)))]


def remove(conn: Connection, key_ids: Sequence[str], version: int) -> None:
    """Leave tombstones of these keys."""
    values = {"removed": True, "key_hash": None, "version": version}
    conn.execute(update(api_keys).where(in_list(api_keys.c.id, key_ids)).values(values))


def of_user(conn: Connection, user_id: str) -> list[ApiKey]:
    """All of a user's keys."""
    query = select(api_keys).where(api_keys.c.user_id == user_id, api_keys.c.removed == false())
    return [_key(row) for row in conn.execute(query)]


def used(conn: Connection, key_id: str, at: datetime) -> None:
    """Remember that the key was used."""
    conn.execute(update(api_keys).where(api_keys.c.id == key_id).values(last_used_at=at))


def _key(row: Row[Any]) -> ApiKey:
    return ApiKey(**row._mapping)  # noqa: SLF001  the public name of a row's mapping starts so
