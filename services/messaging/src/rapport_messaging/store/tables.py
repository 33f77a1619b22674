"""The tables of messaging: messages, audiences with their ledger, templates, consent, the sandbox, copies of customers' facts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Column, ColumnElement, Index, Integer, MetaData, Table, Text

from rapport_chassis.tables import Instant, Json, chassis_tables

metadata = MetaData()
chassis = chassis_tables(metadata)


def _partial(name: str, *columns: str | ColumnElement[Any], where: str, unique: bool = False) -> Index:
    from sqlalchemy import text

    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


messages = Table(
    "messages",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("channel", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("customer_id", Text),  # null: nobody (or more than one customer) has this number
    Column("address", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("rank", Integer, nullable=False),  # of the state (domain.states.RANK): what guards late reports
    Column("reason", Text),
    Column("at", Instant, nullable=False),  # when the present state was reached
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text),
    Column("job_id", Text),
    Column("provider", Text),
    Column("provider_ref", Text),
    Column("attempts", Integer, nullable=False, server_default="0"),  # the token of the present attempt's lease
    Column("first_tried_at", Instant),  # where a lookup at the provider begins
    Column(
        "next_try_at", Instant
    ),  # queued: when to send; unknown: when to ask the provider, null = parked for a person
    Column("lease_until", Instant),  # sending: beyond it nobody is at it any more
    Column("checks", Integer, nullable=False, server_default="0"),  # lookups that failed in a row
    Index("messages_by_customer", "customer_id", "id"),
    Index("messages_by_rank", "rank", "id"),  # by state; not named so, or the planner prefers it to the partial ones
    _partial("messages_by_job", "job_id", "state", where="job_id IS NOT NULL"),
    _partial("messages_due", "next_try_at", "id", where="state = 'queued'"),
    _partial("messages_leased", "lease_until", where="state = 'sending'"),
    _partial("messages_lost", "next_try_at", where="state = 'unknown'"),
    _partial("messages_open_by_address", "address", "id", where="rank < 3"),
    _partial("messages_sent_by_address", "address", "id", where="direction = 'outgoing'"),
    _partial("messages_unmatched", "address", where="customer_id IS NULL"),
    _partial("messages_by_reference", "provider", "provider_ref", where="provider_ref IS NOT NULL", unique=True),
)

audiences = Table(
    "audiences",
    metadata,
    Column("id", Text, primary_key=True),
    Column("created_by", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("channel", Text, nullable=False),
    Column("source", Json, nullable=False),  # {query | group | customer_ids}
    Column("text", Text, nullable=False),
    Column("template_id", Text),
    Column("ready", Boolean, nullable=False),
    Column("summary", Json),  # what the preview says, without the skipped
    Column("job_id", Text),  # the job that sends it; an audience is sent once
    Index("audiences_by_job", "job_id"),
    Index("audiences_by_age", "created_at"),
)

ledger = Table(
    "ledger",
    metadata,
    Column("audience_id", Text, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("customer_id", Text, nullable=False),
    Column("address", Text),
    Column("body", Text),  # rendered; dropped when the message has it
    Column("reason", Text),  # why not; null = a recipient
    Column("message_id", Text),
)

templates = Table(
    "templates",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False, unique=True),
    Column("channel", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("group_ids", Json, nullable=False),  # empty: general
    Column("version", Integer, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

consent = Table(
    "consent",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("address", Text, primary_key=True),
    Column("state", Text, nullable=False),  # in | out
    Column("at", Instant, nullable=False),
    Column("how", Text, nullable=False),
    Column("evidence", Text),  # the message that said so
    Column("changed_by", Text),  # the user, when it was one
)

customers = Table(
    "customers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("address", Text),  # the number that an SMS goes to
    Column("problem", Text),  # why there is none
    Column("document", Json, nullable=False),  # for the variables of texts
)

customer_numbers = Table(
    "customer_numbers",
    metadata,
    Column("number", Text, primary_key=True),
    Column("customer_id", Text, primary_key=True),
    Index("customer_numbers_by_customer", "customer_id"),
)

customer_groups = Table(
    "customer_groups",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("group_id", Text, primary_key=True),
)

definitions = Table(
    "definitions",
    metadata,
    Column("key", Text, primary_key=True),  # field:<id> | list:<name>
    Column("version", Integer, nullable=False),
    Column("document", Json, nullable=False),
)

sandbox_messages = Table(
    "sandbox_messages",
    metadata,
    Column(
        "id", Text, primary_key=True
    ),  # of a message to the phone: the intent's id, so that sending again changes nothing
    Column("phone", Text, nullable=False),
    Column("direction", Text, nullable=False),  # incoming | outgoing, as the phone sees it
    Column("body", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("state", Text, nullable=False),  # sent (on its way) | delivered | failed
    Index("sandbox_by_phone", "phone", "id"),
    _partial("sandbox_on_its_way", "at", where="state = 'sent'"),
    Index("sandbox_by_age", "at"),
)
