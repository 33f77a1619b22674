"""Consumers: batches whose offset moves in the same transaction as their effect, by compare-and-set.

Redelivery is stopped by the offset; a producer's repetition by a natural key in the effect. A message that keeps failing is
parked with the offset move, and on topics of facts and commands later ones of its key park behind it; a run of failures stops.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rapport_chassis import parking, positions
from rapport_chassis.bus.port import MOST_BYTES, Bus, IncarnationChanged, Membership, TopicPartition
from rapport_chassis.db import Database, EngineUnavailable, Tx
from rapport_chassis.parking import Parking
from rapport_chassis.poison import Effect, attempt, find_poison, read_each
from rapport_chassis.positions import Superseded
from rapport_chassis.resting import rest_after
from rapport_chassis.telemetry import Metrics, enter_trace
from rapport_contracts.envelope import Message
from rapport_contracts.topics import Kind, Topic

_log = logging.getLogger(__name__)
_BULK = 500  # messages at once: somebody writes many
_RETRIES = 2
_RETRY_SECONDS = 0.05
_UNAVAILABLE_SECONDS = 0.5
_LOOK_SECONDS = 1.0  # how often a busy consumer looks for replays that were asked for, and says how far behind it is
_LEAST_REST = 0.1
_SOON_SECONDS = 0.2  # what is done when nothing comes can wait so long
_LOOKS_AT_REST = 10  # so many of them without a sign of anything: then it reads all the same


class _TooManyInARow(Exception):  # noqa: N818
    """So many adjacent messages failed that the fault is rather ours: nothing of the batch is kept."""


@dataclass(frozen=True)
class Consumer:
    """What a service does with a topic.

    `handle(tx, messages)` is the effect. With `prepare` (async, I/O allowed, no transaction open) it is `handle(tx, messages,
    prepared)`; `prepared` may cover more messages than are handled. `group` names the position and must never change.
    With `read` it gets what `read(message)` gave, instead of the messages: who cannot be read is found without a second try.
    With `patience` (seconds) it waits so long for a lull when messages come by thousands: it only follows, and somebody writes.
    A batch ends with the message that makes it `most_bytes` large.
    After fewer than it could take it rests longer than it worked, `rest` seconds at most: under load it takes more at once.
    """

    topic: Topic
    group: str
    handle: Callable[..., None]
    prepare: Callable[[Sequence[Message]], Awaitable[Any]] | None = None
    start: Literal["start", "end"] = "start"
    batch: int = 500
    most_bytes: int = MOST_BYTES
    failures_in_a_row: int = 20
    patience: float = 0.0
    rest: float = 0.3
    read: Callable[[Message], Any] | None = None


class ConsumerLoop:
    """Runs one consumer over all partitions, or over those it owns where it is one of several (`shared`)."""

    def __init__(
        self, consumer: Consumer, db: Database, bus: Bus, metrics: Metrics | None = None, *, shared: bool = False
    ) -> None:
        self.consumer = consumer
        self.stopped: str | None = None
        self._db = db
        self._bus = bus
        self._metrics = metrics or Metrics()
        self._positions: dict[TopicPartition, int] = {}
        self._shared = shared
        self._member: Membership | None = None
        self._turn = -1
        self._failures = 0
        self._full = False
        self._look_at = 0.0
        self._changes = 0  # of the database, when replays were last looked for
        self._perhaps_held: set[str] | None = None  # on state topics nothing waits: the version decides

    async def run(self) -> None:
        """Consume for ever; returns only when stopped by a changed log or a run of failures (see `stopped`)."""
        self._metrics.stopped.labels(self.consumer.group).set(0)
        try:
            await self._consume()
        except IncarnationChanged as changed:
            self._stop(str(changed))
        finally:
            if self.stopped is None:  # whoever goes on says how far behind he is; a sum of both would count it twice
                self._metrics.lag.remove(self.consumer.group, self.consumer.topic.name)
            if self._member:
                await self._member.close()
                self._member = None

    async def _consume(self) -> None:
        await self._load()
        while self.stopped is None:
            began = time.monotonic()
            try:
                handled = await self.once()
                if not handled:
                    await self._rest()
                elif not self._full:
                    worked = time.monotonic() - began
                    await asyncio.sleep(rest_after(self._bus, worked, _LEAST_REST, self.consumer.rest))
                    await self._bus.wait(self._positions, _SOON_SECONDS)
                elif self.consumer.patience:
                    await self._bus.lull(self.consumer.patience)
            except Superseded:
                await self._load()
            except EngineUnavailable:
                _log.warning("a consumer waits for an engine", exc_info=True, extra={"consumer": self.consumer.group})
                await asyncio.sleep(_UNAVAILABLE_SECONDS)

    async def once(self) -> int:
        """Handle one batch (and the replays that were asked for); how many messages it was."""
        if self._member.turn != self._turn if self._member else not self._positions:
            await self._load()
        messages = await self._bus.read(self._positions, self.consumer.batch, self.consumer.most_bytes)
        if not messages or time.monotonic() > self._look_at:
            self._changes = self._db.changed.count
            await self._replay()
            await self._report_lag(bool(messages))
            self._look_at = time.monotonic() + _LOOK_SECONDS
        if not messages:
            await self._pass_holes()
            return 0
        self._full = self._is_full(messages)
        enter_trace(messages[0].traceparent if len(messages) == 1 else None)
        await self._handle(messages)
        self._metrics.handled.labels(self.consumer.group, self.consumer.topic.name).inc(len(messages))
        return len(messages)

    def _is_full(self, messages: Sequence[Message]) -> bool:
        """Whether there may be more that was not read."""
        many = len(messages) >= min(_BULK, self.consumer.batch)
        return many or sum(len(one.raw) for one in messages) >= self.consumer.most_bytes

    async def _pass_holes(self) -> None:
        """Everything is read: stand at the end, also where the log ends with what no reader sees."""
        past = await self._bus.past_holes(self._positions)
        moved = {place: at for place, at in past.items() if at != self._positions[place]}
        if moved:
            await self._db.write(self._move_quietly, moved)
            self._positions |= moved

    def _move_quietly(self, tx: Tx, moved: Mapping[TopicPartition, int]) -> None:
        tx.quiet = True
        positions.move(tx, self.consumer.group, self._positions, moved)

    async def lag(self) -> int:
        """How many offsets are between this consumer and the end of its topic."""
        ends = await self._bus.ends(self.consumer.topic)
        return sum(max(0, ends.get(at.partition, 0) - offset) for at, offset in self._positions.items())

    async def _report_lag(self, behind: bool) -> None:
        self._metrics.lag.labels(self.consumer.group, self.consumer.topic.name).set(await self.lag() if behind else 0)

    async def _rest(self) -> None:
        """Until there are records, or a change of the database, which may be a replay that was asked for."""
        for _ in range(_LOOKS_AT_REST):
            if await self._bus.wait(self._positions, _LOOK_SECONDS) or self._db.changed.count != self._changes:
                return

    async def _load(self) -> None:
        topic = self.consumer.topic
        owned = await self._owned()
        incarnation = await self._bus.incarnation(topic)
        first = await (self._bus.starts(topic) if self.consumer.start == "start" else self._bus.ends(topic))
        stored = await self._db.write(positions.load, self.consumer.group, topic, incarnation, first)
        self._positions = {place: at for place, at in stored.items() if place.partition in owned}
        if topic.kind is not Kind.STATE:  # complete as long as nobody else moves our offsets, and then we load again
            self._perhaps_held = await self._db.read(parking.parked_keys, self._db.tables, self.consumer.group)

    async def _owned(self) -> frozenset[int]:
        if not self._shared:
            return frozenset(range(self.consumer.topic.partitions))
        self._member = self._member or await self._bus.join(self.consumer.topic, self.consumer.group)
        self._turn = self._member.turn
        return self._member.owned

    async def _handle(self, messages: Sequence[Message]) -> None:
        for tries in range(_RETRIES + 1):
            try:
                prepared = await self._prepare(messages)
            except EngineUnavailable:
                raise
            except Exception as error:  # noqa: BLE001  whatever it raises, a message may be poison
                await self._unprepared(messages, error, tries)
            else:
                await self._commit(messages, prepared)
                return

    async def _prepare(self, messages: Sequence[Message]) -> Any:
        return await self.consumer.prepare(messages) if self.consumer.prepare else None

    async def _unprepared(self, messages: Sequence[Message], error: Exception, tries: int) -> None:
        """`prepare` failed: try again after a pause, then each half alone, then park the one."""
        if tries < _RETRIES:
            await asyncio.sleep(_RETRY_SECONDS * 4**tries)
        elif len(messages) == 1:
            await self._commit(messages, None, unprepared=error)
        else:
            middle = len(messages) // 2
            for half in (messages[:middle], messages[middle:]):
                if self.stopped is None:
                    await self._handle(half)

    async def _commit(self, messages: Sequence[Message], prepared: Any, unprepared: Exception | None = None) -> None:
        after = positions.behind(messages)
        try:
            parked = await self._db.write(self._apply, messages, after, prepared, unprepared)
        except _TooManyInARow as failed:
            self._stop(str(failed))
            return
        self._failures = _trailing(messages, parked, self._failures)
        self._positions |= after

    def _stop(self, reason: str) -> None:
        self.stopped = reason
        self._metrics.stopped.labels(self.consumer.group).set(1)
        _log.critical("a consumer stopped", extra={"consumer": self.consumer.group, "reason": reason})

    def _apply(
        self,
        tx: Tx,
        messages: Sequence[Message],
        after: Mapping[TopicPartition, int],
        prepared: Any,
        unprepared: Exception | None,
    ) -> dict[Message, Exception]:
        """Everything of one batch in one transaction: offsets, effects, and what had to be parked (which is returned)."""
        positions.move(tx, self.consumer.group, self._positions, after)
        aside = Parking(tx, self.consumer.group, messages, self._perhaps_held)
        pending = aside.still_free(messages)
        said, unreadable = read_each(self.consumer.read, pending)
        if unreadable:
            aside.add(unreadable)
            self._refuse_too_many(messages, aside.failed)
            pending = aside.still_free(pending)
        effect = self._with(said, prepared)
        while pending and (error := unprepared or attempt(tx, effect, pending)):
            aside.add(find_poison(tx, effect, pending, error))
            self._refuse_too_many(messages, aside.failed)
            pending = aside.still_free(pending)
        aside.write()
        if aside.failed:
            _log.error("messages were parked", extra=_report(self.consumer, aside.failed))
        return aside.failed

    def _with(self, said: Mapping[Message, Any], prepared: Any) -> Effect:
        return lambda tx, messages: self._effect(tx, [said[one] for one in messages], prepared)

    def _refuse_too_many(self, messages: Sequence[Message], parked: Mapping[Message, Exception]) -> None:
        if len(parked) + self._failures <= self.consumer.failures_in_a_row:
            return
        longest = run = self._failures
        for message in messages:
            run = run + 1 if message in parked else 0
            longest = max(longest, run)
        if longest > self.consumer.failures_in_a_row:
            raise _TooManyInARow(f"{longest} messages in a row failed, the last with: {list(parked.values())[-1]!r}")

    def _effect(self, tx: Tx, said: Sequence[Any], prepared: Any) -> None:
        if self.consumer.prepare:
            self.consumer.handle(tx, said, prepared)
        else:
            self.consumer.handle(tx, said)

    async def _replay(self) -> None:
        for chain in await self._db.read(parking.asked_for, self._db.tables, self.consumer.group):
            for parked_id, message in chain:
                if not await self._replay_one(parked_id, message):
                    break

    async def _replay_one(self, parked_id: str, message: Message) -> bool:
        try:
            prepared = await self.consumer.prepare([message]) if self.consumer.prepare else None
            await self._db.write(self._apply_replay, parked_id, message, prepared)
        except EngineUnavailable:
            raise
        except Exception as error:  # noqa: BLE001  still poison: it stays parked, with the new reason
            await self._db.write(parking.failed_again, parked_id, repr(error))
            return False
        return True

    def _apply_replay(self, tx: Tx, parked_id: str, message: Message, prepared: Any) -> None:
        if parking.take(tx, parked_id):
            self._effect(tx, [self.consumer.read(message) if self.consumer.read else message], prepared)


def _trailing(messages: Sequence[Message], parked: Mapping[Message, Exception], before: int) -> int:
    """How many messages in a row have failed at the end of this batch."""
    for run, message in enumerate(reversed(messages)):
        if message not in parked:
            return run
    return before + len(messages)


def _report(consumer: Consumer, parked: Mapping[Message, Exception]) -> dict[str, object]:
    first, error = next(iter(parked.items()))
    place = {"topic": first.topic, "partition": first.partition, "at": first.offset}
    return {"consumer": consumer.group, "count": len(parked), "first": place, "error": repr(error)}
