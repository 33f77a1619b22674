"""Verifying a timeline (L1, L12): every chain that it touches is walked from its first link to its head."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rapport_logging.domain.chain import Broken, Head, Link, Reason, broken_at, chain_of, genesis
from rapport_logging.domain.entries import content
from rapport_logging.domain.kinds import is_system
from rapport_logging.store import chains, timeline
from rapport_logging.store.rows import Connection, Row


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether everything holds, how many system entries the timeline has, and else the first thing that does not."""

    entries: int
    broken: Broken | None

    @property
    def document(self) -> dict[str, Any]:
        """`{"valid", "entries"}`, with `broken` `{chain, position, entry_id, reason}` when it is not valid."""
        said: dict[str, Any] = {"valid": self.broken is None, "entries": self.entries}
        if self.broken:
            one = self.broken
            place = {"chain": one.chain, "position": one.position, "entry_id": one.entry_id, "reason": one.reason}
            said["broken"] = place
        return said


def verify_timeline(conn: Connection, customer_id: str) -> Verification:
    """Check the customer's timeline against the chains.

    Walks each chain that an entry of the timeline is in, and the customer's own: places, hashes, and the content of every
    entry. Then every system entry of the timeline must be in a chain, be where it happened, and be this customer's; and
    none that a walked chain says is this customer's may be missing.
    """
    mine = {row.entry_id: row for row in timeline.links_of(conn, customer_id)}
    chained = chains.chains_of(conn, list(mine))
    entries = sum(1 for row in mine.values() if row.kind is None or is_system(row.kind))
    for chain in sorted({chain_of(customer_id), *chained.values()}):
        if broken := _walk(conn, chain, customer_id, mine):
            return Verification(entries, broken)
    return Verification(entries, _strangers(customer_id, mine, chained))


def _walk(conn: Connection, chain: int, customer_id: str, mine: Mapping[str, Row[Any]]) -> Broken | None:
    head = genesis(chain)
    for link, row in chains.walk(conn, chain):
        wrong = _wrong(head, link, row, customer_id, mine)
        if wrong is not None:
            known = link.entry_id in mine or wrong == "not_in_timeline"
            return Broken(chain, head.length + 1, link.entry_id if known else None, wrong)
        head = Head(link.position, link.hash)
    if head != chains.head_of(conn, chain):
        return Broken(chain, head.length + 1, None, "head_mismatch")
    return None


def _wrong(before: Head, link: Link, row: Row[Any], customer_id: str, mine: Mapping[str, Row[Any]]) -> Reason | None:
    if wrong := broken_at(before, link, _vouched(row) if row.found is not None else None, row.salt):
        return wrong
    is_mine = link.entry_id in mine
    if (customer_id in row.customer_ids) != is_mine:
        return "not_of_this_customer" if is_mine else "not_in_timeline"
    return "misplaced" if is_mine and mine[link.entry_id].placed_at != row.occurred_at else None


def _vouched(row: Row[Any]) -> bytes:
    return content(
        natural_key=row.natural_key,
        kind=row.kind,
        occurred_at=row.occurred_at,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
        customer_ids=row.customer_ids,
        actions=row.actions,
        data=row.data,
        link=row.link,
    )


def _strangers(customer_id: str, mine: Mapping[str, Row[Any]], chained: Mapping[str, int]) -> Broken | None:
    for entry_id, row in mine.items():
        if row.kind is None or (is_system(row.kind) and entry_id not in chained):
            reason: Reason = "entry_missing" if row.kind is None else "not_chained"
            return Broken(chain_of(customer_id), None, entry_id, reason)
    return None
