"""Handing messages to the provider: the intent first, then the call with no transaction open, then what became of it (M4, R3)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from rapport_chassis.clock import Clock
from rapport_chassis.db import Database, Tx
from rapport_chassis.telemetry import Metrics
from rapport_messaging.config import Pacing
from rapport_messaging.store import consent, sending
from rapport_messaging.store.sending import Outcome

from .gather import Gather
from .pace import Pace
from .ports import Answer, NotTaken, Outgoing, Refused, SmsProvider, Taken, Unclear
from .send import obstacles

_IDLE_SECONDS: Final = 1.0
_BREATH_SECONDS: Final = 0.02  # what is queued meanwhile is claimed together
_LATE: Final = NotTaken("late")  # this process slept, and somebody may soon take the message for lost
_log = logging.getLogger(__name__)


class Dispatcher:
    """Sends what is due through one provider, a bounded number at once, at the provider's pace."""

    def __init__(self, db: Database, clock: Clock, provider: SmsProvider, pacing: Pacing, metrics: Metrics) -> None:
        self._db = db
        self._clock = clock
        self._provider = provider
        self._pacing = pacing
        self._metrics = metrics
        self._pace = Pace(pacing.per_second)
        self._calls: set[asyncio.Task[None]] = set()
        self._results: Gather[tuple[Outcome, str | None]] = Gather(db, record)

    async def run(self) -> None:
        """Send for ever; when cancelled, calls under way are finished and recorded first."""
        try:
            while True:
                seen = self._db.changed.count
                if not await self.once():
                    await self._wait(seen)
        finally:
            await self._finish_calls()

    async def once(self) -> int:
        """Begin what may begin now; how many calls that is."""
        room = min(self._pacing.together - len(self._calls), self._pace.available())
        if room <= 0 or not await self._anything_due():
            return 0
        began = self._clock.now()  # the lease may run from here: a database may keep us waiting after it gave one
        claimed = await self._db.write(claim, room, self._provider.name, self._pacing)
        self._pace.take(len(claimed))
        for row in claimed:
            call = asyncio.create_task(self._send(row, began))
            self._calls.add(call)
            call.add_done_callback(self._calls.discard)
        return len(claimed)

    async def _anything_due(self) -> bool:
        """Looked up on a snapshot first: what waits behind a held job or a busy number must not keep the writer busy."""
        return bool(await self._db.read(sending.due, self._clock.now(), 1))

    async def _wait(self, seen: int) -> None:
        if len(self._calls) >= self._pacing.together:
            await asyncio.wait(self._calls, return_when=asyncio.FIRST_COMPLETED)
        elif self._pace.available() <= 0:
            await asyncio.sleep(min(_IDLE_SECONDS, max(0.01, self._pace.wait_seconds())))
        else:
            await asyncio.sleep(_BREATH_SECONDS)
            await self._db.changed.wait(seen, _IDLE_SECONDS)

    async def _finish_calls(self) -> None:
        if self._calls:
            _, left = await asyncio.wait(self._calls, timeout=self._pacing.call_timeout.total_seconds())
            for call in left:
                call.cancel()  # its lease ends, then the provider is asked

    async def _send(self, row: Any, claimed_at: datetime) -> None:
        answer = await self._call(row, claimed_at)
        self._metrics.provider_sent.labels(self._provider.name, type(answer).__name__.lower()).inc()
        wait = self._pace.hold(answer.wait) if isinstance(answer, NotTaken) and answer is not _LATE else 0.0
        if isinstance(answer, Taken):
            self._pace.went_well()
        outcome = outcome_of(row, answer, self._clock.now(), timedelta(seconds=wait), self._pacing)
        stopped = row.address if isinstance(answer, Refused) and answer.opted_out else None
        try:
            await self._results.put((outcome, stopped))
        except Exception:  # noqa: BLE001  not recorded: the lease ends and the provider is asked
            _log.exception("an outcome could not be recorded", extra={"message_id": row.id})

    async def _call(self, row: Any, claimed_at: datetime) -> Answer:
        if self._clock.now() - claimed_at > self._pacing.lease - 2 * self._pacing.call_timeout:
            return _LATE
        try:
            async with asyncio.timeout(self._pacing.call_timeout.total_seconds()):
                return await self._provider.send(Outgoing(row.id, row.address, row.body))
        except TimeoutError:
            return Unclear("timeout")
        except Exception:  # noqa: BLE001  whatever an adapter raises, the message may have been taken
            _log.exception("a provider's adapter failed", extra={"provider": self._provider.name})
            return Unclear("adapter_failed")


def claim(tx: Tx, limit: int, provider: str, pacing: Pacing) -> Sequence[Any]:
    """Take up to `limit` messages that are due: they are `sending` when this is durable, so that no crash can forget them.

    Who opted out or was disabled meanwhile (M11: at send time too) and what was tried for too long fails here instead.
    """
    rows = sending.due(tx.conn, tx.now, limit, take=True)
    reasons = {row.id: "expired" for row in rows if row.first_tried_at and tx.now - row.first_tried_at > pacing.give_up}
    reasons |= obstacles(tx.conn, [(row.id, row.customer_id, row.address) for row in rows])
    sending.refuse(tx, list(reasons.items()))
    going = [row for row in rows if row.id not in reasons]
    sending.begin(tx, [row.id for row in going], provider, pacing.lease)
    return going


def record(tx: Tx, results: Sequence[tuple[Outcome, str | None]]) -> None:
    """Write outcomes; a number that the provider says has opted out is opted out here too."""
    sending.record(tx, [outcome for outcome, _ in results])
    said = {"channel": "sms", "state": "out", "how": "the provider refuses: opted out", "changed_by": None}
    consent.put(tx, [said | {"address": address, "evidence": one.id} for one, address in results if address])


def outcome_of(row: Any, answer: Answer, now: datetime, wait: timedelta, pacing: Pacing) -> Outcome:
    """What an answer makes of the message: only what was surely not taken is queued again."""
    attempt = row.attempts + 1
    if isinstance(answer, Taken):
        return Outcome(row.id, attempt, answer.state, answer.reason, answer.reference)
    if isinstance(answer, NotTaken):
        return Outcome(row.id, attempt, "queued", answer.reason, again_at=now + wait)
    if isinstance(answer, Refused):
        return Outcome(row.id, attempt, answer.state, answer.reason)
    return Outcome(row.id, attempt, "unknown", answer.reason, again_at=now + pacing.settle)
