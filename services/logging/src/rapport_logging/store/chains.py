"""The chains' heads and links: appended under the heads' row locks, read in order, never changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import BigInteger, Connection, Row, bindparam, select, type_coerce, update

from rapport_chassis.db import bulk_insert, in_list
from rapport_logging.domain.chain import Head, Link
from rapport_logging.store.tables import chain_heads, chain_links, entries

_READ_AT_ONCE = 1_000
_VOUCHED = (
    entries.c.natural_key,
    entries.c.kind,
    type_coerce(entries.c.occurred_at, BigInteger).label("occurred_at"),
    type_coerce(entries.c.recorded_at, BigInteger).label("recorded_at"),
    entries.c.recorded_by,
    entries.c.customer_ids,
    entries.c.actions,
    entries.c.data,
    entries.c.link,
)


def lock_heads(conn: Connection, chains: Sequence[int]) -> dict[int, Head]:
    """The heads of these chains, locked in ascending order until the transaction ends."""
    table = chain_heads
    query = select(table).where(table.c.chain.in_(sorted(set(chains)))).order_by(table.c.chain).with_for_update()
    return {row.chain: Head(row.length, row.hash) for row in conn.execute(query)}


def head_of(conn: Connection, chain: int) -> Head:
    """One head."""
    row = conn.execute(select(chain_heads).where(chain_heads.c.chain == chain)).one()
    return Head(row.length, row.hash)


def append(conn: Connection, links: Sequence[Link], heads: dict[int, Head]) -> None:
    """Insert the links and move the heads of their chains, in the caller's transaction."""
    rows = [(link.chain, link.position, link.entry_id, link.commitment, link.hash) for link in links]
    bulk_insert(conn, chain_links, ("chain", "position", "entry_id", "commitment", "hash"), rows)
    moved = [{"at": chain, "length": head.length, "hash": head.hash} for chain, head in heads.items()]
    conn.execute(update(chain_heads).where(chain_heads.c.chain == bindparam("at")), moved)


def walk(conn: Connection, chain: int) -> Iterator[tuple[Link, Row[Any]]]:
    """Every link of a chain in order, with its entry's `found` (id; null: no such entry), `salt` and what it vouches for.

    Instants come as microseconds: what is vouched for is compared as it is stored.
    """
    query = (
        select(chain_links, entries.c.id.label("found"), entries.c.salt, *_VOUCHED)
        .select_from(chain_links.outerjoin(entries, entries.c.id == chain_links.c.entry_id))
        .where(chain_links.c.chain == chain)
        .order_by(chain_links.c.position)
        .execution_options(yield_per=_READ_AT_ONCE)
    )
    with conn.execute(query) as rows:  # who walks may stop at any link
        for row in rows:
            yield Link(row.chain, row.position, row.entry_id, row.commitment, row.hash), row


def chains_of(conn: Connection, entry_ids: Sequence[str]) -> dict[str, int]:
    """The chain of each of these entries that is in one."""
    query = select(chain_links.c.entry_id, chain_links.c.chain).where(in_list(chain_links.c.entry_id, entry_ids))
    return {row.entry_id: row.chain for row in conn.execute(query)}
