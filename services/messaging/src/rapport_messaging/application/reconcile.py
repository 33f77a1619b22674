"""Unknown outcomes: the provider is asked before anything is sent again; what cannot be known waits for a person (M4, R3)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from rapport_chassis.auth import Caller
from rapport_chassis.clock import Clock
from rapport_chassis.db import Database, Tx
from rapport_chassis.problems import Conflict, NotFound
from rapport_messaging.config import Pacing
from rapport_messaging.store import messages, sending
from rapport_messaging.store.sending import Outcome

from .ports import LookupFailed, Lost, SmsProvider, Trace

_TOGETHER: Final = 50
_FIRST_DELAY, _LONGEST_DELAY = 5.0, 600.0
_log = logging.getLogger(__name__)


class Reconciler:
    """Turns expired leases into `unknown` and asks the providers about them."""

    def __init__(
        self, db: Database, clock: Clock, providers: Mapping[str, SmsProvider], usual: str, pacing: Pacing
    ) -> None:
        self._db = db
        self._clock = clock
        self._providers = providers
        self._usual = usual
        self._pacing = pacing

    async def once(self) -> int:
        """One round; how many messages were asked for."""
        at = await self._db.read(sending.next_lost)
        if at is None or at > self._clock.now():
            return 0
        await self._db.write(sending.lose, self._pacing.settle)
        rows = await self._db.read(sending.lost, self._clock.now(), _TOGETHER)
        outcomes = await asyncio.gather(*(self._decide(row) for row in rows))
        await self._db.write(sending.settle_lost, outcomes)
        return len(rows)

    async def _decide(self, row: Any) -> Outcome:
        provider = self._providers.get(row.provider or self._usual)
        if provider is None:
            return _parked(row, "provider_gone")
        if provider.recovery == "neither":
            return _parked(row, "outcome_unknown")
        if provider.recovery == "idempotent":
            return _again(row, self._clock.now())
        try:
            async with asyncio.timeout(self._pacing.call_timeout.total_seconds()):
                traces = await provider.find(Lost(row.id, row.address, row.body, row.first_tried_at or row.created_at))
        except (LookupFailed, TimeoutError) as failed:
            return self._later(row, failed)
        return await self._by_traces(row, provider.name, traces)

    async def _by_traces(self, row: Any, provider: str, traces: Sequence[Trace]) -> Outcome:
        others = await self._db.read(messages.known_references, provider, [one.reference for one in traces])
        free = [one for one in traces if others.get(one.reference, row.id) == row.id]
        if not free:
            return _again(row, self._clock.now())
        begun = row.first_tried_at or row.created_at
        best = min(free, key=lambda one: (not one.exact, abs(one.at - begun)))
        return Outcome(row.id, row.attempts, best.state, best.reason, best.reference)

    def _later(self, row: Any, failed: Exception) -> Outcome:
        now = self._clock.now()
        if now - (row.first_tried_at or row.created_at) > self._pacing.give_up:
            return _parked(row, "outcome_unknown")
        _log.warning("a provider could not be asked", exc_info=failed, extra={"message_id": row.id})
        delay = min(_LONGEST_DELAY, _FIRST_DELAY * 2.0 ** min(row.checks, 10))
        return Outcome(row.id, row.attempts, "unknown", row.reason, again_at=now + timedelta(seconds=delay))


def resolve(tx: Tx, caller: Caller, message_id: str, state: Literal["sent", "failed", "queued"]) -> dict[str, Any]:
    """A person's word on a message that is `unknown`: it was sent, it was not (failed), or send it again (queued).

    Gives the message. Raises `NotFound`, `Conflict` 409 `in_use` when its outcome is not unknown (any more).
    """
    row = messages.find_visible(tx.conn, message_id, caller.view_groups)
    if row is None:
        raise NotFound("There is no such message.")
    if row.state != "unknown":
        raise Conflict("in_use", f"This message is {row.state}; only an unknown outcome can be decided by hand.")
    reason = None if state == "queued" else f"decided by {caller.id}"
    again = tx.now if state == "queued" else None
    sending.settle_lost(tx, [Outcome(row.id, row.attempts, state, reason, again_at=again)])
    found = messages.find_visible(tx.conn, message_id, caller.view_groups)
    return messages.document(found) if found is not None else {}


def _again(row: Any, now: datetime) -> Outcome:
    """The provider surely does not have it."""
    return Outcome(row.id, row.attempts, "queued", None, again_at=now)


def _parked(row: Any, reason: str) -> Outcome:
    return Outcome(row.id, row.attempts, "unknown", reason)
