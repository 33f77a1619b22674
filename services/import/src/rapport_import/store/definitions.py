"""Copies of groups, custom fields and lists as customers.definitions.v1 says, and the mappings people chose before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from rapport_chassis.db import Tx, in_list
from rapport_import.store.tables import definitions, remembered_mappings


def keep_definitions(tx: Tx, documents: Sequence[tuple[str, dict[str, Any]]]) -> None:
    """Take in (key, document); an older version than the one that is there is ignored."""
    newest: dict[str, dict[str, Any]] = {}
    for key, document in documents:
        if key not in newest or newest[key]["version"] <= document["version"]:
            newest[key] = document
    known = select(definitions.c.key, definitions.c.version).where(in_list(definitions.c.key, list(newest)))
    versions = {row.key: row.version for row in tx.conn.execute(known)}
    rows = [
        {"key": key, "type": document["type"], "version": document["version"], "document": document}
        for key, document in newest.items()
        if document["version"] > versions.get(key, -1)
    ]
    if rows:
        tx.conn.execute(delete(definitions).where(in_list(definitions.c.key, [row["key"] for row in rows])))
        tx.conn.execute(insert(definitions), rows)


def live_definitions(conn: Connection) -> list[dict[str, Any]]:
    """All documents that are not removed."""
    documents = conn.execute(select(definitions.c.document).order_by(definitions.c.key)).scalars()
    return [document for document in documents if not document.get("removed")]


def remember_mapping(tx: Tx, headers: str, columns: Sequence[tuple[int, str | None]]) -> None:
    """What the columns of a file with these headers were taken for (I3)."""
    tx.conn.execute(delete(remembered_mappings).where(remembered_mappings.c.headers == headers))
    row = {"headers": headers, "columns": [list(one) for one in columns], "updated_at": tx.now}
    tx.conn.execute(insert(remembered_mappings), row)


def recall_mapping(conn: Connection, headers: str) -> dict[int, str | None] | None:
    """Column → target, or None when such a file was never imported."""
    query = select(remembered_mappings.c.columns).where(remembered_mappings.c.headers == headers)
    columns = conn.execute(query).scalar()
    return None if columns is None else dict(columns)
