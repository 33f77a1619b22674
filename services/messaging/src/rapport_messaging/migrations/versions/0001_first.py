"""The tables messaging begins with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from rapport_chassis.migrate import create_chassis_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

Text, Integer, Boolean, Instant = sa.Text, sa.Integer, sa.Boolean, sa.BigInteger


def upgrade() -> None:
    create_chassis_tables(op.get_bind())
    _messages()
    _audiences()
    _templates_and_consent()
    _copies()
    _sandbox()


def _index(name: str, table: str, columns: list[str], where: str | None = None, *, unique: bool = False) -> None:
    only = sa.text(where) if where else None
    op.create_index(name, table, columns, unique=unique, sqlite_where=only, postgresql_where=only)


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", Text, primary_key=True),
        sa.Column("version", Integer, nullable=False),
        sa.Column("channel", Text, nullable=False),
        sa.Column("direction", Text, nullable=False),
        sa.Column("customer_id", Text),
        sa.Column("address", Text, nullable=False),
        sa.Column("body", Text, nullable=False),
        sa.Column("state", Text, nullable=False),
        sa.Column("rank", Integer, nullable=False),
        sa.Column("reason", Text),
        sa.Column("at", Instant, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("created_by", Text),
        sa.Column("job_id", Text),
        sa.Column("provider", Text),
        sa.Column("provider_ref", Text),
        sa.Column("attempts", Integer, nullable=False, server_default="0"),
        sa.Column("first_tried_at", Instant),
        sa.Column("next_try_at", Instant),
        sa.Column("lease_until", Instant),
        sa.Column("checks", Integer, nullable=False, server_default="0"),
    )
    _index("messages_by_customer", "messages", ["customer_id", "id"])
    _index("messages_by_job", "messages", ["job_id", "state"], "job_id IS NOT NULL")
    _index("messages_by_reference", "messages", ["provider", "provider_ref"], "provider_ref IS NOT NULL", unique=True)
    _index("messages_by_rank", "messages", ["rank", "id"])
    _index("messages_due", "messages", ["next_try_at", "id"], "state = 'queued'")
    _index("messages_leased", "messages", ["lease_until"], "state = 'sending'")
    _index("messages_lost", "messages", ["next_try_at"], "state = 'unknown'")
    _index("messages_open_by_address", "messages", ["address", "id"], "rank < 3")
    _index("messages_sent_by_address", "messages", ["address", "id"], "direction = 'outgoing'")
    _index("messages_unmatched", "messages", ["address"], "customer_id IS NULL")


def _audiences() -> None:
    op.create_table(
        "audiences",
        sa.Column("id", Text, primary_key=True),
        sa.Column("created_by", Text, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("channel", Text, nullable=False),
        sa.Column("source", Text, nullable=False),
        sa.Column("text", Text, nullable=False),
        sa.Column("template_id", Text),
        sa.Column("ready", Boolean, nullable=False),
        sa.Column("summary", Text),
        sa.Column("job_id", Text),
    )
    _index("audiences_by_age", "audiences", ["created_at"])
    _index("audiences_by_job", "audiences", ["job_id"])
    op.create_table(
        "ledger",
        sa.Column("audience_id", Text, primary_key=True),
        sa.Column("seq", Integer, primary_key=True),
        sa.Column("customer_id", Text, nullable=False),
        sa.Column("address", Text),
        sa.Column("body", Text),
        sa.Column("reason", Text),
        sa.Column("message_id", Text),
    )


def _templates_and_consent() -> None:
    op.create_table(
        "templates",
        sa.Column("id", Text, primary_key=True),
        sa.Column("name", Text, nullable=False),
        sa.Column("name_key", Text, nullable=False, unique=True),
        sa.Column("channel", Text, nullable=False),
        sa.Column("body", Text, nullable=False),
        sa.Column("group_ids", Text, nullable=False),
        sa.Column("version", Integer, nullable=False),
        sa.Column("created_by", Text, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
    )
    op.create_table(
        "consent",
        sa.Column("channel", Text, primary_key=True),
        sa.Column("address", Text, primary_key=True),
        sa.Column("state", Text, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("how", Text, nullable=False),
        sa.Column("evidence", Text),
        sa.Column("changed_by", Text),
    )


def _copies() -> None:
    op.create_table(
        "customers",
        sa.Column("id", Text, primary_key=True),
        sa.Column("version", Integer, nullable=False),
        sa.Column("enabled", Boolean, nullable=False),
        sa.Column("address", Text),
        sa.Column("problem", Text),
        sa.Column("document", Text, nullable=False),
    )
    op.create_table(
        "customer_numbers",
        sa.Column("number", Text, primary_key=True),
        sa.Column("customer_id", Text, primary_key=True),
    )
    _index("customer_numbers_by_customer", "customer_numbers", ["customer_id"])
    op.create_table(
        "customer_groups",
        sa.Column("customer_id", Text, primary_key=True),
        sa.Column("group_id", Text, primary_key=True),
    )
    op.create_table(
        "definitions",
        sa.Column("key", Text, primary_key=True),
        sa.Column("version", Integer, nullable=False),
        sa.Column("document", Text, nullable=False),
    )


def _sandbox() -> None:
    op.create_table(
        "sandbox_messages",
        sa.Column("id", Text, primary_key=True),
        sa.Column("phone", Text, nullable=False),
        sa.Column("direction", Text, nullable=False),
        sa.Column("body", Text, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("state", Text, nullable=False),
    )
    _index("sandbox_by_phone", "sandbox_messages", ["phone", "id"])
    _index("sandbox_on_its_way", "sandbox_messages", ["at"], "state = 'sent'")
    _index("sandbox_by_age", "sandbox_messages", ["at"])
