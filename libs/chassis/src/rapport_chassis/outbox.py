"""The relay: publishes a service's outbox and deletes what it published, so that no committed change stays unsaid.

A crash between publishing and deleting publishes again: facts carry their event id, state its version, so that is harmless.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, select

from rapport_chassis.bus.port import Bus, NewRecord, Producer
from rapport_chassis.clock import Clock
from rapport_chassis.db import Database, EngineUnavailable, Tx, in_list
from rapport_chassis.resting import rest_after
from rapport_chassis.tables import ChassisTables
from rapport_chassis.telemetry import Metrics
from rapport_contracts import topics
from rapport_contracts.envelope import seal
from rapport_contracts.topics import Topic

DocumentReader = Callable[[Connection, Sequence[str]], Mapping[str, tuple[int, bytes]]]
"""keys -> {key: (version, document as JSON)}; a key without a document is left out."""

_ROWS = 500
_KEYS = 2_000
_MOST_PUBLISHED = 2_000  # rows that wait to be deleted; then the relay waits too
_BACKSTOP_SECONDS = 5.0
_FACTS_REST, _STATES_REST = (0.05, 0.4), (0.1, 0.2)
_MANY = 20  # rows: many changes a second. Of an import, whose runner waits for what is said, there are a few large ones
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Relay:
    """What a service publishes: for each of its state topics, who reads the current documents."""

    documents: Mapping[Topic, DocumentReader] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Taken:
    rows: list[int] = field(default_factory=list)
    records: list[NewRecord] = field(default_factory=list)
    oldest: datetime | None = None


class RelayLoop:
    """Runs a relay for one service; a second one elsewhere fences this one (`ProducerFenced` ends it).

    Facts and states go two lanes: an answer that somebody waits for is not held up by the documents of a thousand customers.
    """

    def __init__(
        self, name: str, relay: Relay, db: Database, bus: Bus, clock: Clock, metrics: Metrics | None = None
    ) -> None:
        self._name = name
        self._relay = relay
        self._db = db
        self._bus = bus
        self._clock = clock
        self._metrics = metrics or Metrics()
        self._producer: Producer | None = None
        self._opening = asyncio.Lock()
        self._lanes = (_Lane(db, self._facts, _FACTS_REST), _Lane(db, self._states, _STATES_REST))

    async def run(self) -> None:
        """Publish whatever is committed, for ever. Raises `ProducerFenced`."""
        lanes = [asyncio.create_task(self._go_on(lane)) for lane in self._lanes]
        try:
            await asyncio.gather(*lanes)
        finally:
            for lane in lanes:
                lane.cancel()
            await asyncio.gather(*lanes, return_exceptions=True)

    async def _go_on(self, lane: _Lane) -> None:
        while True:
            seen = self._db.changed.count
            began = time.monotonic()
            try:
                published = await self._publish(lane)
            except EngineUnavailable:
                _log.warning("the relay waits for an engine", exc_info=True, extra={"relay": self._name})
                await asyncio.sleep(0.5)
                continue
            if 0 < published < _ROWS:  # what comes meanwhile is published together
                longest = lane.longest if published >= _MANY else lane.rest
                await asyncio.sleep(rest_after(self._bus, time.monotonic() - began, lane.rest, longest))
            elif not published:
                await self._db.changed.wait(seen, _BACKSTOP_SECONDS)

    async def once(self) -> int:
        """Publish one batch of each lane; how many rows of the outbox it was."""
        return sum([await self._publish(lane) for lane in self._lanes])

    async def _publish(self, lane: _Lane) -> int:
        producer = await self._opened()
        taken = await lane.take()
        waiting = [one.oldest for one in self._lanes if one.oldest]
        self._metrics.outbox_age.set((self._clock.now() - min(waiting)).total_seconds() if waiting else 0)
        if taken.records:
            await producer.append(taken.records)
        for topic, records in Counter(record.topic.name for record in taken.records).items():
            self._metrics.published.labels(topic).inc(records)
        await lane.published(taken.rows)
        return len(taken.rows)

    async def _opened(self) -> Producer:
        """The one producer of both lanes: a second one would fence the first."""
        async with self._opening:
            if self._producer is None:
                self._producer = await self._bus.producer(self._name)
            return self._producer

    def _facts(self, conn: Connection, published: Collection[int]) -> _Taken:
        rows = self._rows(conn, self._db.tables.outbox.c.type.is_not(None), published)
        return _Taken([row.id for row in rows], [self._fact(row.topic, row) for row in rows], _oldest(rows))

    def _states(self, conn: Connection, published: Collection[int]) -> _Taken:
        rows = self._rows(conn, self._db.tables.outbox.c.type.is_(None), published)
        taken = _Taken(oldest=_oldest(rows))
        traces: dict[str, dict[str, str | None]] = {}
        keys = 0
        for row in rows:
            taken.rows.append(row.id)
            traces.setdefault(row.topic, {}).update(dict.fromkeys(row.keys, row.traceparent))
            keys += len(row.keys)
            if keys >= _KEYS:
                break
        for topic, of_topic in traces.items():
            taken.records.extend(self._current(conn, topics.BY_NAME[topic], of_topic))
        return taken

    def _rows(self, conn: Connection, wanted: ColumnElement[bool], published: Collection[int]) -> list[Any]:
        outbox = self._db.tables.outbox
        query = select(outbox).where(wanted).order_by(outbox.c.id).limit(_ROWS + len(published))
        return [row for row in conn.execute(query) if row.id not in published]

    def _fact(self, topic: str, row: object) -> NewRecord:
        known = topics.BY_NAME[topic]
        (key,) = row.keys  # type: ignore[attr-defined]
        value = seal(
            source=self._name,
            type_=row.type,  # type: ignore[attr-defined]
            subject=key,
            data=row.data.encode(),  # type: ignore[attr-defined]
            time=row.at,  # type: ignore[attr-defined]
            event_id=row.event_id,  # type: ignore[attr-defined]
            traceparent=row.traceparent,  # type: ignore[attr-defined]
        )
        return NewRecord(known, key, value)

    def _current(self, conn: Connection, topic: Topic, traces: Mapping[str, str | None]) -> Iterable[NewRecord]:
        from rapport_chassis.jobs import job_documents

        reader = self._relay.documents.get(topic)
        if reader is None and topic is topics.JOBS:
            reader = job_documents(self._db.tables)
        if reader is None:
            raise LookupError(f"{self._name} publishes {topic.name} without a document reader")
        now = self._clock.now()
        for key, (version, document) in reader(conn, list(traces)).items():
            yield NewRecord(topic, key, _sealed_state(self._name, topic, key, version, document, now, traces[key]))


def _oldest(rows: Sequence[Any]) -> datetime | None:
    return rows[0].at if rows else None


class _Lane:
    """What one lane has published and not deleted yet: deleting waits behind the service's own writes, publishing does not."""

    def __init__(
        self, db: Database, taker: Callable[[Connection, Collection[int]], _Taken], rest: tuple[float, float]
    ) -> None:
        self.rest, self.longest = rest
        self._db = db
        self._taker = taker
        self.oldest: datetime | None = None
        self._published: set[int] = set()
        self._deleting: asyncio.Task[None] | None = None

    async def take(self) -> _Taken:
        taken = await self._db.read(self._taker, frozenset(self._published))
        self.oldest = taken.oldest
        return taken

    async def published(self, rows: Sequence[int]) -> None:
        """`rows` are on the bus. Without any, nothing waits: whatever was published is deleted when this returns."""
        self._published.update(rows)
        while not rows and (self._published or self._deleting):
            await self._delete_on()
        if self._deleting is None or self._deleting.done() or len(self._published) > _MOST_PUBLISHED:
            await self._delete_on()

    async def _delete_on(self) -> None:
        last, self._deleting = self._deleting, None
        if last:
            await last
        if self._published:
            self._deleting = asyncio.create_task(self._delete(list(self._published)))

    async def _delete(self, rows: list[int]) -> None:
        await self._db.write(_delete, rows)
        self._published.difference_update(rows)


def _sealed_state(
    name: str, topic: Topic, key: str, version: int, document: bytes, now: datetime, traceparent: str | None
) -> bytes:
    return seal(
        source=name,
        type_=topic.name,
        subject=key,
        data=document,
        time=now.astimezone(UTC),
        event_id=f"{key}@{version}",
        traceparent=traceparent,
    )


def _delete(tx: Tx, rows: list[int]) -> None:
    tx.quiet = True
    outbox = tx.tables.outbox
    tx.conn.execute(delete(outbox).where(in_list(outbox.c.id, rows)))


def outbox_depth(conn: Connection, tables: ChassisTables) -> tuple[int, datetime | None]:
    """How many rows wait, and since when the oldest does."""
    row = conn.execute(select(func.count(), func.min(tables.outbox.c.at))).one()
    return row[0], row[1]
