"""Templates: texts with variables, bound to groups or general (M2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from rapport_chassis.db import Tx

from .tables import templates


def listed(conn: Connection, after: str) -> list[Row[Any]]:
    """Templates by name, beyond the name key `after`."""
    return list(conn.execute(select(templates).where(templates.c.name_key > after).order_by(templates.c.name_key)))


def find(conn: Connection, template_id: str) -> Row[Any] | None:
    """The template, or None."""
    return conn.execute(select(templates).where(templates.c.id == template_id)).first()


def name_taken(conn: Connection, name_key: str, except_id: str) -> bool:
    """Whether another template has this (normalised) name."""
    query = select(templates.c.id).where(templates.c.name_key == name_key, templates.c.id != except_id)
    return conn.execute(query).first() is not None


def add(tx: Tx, values: Mapping[str, Any]) -> None:
    """Insert a template of version 1."""
    tx.conn.execute(insert(templates), dict(values) | {"version": 1, "created_at": tx.now, "updated_at": tx.now})


def change(tx: Tx, template_id: str, version: int, values: Mapping[str, Any]) -> bool:
    """Change it if it still has `version`; whether it had."""
    same = update(templates).where(templates.c.id == template_id, templates.c.version == version)
    changed = same.values(**values, version=version + 1, updated_at=tx.now)
    return tx.conn.execute(changed).rowcount == 1


def remove(tx: Tx, template_id: str, version: int) -> bool:
    """Delete it if it still has `version`; whether it had."""
    same = delete(templates).where(templates.c.id == template_id, templates.c.version == version)
    return tx.conn.execute(same).rowcount == 1
