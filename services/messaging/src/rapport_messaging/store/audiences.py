"""Audiences: snapshots of recipients with the ledger of who gets the message, who does not, and why (M1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, bindparam, delete, func, insert, or_, select, update

from rapport_chassis.db import Tx, bulk_insert, in_list

from .tables import audiences, ledger

_FORGOTTEN_AT_ONCE: Final = 10  # an audience may have a hundred thousand recipients

LedgerRow = tuple[str, int, str, str | None, str | None, str | None]
"""audience_id, seq, customer_id, address, body, reason"""


def add(tx: Tx, values: Mapping[str, Any]) -> None:
    """Insert an audience whose ledger is not made yet."""
    tx.conn.execute(insert(audiences), dict(values) | {"ready": False, "created_at": tx.now})


def find(conn: Connection, audience_id: str) -> Row[Any] | None:
    """The audience, or None."""
    return conn.execute(select(audiences).where(audiences.c.id == audience_id)).first()


def clear(tx: Tx, audience_id: str) -> None:
    """Forget a ledger that was left half made."""
    tx.conn.execute(delete(ledger).where(ledger.c.audience_id == audience_id))


def append(tx: Tx, rows: Sequence[LedgerRow]) -> None:
    """Append to the ledger."""
    bulk_insert(tx.conn, ledger, ("audience_id", "seq", "customer_id", "address", "body", "reason"), rows)


def close(tx: Tx, audience_id: str, summary: Mapping[str, Any]) -> None:
    """The ledger is whole."""
    tx.conn.execute(update(audiences).where(audiences.c.id == audience_id).values(ready=True, summary=dict(summary)))


def take(tx: Tx, audience_id: str, job_id: str) -> bool:
    """Give the audience to the job that sends it; False when another job has it: an audience is sent once."""
    free = update(audiences).where(audiences.c.id == audience_id, audiences.c.job_id.is_(None))
    return tx.conn.execute(free.values(job_id=job_id)).rowcount == 1


def skipped(conn: Connection, audience_id: str) -> list[dict[str, Any]]:
    """[{reason, count, customer_ids}], the customers in the audience's order."""
    query = select(ledger.c.reason, ledger.c.customer_id).where(
        ledger.c.audience_id == audience_id, ledger.c.reason.is_not(None)
    )
    by_reason: dict[str, list[str]] = {}
    for row in conn.execute(query.order_by(ledger.c.seq)):
        by_reason.setdefault(row.reason, []).append(row.customer_id)
    return [{"reason": reason, "count": len(ids), "customer_ids": ids} for reason, ids in sorted(by_reason.items())]


def skipped_counts(conn: Connection, audience_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """Audience id -> reason -> how many."""
    query = select(ledger.c.audience_id, ledger.c.reason, func.count().label("many")).where(
        in_list(ledger.c.audience_id, audience_ids), ledger.c.reason.is_not(None)
    )
    counts: dict[str, dict[str, int]] = {}
    for row in conn.execute(query.group_by(ledger.c.audience_id, ledger.c.reason)):
        counts.setdefault(row.audience_id, {})[row.reason] = row.many
    return counts


def of_jobs(conn: Connection, job_ids: Sequence[str]) -> dict[str, str]:
    """Job id -> audience id."""
    query = select(audiences.c.job_id, audiences.c.id).where(in_list(audiences.c.job_id, job_ids))
    return {row.job_id: row.id for row in conn.execute(query)}


def recipients(conn: Connection, audience_id: str, after: int, limit: int) -> list[Row[Any]]:
    """Recipients (seq, customer_id, address, body) beyond `after` that have no message yet."""
    query = select(ledger).where(
        ledger.c.audience_id == audience_id,
        ledger.c.seq > after,
        ledger.c.reason.is_(None),
        ledger.c.message_id.is_(None),
    )
    return list(conn.execute(query.order_by(ledger.c.seq).limit(limit)))


def recipient_count(conn: Connection, audience_id: str) -> int:
    """How many the ledger has without a reason against them."""
    query = select(func.count()).select_from(ledger)
    return conn.execute(query.where(ledger.c.audience_id == audience_id, ledger.c.reason.is_(None))).scalar_one()


def mark_queued(tx: Tx, audience_id: str, made: Sequence[tuple[int, str]]) -> None:
    """These (seq, message id) have their message; the ledger's own copy of the text is dropped."""
    _mark(tx, audience_id, [{"at_seq": seq, "message": message, "why": None} for seq, message in made])


def mark_skipped(tx: Tx, audience_id: str, reasons: Sequence[tuple[int, str]]) -> None:
    """These (seq, reason) will get no message after all."""
    _mark(tx, audience_id, [{"at_seq": seq, "message": None, "why": why} for seq, why in reasons])


def _mark(tx: Tx, audience_id: str, rows: list[dict[str, Any]]) -> None:
    change = update(ledger).where(ledger.c.audience_id == audience_id, ledger.c.seq == bindparam("at_seq"))
    if rows:
        tx.conn.execute(change.values(message_id=bindparam("message"), reason=bindparam("why"), body=None), rows)


def forget_old(tx: Tx, unsent_before: datetime, sent_before: datetime) -> int:
    """Drop some previews that nobody sent and ledgers of what was sent, made before then; how many (0: no more)."""
    unsent = and_(audiences.c.job_id.is_(None), audiences.c.created_at < unsent_before)
    old = select(audiences.c.id).where(or_(unsent, audiences.c.created_at < sent_before))
    ids = list(tx.conn.execute(old.limit(_FORGOTTEN_AT_ONCE)).scalars())
    tx.conn.execute(delete(ledger).where(in_list(ledger.c.audience_id, ids)))
    tx.conn.execute(delete(audiences).where(in_list(audiences.c.id, ids)))
    return len(ids)
