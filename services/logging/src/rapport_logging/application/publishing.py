"""Entries and tags as their topics show them; what changed is queued here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import orjson

from rapport_chassis.db import Tx
from rapport_contracts import topics
from rapport_logging.store import entries, tags
from rapport_logging.store.rows import Connection

_AT_ONCE = 500


def publish_entries(tx: Tx, versions: Sequence[tuple[str, int]]) -> None:
    """Queue the entries' documents. No index follows entries, so they make no position that a search could wait for."""
    positions = list(tx.positions)
    for start in range(0, len(versions), _AT_ONCE):
        tx.publish_state(topics.ENTRIES, versions[start : start + _AT_ONCE])
    tx.positions[:] = positions


def publish_tags(tx: Tx, versions: Sequence[tuple[str, int]]) -> None:
    """Queue the tags' documents; no position either."""
    positions = list(tx.positions)
    tx.publish_state(topics.TAGS, versions)
    tx.positions[:] = positions


def entry_documents(conn: Connection, keys: Sequence[str]) -> Mapping[str, tuple[int, bytes]]:
    """`EntryDocument` of each key: ids and kinds only, no word of what anybody wrote."""
    rows = entries.documents(conn, keys)
    carried = tags.carried(conn, keys)
    return {
        row.id: (
            row.version,
            orjson.dumps(
                {
                    "id": row.id,
                    "version": row.version,
                    "kind": row.kind,
                    "customer_ids": row.customer_ids,
                    "occurred_at": row.occurred_at,
                    "recorded_at": row.recorded_at,
                    "recorded_by": row.recorded_by,
                    "tags": carried.get(row.id, []),
                    "removed": row.removed,
                },
                option=orjson.OPT_UTC_Z,
            ),
        )
        for row in rows
    }


def tag_documents(conn: Connection, keys: Sequence[str]) -> Mapping[str, tuple[int, bytes]]:
    """`TagDocument` of each key."""
    return {
        row.id: (row.version, orjson.dumps({name: getattr(row, name) for name in _TAG_FIELDS}))
        for row in tags.by_ids(conn, keys).values()
    }


_TAG_FIELDS = ("id", "version", "name", "state", "removed")
