"""Sending: an audience is given to a job once; the job turns its ledger into messages, consent looked at again (M1, M3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from rapport_chassis.auth import Caller
from rapport_chassis.db import Tx
from rapport_chassis.ids import new_id, new_ids
from rapport_chassis.jobs import Job, create_job, finish, get_job, set_progress
from rapport_chassis.problems import NotFound
from rapport_messaging.store import audiences, consent, customers, messages, sending
from rapport_messaging.store.connection import Connection, Row

from .texts import resolved

JOB: Final = "send_messages"
_TOGETHER: Final = 1_000


@dataclass(frozen=True, slots=True)
class Order:
    """What to write to whom."""

    source: Mapping[str, Any]
    text: str | None
    template_id: str | None


def add_audience(tx: Tx, caller: Caller, order: Order) -> str:
    """Keep what was asked for, before its ledger is made; the audience's id. Raises `Invalid` 422, `NotFound` (template)."""
    text = resolved(tx.conn, caller, order.text, order.template_id)
    audience_id = new_id()
    row = {"id": audience_id, "created_by": caller.id, "channel": "sms", "source": dict(order.source), "text": text}
    audiences.add(tx, row | {"template_id": order.template_id})
    return audience_id


def own_audience(conn: Connection, caller: Caller, audience_id: str) -> Row[Any]:
    """The caller's own preview. Raises `NotFound` for another's, and for one whose ledger was never finished."""
    row = audiences.find(conn, audience_id)
    if row is None or row.created_by != caller.id or not (row.ready or row.job_id):
        raise NotFound("There is no such preview; preview again.")
    return row


def send_audience(tx: Tx, caller: Caller, audience_id: str, hold_seconds: int) -> Job:
    """Give the audience to a job that begins after `hold_seconds`; the job it has already, when it was given before."""
    row = audiences.find(tx.conn, audience_id)
    if row is not None and row.job_id:
        return get_job(tx.conn, tx.tables, row.job_id)
    after = tx.now + timedelta(seconds=hold_seconds) if hold_seconds else None
    total = row.summary["recipients"] if row is not None and row.summary else None
    job = create_job(tx, "messaging", JOB, {"audience_id": audience_id}, caller.id, total=total, run_after=after)
    audiences.take(tx, audience_id, job.id)
    return job


def send_order(tx: Tx, caller: Caller, order: Order, hold_seconds: int) -> Job:
    """Send without a preview: the job makes the ledger first."""
    return send_audience(tx, caller, add_audience(tx, caller, order), hold_seconds)


def queue_some(tx: Tx, job_id: str, audience: Any, after: int, still_mine: Callable[[Tx], None]) -> int | None:
    """Turn the next recipients beyond `after` into queued messages, in one transaction with the ledger's marks.

    Gives the last one's seq, None when all are done. Who opted out or was disabled since the snapshot is left out, with why.
    """
    still_mine(tx)
    rows = audiences.recipients(tx.conn, audience.id, after, _TOGETHER)
    if not rows:
        set_progress(tx, job_id, 0, audiences.recipient_count(tx.conn, audience.id))
        return None
    reasons = obstacles(tx.conn, [(row.seq, row.customer_id, row.address) for row in rows])
    audiences.mark_skipped(tx, audience.id, list(reasons.items()))
    going = [row for row in rows if row.seq not in reasons]
    ids = new_ids(len(going)) if going else []
    same = {"created_by": audience.created_by, "job_id": job_id}
    new = [
        {"id": message, "customer_id": row.customer_id, "address": row.address, "body": row.body} | same
        for message, row in zip(ids, going, strict=True)
    ]
    messages.insert_queued(tx, new)
    audiences.mark_queued(tx, audience.id, [(row.seq, message) for message, row in zip(ids, going, strict=True)])
    return int(rows[-1].seq)


def obstacles(conn: Connection, some: list[tuple[Any, str | None, str]]) -> dict[Any, str]:
    """Key -> why not, for those (key, customer id, address) that must not be written to now: M11, C10."""
    out = consent.opted_out(conn, "sms", sorted({address for _, _, address in some}))
    off = customers.disabled(conn, sorted({customer for _, customer, _ in some if customer}))
    reasons: dict[Any, str] = {}
    for key, customer, address in some:
        if address in out:
            reasons[key] = "opted_out"
        elif customer in off:
            reasons[key] = "disabled"
    return reasons


def hide(tx: Tx, audience_id: str, hidden: list[int]) -> None:
    """These recipients (seq) are no longer the sender's to see: they get nothing."""
    audiences.mark_skipped(tx, audience_id, [(seq, "not_visible") for seq in hidden])


def settle_jobs(tx: Tx, running: Mapping[str, int]) -> None:
    """Tell the progress of jobs (id -> told last) whose messages are all queued; finish those that have none left to send."""
    counts = sending.by_state(tx.conn, list(running))
    places = audiences.of_jobs(tx.conn, list(running))
    skipped = audiences.skipped_counts(tx.conn, list(places.values()))
    for job_id, told in running.items():
        states = counts.get(job_id, {})
        pending = sum(states.get(state, 0) for state in ("queued", "sending", "unknown"))
        done = sum(states.values()) - pending
        if not pending:
            audience_id = places.get(job_id)
            finish(tx, job_id, _result(audience_id, states, skipped.get(audience_id or "", {})), done=done)
        elif done != told:
            set_progress(tx, job_id, done)


def _result(audience_id: str | None, states: Mapping[str, int], skipped: Mapping[str, int]) -> dict[str, Any]:
    return {
        "audience_id": audience_id,
        "recipients": sum(states.values()),
        "sent": sum(states.get(state, 0) for state in ("sent", "delivered")),
        "failed": sum(states.get(state, 0) for state in ("failed", "undeliverable")),
        "unknown": states.get("parked", 0),
        "skipped": dict(skipped),
    }
