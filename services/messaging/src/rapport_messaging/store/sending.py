"""Messages on their way out: claimed under a lease before the provider is called, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
    update,
)

from rapport_chassis.db import Tx, in_list
from rapport_chassis.tables import Instant
from rapport_messaging.domain.states import RANK

from .messages import publish
from .tables import chassis, messages

# Written out, so that the planner sees that the partial indexes serve.
_QUEUED = messages.c.state == literal_column("'queued'")
_SENDING = messages.c.state == literal_column("'sending'")
_UNKNOWN = messages.c.state == literal_column("'unknown'")
_OPEN: ColumnElement[int] = literal_column("3")
_NOW: BindParameter[datetime] = bindparam("now", type_=Instant())


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an attempt: the state it leads to. `again_at`: when to try (queued) or to ask (unknown) again."""

    id: str
    attempt: int
    state: str
    reason: str | None = None
    reference: str | None = None
    again_at: datetime | None = None


def _blocked() -> ColumnElement[bool]:
    other = messages.alias("other")
    busy = or_(
        other.c.state == "sending",
        and_(other.c.state == "unknown", other.c.next_try_at.is_not(None)),
        and_(other.c.state == "queued", other.c.id < messages.c.id, other.c.next_try_at <= _NOW),
    )
    return exists().where(
        other.c.address == messages.c.address, other.c.rank < _OPEN, other.c.id != messages.c.id, busy
    )


def _held() -> ColumnElement[bool]:
    return exists().where(chassis.jobs.c.id == messages.c.job_id, chassis.jobs.c.state.in_(("paused", "cancelled")))


_DUE = (
    select(
        messages.c.id,
        messages.c.customer_id,
        messages.c.address,
        messages.c.body,
        messages.c.attempts,
        messages.c.created_at,
        messages.c.first_tried_at,
    )
    .where(_QUEUED, messages.c.next_try_at <= _NOW, ~_blocked(), ~_held())
    .order_by(messages.c.next_try_at, messages.c.id)
    .limit(bindparam("at_most"))
)
_TO_TAKE = _DUE.with_for_update(skip_locked=True)


def due(conn: Connection, now: datetime, limit: int, *, take: bool = False) -> list[Row[Any]]:
    """Messages (id, customer_id, address, body, attempts, created_at, first_tried_at) to be sent now, the oldest first.

    To `take` them is to leave out what another sender takes at the same moment, and to keep the rest from it.

    Never two to one number: while one is being sent, or its outcome is asked for, the next waits. So a lookup at the provider by
    number and body cannot take one for the other, and a customer gets them in order. Held jobs' messages wait too.
    """
    return list(conn.execute(_TO_TAKE if take else _DUE, {"now": now, "at_most": limit}))


def waiting(conn: Connection) -> int:
    """How many messages wait to be sent."""
    return conn.execute(select(func.count()).select_from(messages).where(_QUEUED)).scalar_one()


def begin(tx: Tx, ids: Sequence[str], provider: str, lease: timedelta) -> None:
    """The intent, durable before the provider is called: these are `sending` until the lease ends."""
    values = {
        "state": "sending",
        "rank": RANK["sending"],
        "at": tx.now,
        "provider": provider,
        "attempts": messages.c.attempts + 1,
        "first_tried_at": func.coalesce(messages.c.first_tried_at, bindparam("now", tx.now, messages.c.at.type)),
        "lease_until": tx.now + lease,
        "next_try_at": None,
        "version": messages.c.version + 1,
    }
    if ids:
        tx.conn.execute(update(messages).where(in_list(messages.c.id, ids), _QUEUED).values(values))


def refuse(tx: Tx, reasons: Sequence[tuple[str, str]]) -> None:
    """These queued messages (id, reason) fail before any provider was called."""
    if not reasons:
        return
    change = update(messages).where(messages.c.id == bindparam("message"), messages.c.state == "queued")
    values = change.values(
        state="failed",
        rank=RANK["failed"],
        reason=bindparam("why"),
        at=tx.now,
        next_try_at=None,
        version=messages.c.version + 1,
    )
    tx.conn.execute(values, [{"message": message, "why": why} for message, why in reasons])
    publish(tx, [message for message, _ in reasons])


def record(tx: Tx, outcomes: Sequence[Outcome]) -> None:
    """Write what became of attempts.

    A provider's word (it has a reference) holds whoever has the lease; everything else only while the attempt that says so is
    still the one that holds it.
    """
    told = [one for one in outcomes if one.reference is not None]
    own = [one for one in outcomes if one.reference is None]
    mine = (messages.c.state == "sending") & (messages.c.attempts == bindparam("attempt"))
    for some, guard in ((told, messages.c.rank < bindparam("new_rank")), (own, mine)):
        if some:
            change = update(messages).where(messages.c.id == bindparam("message"), guard)
            tx.conn.execute(_with_outcome(tx, change), [_outcome_values(one) for one in some])
    publish(tx, [one.id for one in outcomes])


def _with_outcome(tx: Tx, change: Any) -> Any:
    return change.values(
        state=bindparam("new_state"),
        rank=bindparam("new_rank"),
        reason=bindparam("why"),
        provider_ref=func.coalesce(messages.c.provider_ref, bindparam("ref")),
        next_try_at=bindparam("again"),
        lease_until=None,
        checks=0,
        at=tx.now,
        version=messages.c.version + 1,
    )


def _outcome_values(one: Outcome) -> dict[str, Any]:
    return {
        "message": one.id,
        "attempt": one.attempt,
        "new_state": one.state,
        "new_rank": RANK[one.state],
        "why": one.reason,
        "ref": one.reference,
        "again": one.again_at,
    }


def lose(tx: Tx, settle: timedelta, *, all_leases: bool = False) -> int:
    """Expired leases (`all_leases`: all) become `unknown`, never `queued`, to be asked for after `settle`; how many."""
    expired = _SENDING if all_leases else and_(_SENDING, messages.c.lease_until < tx.now)
    ids = list(tx.conn.execute(select(messages.c.id).where(expired)).scalars())
    _to_unknown(tx, ids, settle)
    return len(ids)


def distrust(tx: Tx) -> None:
    """After a restore from a backup: whatever is not at its end may have been sent since, so the provider is asked first."""
    stuck = messages.c.state.in_(("queued", "sending"))
    ids = list(tx.conn.execute(select(messages.c.id).where(messages.c.rank < _OPEN, stuck)).scalars())
    first = func.coalesce(messages.c.first_tried_at, messages.c.created_at)
    tx.conn.execute(update(messages).where(in_list(messages.c.id, ids)).values(first_tried_at=first))
    _to_unknown(tx, ids, timedelta(0))


def _to_unknown(tx: Tx, ids: Sequence[str], settle: timedelta) -> None:
    if not ids:
        return
    values = {
        "state": "unknown",
        "rank": RANK["unknown"],
        "reason": "outcome_unknown",
        "at": tx.now,
        "lease_until": None,
        "next_try_at": tx.now + settle,
        "version": messages.c.version + 1,
    }
    tx.conn.execute(update(messages).where(in_list(messages.c.id, ids)).values(values))
    publish(tx, ids)


def lost(conn: Connection, now: datetime, limit: int) -> list[Row[Any]]:
    """Messages whose outcome is to be asked for now."""
    query = select(messages).where(_UNKNOWN, messages.c.next_try_at <= now)
    return list(conn.execute(query.order_by(messages.c.next_try_at).limit(limit)))


def next_lost(conn: Connection) -> datetime | None:
    """When the next lease ends or the next outcome is to be asked for; None when there is none."""
    leased = select(func.min(messages.c.lease_until)).where(_SENDING)
    asked = select(func.min(messages.c.next_try_at)).where(_UNKNOWN, messages.c.next_try_at.is_not(None))
    times = [at for at in (conn.execute(leased).scalar(), conn.execute(asked).scalar()) if at is not None]
    return min(times, default=None)


def settle_lost(tx: Tx, outcomes: Sequence[Outcome]) -> None:
    """Write what a lookup (or a person) said of messages that are `unknown`; each counts as one lookup.

    What was said of an earlier attempt counts no more: the last one may have been taken.
    """
    if not outcomes:
        return
    lost = (messages.c.state == "unknown") & (messages.c.attempts == bindparam("attempt"))
    change = update(messages).where(messages.c.id == bindparam("message"), lost)
    values = {"checks": messages.c.checks + 1}
    tx.conn.execute(_with_outcome(tx, change).values(values), [_outcome_values(one) for one in outcomes])
    publish(tx, [one.id for one in outcomes])


def anything_to_cancel(conn: Connection) -> bool:
    """Whether messages of cancelled jobs still wait to be sent."""
    return conn.execute(select(messages.c.id).where(_QUEUED, _cancelled()).limit(1)).first() is not None


def cancel_queued(tx: Tx) -> int:
    """Messages of cancelled jobs that nobody took yet fail with `cancelled`; how many."""
    ids = list(tx.conn.execute(select(messages.c.id).where(_QUEUED, _cancelled())).scalars())
    refuse(tx, [(message_id, "cancelled") for message_id in ids])
    return len(ids)


def _cancelled() -> ColumnElement[bool]:
    cancelled = select(chassis.jobs.c.id).where(chassis.jobs.c.state == "cancelled")
    return messages.c.job_id.in_(cancelled)


def by_state(conn: Connection, job_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """Job id -> state -> how many; `parked` are the unknown that wait for a person."""
    parked = and_(messages.c.state == "unknown", messages.c.next_try_at.is_(None))
    query = select(messages.c.job_id, messages.c.state, parked.label("parked"), func.count().label("many"))
    query = query.where(in_list(messages.c.job_id, job_ids), messages.c.job_id.is_not(None))
    counts: dict[str, dict[str, int]] = {}
    for row in conn.execute(query.group_by(messages.c.job_id, messages.c.state, parked)):
        counts.setdefault(row.job_id, {})["parked" if row.parked else row.state] = row.many
    return counts


def jobs_to_settle(conn: Connection, kind: str) -> dict[str, int]:
    """Jobs (id -> progress told last) whose runner is done, so that only their messages are still on their way."""
    jobs = chassis.jobs
    query = select(jobs.c.id, jobs.c.done).where(
        jobs.c.state == "running", jobs.c.kind == kind, jobs.c.lease_until.is_(None)
    )
    return {row.id: row.done for row in conn.execute(query)}


def unfinished_jobs(conn: Connection, kind: str) -> list[str]:
    """Jobs of this kind that wait or run."""
    jobs = chassis.jobs
    return list(
        conn.execute(select(jobs.c.id).where(jobs.c.kind == kind, jobs.c.state.in_(("queued", "running")))).scalars()
    )
