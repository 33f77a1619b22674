"""Search's tables."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text

from rapport_chassis.tables import Instant, Json, chassis_tables

metadata = MetaData()
chassis_tables(metadata)

indexes = Table(
    "indexes",
    metadata,
    Column("name", Text, primary_key=True),
    Column("state", Text, nullable=False),  # filling, serving, retired
    Column("job_id", Text),  # of the reindex that fills it
    Column("reached", Instant),  # the time of the newest record it holds
    Column("created_at", Instant, nullable=False),
    Column("retired_at", Instant),
)

installation = Table(
    "installation",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),  # 1: there is one row
    Column("id", Text, nullable=False),
)

filters = Table(
    "filters",
    metadata,
    Column("id", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("query", Json),
    Column("columns", Json, nullable=False),
    Column("sort", Json, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Index("filters_by_owner", "owner", "name_key", unique=True),
)

filter_shares = Table(
    "filter_shares",
    metadata,
    Column("role_id", Text, primary_key=True),
    Column("filter_id", Text, primary_key=True),
    Index("filter_shares_by_filter", "filter_id"),
)

views = Table(
    "views",
    metadata,
    Column("user_id", Text, primary_key=True),
    Column("customer_id", Text, primary_key=True),
    Column("at", Instant, nullable=False),
    Index("views_by_age", "user_id", "at"),
)

sweeps = Table(
    "sweeps",
    metadata,
    Column("index_name", Text, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("checked", BigInteger, nullable=False),
    Column("lost", BigInteger, nullable=False),
    Column("stale", BigInteger, nullable=False),
    Column("extra", BigInteger, nullable=False),
)
