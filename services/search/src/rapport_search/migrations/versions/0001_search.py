"""Indexes, saved filters, views."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from rapport_chassis.migrate import create_chassis_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

Text, Integer, Instant = sa.Text, sa.Integer, sa.BigInteger


def upgrade() -> None:
    create_chassis_tables(op.get_bind())
    _indexes()
    _filters()
    _views()


def _indexes() -> None:
    op.create_table(
        "indexes",
        sa.Column("name", Text, primary_key=True),
        sa.Column("state", Text, nullable=False),
        sa.Column("job_id", Text),
        sa.Column("reached", Instant),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("retired_at", Instant),
    )
    counts = [sa.Column(name, sa.BigInteger, nullable=False) for name in ("checked", "lost", "stale", "extra")]
    op.create_table(
        "sweeps", sa.Column("index_name", Text, primary_key=True), sa.Column("at", Instant, nullable=False), *counts
    )


def _filters() -> None:
    op.create_table(
        "filters",
        sa.Column("id", Text, primary_key=True),
        sa.Column("owner", Text, nullable=False),
        sa.Column("name", Text, nullable=False),
        sa.Column("name_key", Text, nullable=False),
        sa.Column("query", Text),
        sa.Column("columns", Text, nullable=False),
        sa.Column("sort", Text, nullable=False),
        sa.Column("version", Integer, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
    )
    op.create_index("filters_by_owner", "filters", ["owner", "name_key"], unique=True)
    op.create_table(
        "filter_shares",
        sa.Column("role_id", Text, primary_key=True),
        sa.Column("filter_id", Text, primary_key=True),
    )
    op.create_index("filter_shares_by_filter", "filter_shares", ["filter_id"])


def _views() -> None:
    op.create_table(
        "views",
        sa.Column("user_id", Text, primary_key=True),
        sa.Column("customer_id", Text, primary_key=True),
        sa.Column("at", Instant, nullable=False),
    )
    op.create_index("views_by_age", "views", ["user_id", "at"])
