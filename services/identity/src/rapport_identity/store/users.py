"""Queries on users and on which roles they have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, false, insert, select, update
from sqlalchemy.exc import IntegrityError

from rapport_chassis.db import in_list
from rapport_identity.store.tables import user_roles, users


@dataclass(frozen=True, slots=True)
class User:
    """A user as the database has it (`password_hash` never leaves the service)."""

    id: str
    username: str
    username_key: str | None
    name: str | None
    email: str | None
    roles: list[str]
    group_access: list[dict[str, Any]]
    disabled: bool
    removed: bool
    password_hash: str
    must_change_password: bool
    last_sign_in_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int


class UsernameTaken(Exception):  # noqa: N818  it says what is the case
    """Another user has this name."""


def get(conn: Connection, user_id: str) -> User | None:
    """The user, unless there is none or it was removed."""
    return _one(conn.execute(select(users).where(users.c.id == user_id, users.c.removed == false())).first())


def by_username(conn: Connection, username_key: str) -> User | None:
    """The user with this normalised name."""
    return _one(conn.execute(select(users).where(users.c.username_key == username_key)).first())


def page(conn: Connection, *, after: str | None, limit: int, role: str | None = None) -> list[User]:
    """Users in ascending order of id, after the given one; only those with `role` when given."""
    query = select(users).where(users.c.removed == false()).order_by(users.c.id).limit(limit)
    if after is not None:
        query = query.where(users.c.id > after)
    if role is not None:
        query = query.where(users.c.id.in_(select(user_roles.c.user_id).where(user_roles.c.role_id == role)))
    return [_user(row) for row in conn.execute(query)]


def documents(conn: Connection, ids: Sequence[str]) -> list[User]:
    """The users with these ids, removed ones too: what the relay publishes."""
    return [_user(row) for row in conn.execute(select(users).where(in_list(users.c.id, ids)))]


def add(conn: Connection, values: dict[str, Any]) -> None:
    """Insert a user with its roles. Raises `UsernameTaken`."""
    try:
        with conn.begin_nested():
            conn.execute(insert(users), values)
    except IntegrityError as error:
        raise UsernameTaken from error
    _set_roles(conn, values["id"], values["roles"])


def change(conn: Connection, user_id: str, values: dict[str, Any]) -> None:
    """Update columns of a user; `roles` keeps the narrow table in step. Raises `UsernameTaken`."""
    try:
        with conn.begin_nested():
            conn.execute(update(users).where(users.c.id == user_id).values(values))
    except IntegrityError as error:
        raise UsernameTaken from error
    if "roles" in values:
        _set_roles(conn, user_id, values["roles"])


def ids_with_role(conn: Connection, role_id: str) -> list[str]:
    """Ids of the users who have the role."""
    return list(conn.scalars(select(user_roles.c.user_id).where(user_roles.c.role_id == role_id)))


def has_other_enabled_with_role(conn: Connection, role_id: str, user_id: str) -> bool:
    """Whether somebody enabled besides `user_id` has the role."""
    query = (
        select(users.c.id)
        .join(user_roles, user_roles.c.user_id == users.c.id)
        .where(user_roles.c.role_id == role_id, users.c.disabled == false(), users.c.removed == false())
        .where(users.c.id != user_id)
        .limit(1)
    )
    return conn.execute(query).first() is not None


def lock_role_holders(conn: Connection, role_id: str) -> None:
    """Take the locks of all holders of a role, so that two changes cannot each leave the other as the last one."""
    holders = select(user_roles.c.user_id).where(user_roles.c.role_id == role_id)
    conn.execute(select(users.c.id).where(users.c.id.in_(holders)).order_by(users.c.id).with_for_update()).all()


def _set_roles(conn: Connection, user_id: str, role_ids: Sequence[str]) -> None:
    conn.execute(delete(user_roles).where(user_roles.c.user_id == user_id))
    if role_ids:
        conn.execute(insert(user_roles), [{"user_id": user_id, "role_id": role_id} for role_id in role_ids])


def _one(row: Row[Any] | None) -> User | None:
    return None if row is None else _user(row)


def _user(row: Row[Any]) -> User:
    return User(**row._mapping)  # noqa: SLF001  the public name of a row's mapping starts so
