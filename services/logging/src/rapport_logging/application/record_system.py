"""Writing system entries (L1): each natural key once, chained in the same transaction, linked to all its customers."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any

from rapport_chassis.clock import to_micros
from rapport_chassis.db import Tx
from rapport_chassis.ids import new_ids
from rapport_logging.application.publishing import publish_entries
from rapport_logging.domain import entries as said
from rapport_logging.domain.chain import Head, Link, chain_of, commitment, extended
from rapport_logging.domain.entries import SystemEntry
from rapport_logging.store import chains, entries

Row = dict[str, Any]
_SALT_BYTES = 16


def record(tx: Tx, drafts: Iterable[SystemEntry]) -> None:
    """Write those of `drafts` whose natural key has no entry yet, in their order; the chains grow by exactly these.

    Set-based: what it costs in statements does not depend on the number of entries or customers.
    """
    once: dict[str, SystemEntry] = {}
    for draft in drafts:
        once.setdefault(draft.natural_key, draft)
    if not once:
        return
    known = entries.known_keys(tx.conn, list(once))
    fresh = [draft for key, draft in once.items() if key not in known]
    if not fresh:
        return
    rows = [_row(tx, draft, entry_id) for draft, entry_id in zip(fresh, new_ids(len(fresh)), strict=True)]
    entries.add(tx.conn, rows)
    entries.link(
        tx.conn, ((customer, row["occurred_at"], row["id"]) for row in rows for customer in row["customer_ids"])
    )
    _chain(tx, rows)
    publish_entries(tx, [(row["id"], 1) for row in rows])


def _row(tx: Tx, draft: SystemEntry, entry_id: str) -> Row:
    delivery = draft.delivery.document if draft.delivery else None
    return {
        "id": entry_id,
        "kind": draft.kind,
        "occurred_at": draft.occurred_at,
        "recorded_at": tx.now,
        "recorded_by": draft.recorded_by,
        "version": 1,
        "edited_version": 1,
        "removed": False,
        "natural_key": draft.natural_key,
        "salt": os.urandom(_SALT_BYTES),
        "text_key": said.text_key(draft.actions),
        "description_key": said.description_key(None, delivery),
        "delivery": delivery,
        "delivery_version": draft.delivery.version if draft.delivery else 0,
        "actions": draft.actions,
        "data": draft.data,
        "link": draft.link,
        "customer_ids": list(draft.customer_ids),
    }


def _chain(tx: Tx, rows: Sequence[Row]) -> None:
    at = [chain_of(row["customer_ids"][0]) for row in rows]
    heads = chains.lock_heads(tx.conn, at)
    links: list[Link] = []
    for chain, row in zip(at, rows, strict=True):
        link = extended(heads[chain], chain, row["id"], commitment(row["salt"], _vouched(row)))
        heads[chain] = Head(link.position, link.hash)
        links.append(link)
    chains.append(tx.conn, links, heads)


def _vouched(row: Row) -> bytes:
    return said.content(
        natural_key=row["natural_key"],
        kind=row["kind"],
        occurred_at=to_micros(row["occurred_at"]),
        recorded_at=to_micros(row["recorded_at"]),
        recorded_by=row["recorded_by"],
        customer_ids=row["customer_ids"],
        actions=row["actions"],
        data=row["data"],
        link=row["link"],
    )
