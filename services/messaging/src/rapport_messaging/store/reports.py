"""What providers report afterwards: applied set-based, guarded by rank, so that order and repetition do not matter (M4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, select, update

from rapport_chassis.db import Tx, in_list
from rapport_messaging.domain.states import RANK

from .messages import known_references, publish
from .tables import messages

_CHANGE = (
    update(messages)
    .where(messages.c.id == bindparam("message"), messages.c.rank < bindparam("new_rank"))
    .values(
        state=bindparam("new_state"),
        rank=bindparam("new_rank"),
        reason=bindparam("why"),
        at=bindparam("now"),
        provider=bindparam("by"),
        provider_ref=func.coalesce(messages.c.provider_ref, bindparam("ref")),
        next_try_at=None,
        lease_until=None,
        version=messages.c.version + 1,
    )
)


@dataclass(frozen=True, slots=True)
class Report:
    """A provider's word on a message: `reference` is the provider's id, `intent` ours when the callback carried it."""

    provider: str
    reference: str
    state: str
    reason: str | None = None
    intent: str | None = None


def apply(tx: Tx, reports: Sequence[Report]) -> None:
    """Apply the reports; one about a message that is not ours, or that changes nothing, has no effect."""
    strongest: dict[str, Report] = {}
    for message, one in _located(tx, reports):
        known = strongest.get(message)
        if known is None or RANK[one.state] > RANK[known.state]:
            strongest[message] = one
    if not strongest:
        return
    rows = tx.conn.execute(
        select(messages.c.id, messages.c.rank, messages.c.provider_ref).where(in_list(messages.c.id, list(strongest)))
    )
    changed = [_values(tx, row.id, strongest[row.id]) for row in rows if _changes(row, strongest[row.id])]
    if changed:
        tx.conn.execute(_CHANGE, changed)
        publish(tx, [one["message"] for one in changed])


def _located(tx: Tx, reports: Sequence[Report]) -> list[tuple[str, Report]]:
    found = [(one.intent, one) for one in reports if one.intent is not None]
    nameless = [one for one in reports if one.intent is None]
    if nameless:
        known = known_references(tx.conn, nameless[0].provider, [one.reference for one in nameless])
        found += [(known[one.reference], one) for one in nameless if one.reference in known]
    return found


def _changes(row: Any, one: Report) -> bool:
    return RANK[one.state] > row.rank and row.provider_ref in (None, one.reference)


def _values(tx: Tx, message: str, one: Report) -> dict[str, Any]:
    return {
        "message": message,
        "new_state": one.state,
        "new_rank": RANK[one.state],
        "why": one.reason,
        "now": tx.now,
        "by": one.provider,
        "ref": one.reference,
    }
