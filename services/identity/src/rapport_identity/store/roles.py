"""Queries on roles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, false, insert, select, update
from sqlalchemy.exc import IntegrityError

from rapport_chassis.db import in_list
from rapport_identity.store.tables import roles


@dataclass(frozen=True, slots=True)
class Role:
    """A role; `group_access` None means every group."""

    id: str
    name: str
    name_key: str | None
    permissions: list[str]
    group_access: list[dict[str, Any]] | None
    built_in: bool
    removed: bool
    version: int


class RoleNameTaken(Exception):  # noqa: N818  it says what is the case
    """Another role has this name."""


def get(conn: Connection, role_id: str) -> Role | None:
    """The role, unless there is none or it was removed."""
    row = conn.execute(select(roles).where(roles.c.id == role_id, roles.c.removed == false())).first()
    return None if row is None else _role(row)


def page(conn: Connection, *, after: str | None, limit: int) -> list[Role]:
    """Roles in ascending order of id, after the given one."""
    query = select(roles).where(roles.c.removed == false()).order_by(roles.c.id).limit(limit)
    if after is not None:
        query = query.where(roles.c.id > after)
    return [_role(row) for row in conn.execute(query)]


def documents(conn: Connection, ids: Sequence[str]) -> list[Role]:
    """The roles with these ids, removed ones too."""
    return [_role(row) for row in conn.execute(select(roles).where(in_list(roles.c.id, ids)))]


def live(conn: Connection, ids: Sequence[str]) -> list[Role]:
    """Those of the ids that are roles now."""
    return [role for role in documents(conn, ids) if not role.removed]


def add(conn: Connection, values: dict[str, Any]) -> None:
    """Insert a role. Raises `RoleNameTaken`."""
    try:
        with conn.begin_nested():
            conn.execute(insert(roles), values)
    except IntegrityError as error:
        raise RoleNameTaken from error


def change(conn: Connection, role_id: str, values: dict[str, Any]) -> None:
    """Update columns of a role. Raises `RoleNameTaken`."""
    try:
        with conn.begin_nested():
            conn.execute(update(roles).where(roles.c.id == role_id).values(values))
    except IntegrityError as error:
        raise RoleNameTaken from error


def _role(row: Row[Any]) -> Role:
    return Role(**row._mapping)  # noqa: SLF001  the public name of a row's mapping starts so
