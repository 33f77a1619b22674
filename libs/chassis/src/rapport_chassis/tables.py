"""The tables that every service has, in its own database: outbox, offsets, parked messages, idempotency keys, jobs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import (
    BigInteger,
    Column,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
)

from rapport_chassis.clock import from_micros, to_micros


class Instant(TypeDecorator[datetime]):
    """An instant, UTC, as microseconds since the epoch: compared and indexed as an integer on every engine."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """To microseconds."""
        return None if value is None else to_micros(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """From microseconds."""
        return None if value is None else from_micros(value)


class Json(TypeDecorator[Any]):
    """A JSON document as text, by orjson. Hot paths read the text itself with `type_coerce(column, Text)`."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """To text; `str` and `bytes` are taken as JSON already made."""
        if value is None or isinstance(value, str):
            return value
        return (value if isinstance(value, bytes) else orjson.dumps(value, option=orjson.OPT_UTC_Z)).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """From text."""
        return None if value is None else orjson.loads(value)


# An id that the database gives: on SQLite only INTEGER (not BIGINT) becomes the row id.
Serial = BigInteger().with_variant(Integer(), "sqlite")


@dataclass(frozen=True, slots=True)
class ChassisTables:
    """The chassis's tables in one service's metadata."""

    outbox: Table
    offsets: Table
    parked: Table
    idempotency: Table
    jobs: Table


def chassis_tables(metadata: MetaData) -> ChassisTables:
    """Add the tables to `metadata` once and give them; a second call gives the same ones."""
    known: ChassisTables | None = metadata.info.get("chassis")
    if known is None:
        known = ChassisTables(
            _outbox(metadata), _offsets(metadata), _parked(metadata), _idempotency(metadata), _jobs(metadata)
        )
        metadata.info["chassis"] = known
    return known


def _outbox(metadata: MetaData) -> Table:
    return Table(
        "outbox",
        metadata,
        Column("id", Serial, primary_key=True, autoincrement=True),
        Column("topic", Text, nullable=False),
        Column("keys", Json, nullable=False),  # a list: one state row may stand for a whole batch
        Column("type", Text),  # null for state
        Column("event_id", Text),
        Column("data", Text),  # null for state: the relay reads the current document
        Column("traceparent", Text),
        Column("at", Instant, nullable=False),
        sqlite_autoincrement=True,
    )


def _offsets(metadata: MetaData) -> Table:
    return Table(
        "offsets",
        metadata,
        Column("consumer", Text, primary_key=True),
        Column("topic", Text, primary_key=True),
        Column("partition", Integer, primary_key=True),
        Column("next", BigInteger, nullable=False),
        Column("incarnation", Text, nullable=False),
    )


def _parked(metadata: MetaData) -> Table:
    return Table(
        "parked_messages",
        metadata,
        Column("id", Text, primary_key=True),
        Column("consumer", Text, nullable=False),
        Column("topic", Text, nullable=False),
        Column("partition", Integer, nullable=False),
        Column("offset", BigInteger, nullable=False),
        Column("key", Text, nullable=False),
        Column("value", LargeBinary, nullable=False),
        Column("error", Text, nullable=False),
        Column("behind", Text),  # the parked message this one waits for; null for the one that failed
        Column("attempts", Integer, nullable=False, server_default="1"),
        Column("at", Instant, nullable=False),
        Column("replay_at", Instant),  # set when a person asked for a replay
        Index("parked_by_key", "consumer", "key", "offset"),
        Index("parked_asked_for", "consumer", "replay_at", "key"),  # looked for before every batch: must cost nothing
        Index("parked_once", "consumer", "topic", "partition", "offset", unique=True),
    )


def _idempotency(metadata: MetaData) -> Table:
    return Table(
        "idempotency_keys",
        metadata,
        Column("key", Text, primary_key=True),
        Column("fingerprint", Text, nullable=False),
        Column("status", Integer),
        Column("headers", Json),
        Column("body", LargeBinary),
        Column("at", Instant, nullable=False),
        Index("idempotency_by_age", "at"),
    )


def _jobs(metadata: MetaData) -> Table:
    return Table(
        "jobs",
        metadata,
        Column("id", Text, primary_key=True),
        Column("kind", Text, nullable=False),
        Column("state", Text, nullable=False),
        Column("version", Integer, nullable=False),
        Column("params", Json, nullable=False),
        Column("checkpoint", Json),
        Column("done", BigInteger, nullable=False),
        Column("total", BigInteger),
        Column("result", Json),
        Column("error", Json),
        Column("created_by", Text, nullable=False),
        Column("created_at", Instant, nullable=False),
        Column("updated_at", Instant, nullable=False),
        Column("run_after", Instant),
        Column("lease", Text),
        Column("lease_until", Instant),
        Index("jobs_by_state", "state", "id"),
        Index("jobs_by_age", "updated_at"),
    )
