"""The relay: publishes a service's outbox and deletes what it published, so that no committed change stays unsaid.

A crash between publishing and deleting publishes again: facts carry their event id, state its version, so that is harmless.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, func, select

from rapport_chassis.bus.port import Bus, NewRecord, Producer
from rapport_chassis.clock import Clock
from rapport_chassis.db import Database, EngineUnavailable, Tx, in_list
from rapport_chassis.tables import ChassisTables
from rapport_chassis.telemetry import Metrics
from rapport_contracts import topics
from rapport_contracts.envelope import seal
from rapport_contracts.topics import Topic

DocumentReader = Callable[[Connection, Sequence[str]], Mapping[str, tuple[int, bytes]]]
"""keys -> {key: (version, document as JSON)}; a key without a document is left out."""

_ROWS = 500
_KEYS = 2_000
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Relay:
    """What a service publishes: for each of its state topics, who reads the current documents."""

    documents: Mapping[Topic, DocumentReader] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Taken:
    rows: list[int]
    records: list[NewRecord]


class RelayLoop:
    """Runs a relay for one service; a second one elsewhere fences this one (`ProducerFenced` ends it)."""

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

    async def run(self) -> None:
        """Publish whatever is committed, for ever. Raises `ProducerFenced`."""
        while True:
            seen = self._db.changed.count
            try:
                published = await self.once()
            except EngineUnavailable:
                _log.warning("the relay waits for an engine", exc_info=True, extra={"relay": self._name})
                await asyncio.sleep(0.5)
                continue
            if not published:
                await self._db.changed.wait(seen, 1.0)

    async def once(self) -> int:
        """Publish one batch; how many records it was."""
        if self._producer is None:
            self._producer = await self._bus.producer(self._name)
        taken = await self._db.read(self._take)
        if not taken.rows:
            return 0
        await self._producer.append(taken.records)
        await self._db.write(_delete, taken.rows)
        for record in taken.records:
            self._metrics.published.labels(record.topic.name).inc()
        return len(taken.records) or len(taken.rows)

    def _take(self, conn: Connection) -> _Taken:
        outbox = self._db.tables.outbox
        rows = conn.execute(select(outbox).order_by(outbox.c.id).limit(_ROWS)).all()
        now = self._clock.now()
        self._metrics.outbox_age.set((now - rows[0].at).total_seconds() if rows else 0)
        taken = _Taken([], [])
        states: dict[str, dict[str, str | None]] = {}
        keys = 0
        for row in rows:
            taken.rows.append(row.id)
            keys += len(row.keys)
            if row.type is None:
                states.setdefault(row.topic, {}).update(dict.fromkeys(row.keys, row.traceparent))
            else:
                taken.records.append(self._fact(row.topic, row))
            if keys >= _KEYS:
                break
        for topic, traces in states.items():
            taken.records.extend(self._states(conn, topics.BY_NAME[topic], traces, now))
        return taken

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

    def _states(
        self, conn: Connection, topic: Topic, traces: Mapping[str, str | None], now: datetime
    ) -> Iterable[NewRecord]:
        from rapport_chassis.jobs import job_documents

        reader = self._relay.documents.get(topic)
        if reader is None and topic is topics.JOBS:
            reader = job_documents(self._db.tables)
        if reader is None:
            raise LookupError(f"{self._name} publishes {topic.name} without a document reader")
        documents = reader(conn, list(traces))
        for key, (version, document) in documents.items():
            yield NewRecord(topic, key, _sealed_state(self._name, topic, key, version, document, now, traces[key]))


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
    outbox = tx.tables.outbox
    tx.conn.execute(delete(outbox).where(in_list(outbox.c.id, rows)))


def outbox_depth(conn: Connection, tables: ChassisTables) -> tuple[int, datetime | None]:
    """How many rows wait, and since when the oldest does."""
    row = conn.execute(select(func.count(), func.min(tables.outbox.c.at))).one()
    return row[0], row[1]
