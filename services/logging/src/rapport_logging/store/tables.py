"""Logging's tables: entries and their links to customers, tags, the chains, and what entries said before."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, MetaData, Table, Text

from rapport_chassis.tables import Instant, Json, chassis_tables

metadata = MetaData()
chassis_tables(metadata)

entries = Table(
    "entries",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("occurred_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("recorded_by", Text),
    Column("version", Integer, nullable=False),
    Column("edited_version", Integer, nullable=False),  # the version of the last change that a person made
    Column("removed", Boolean, nullable=False),
    Column("natural_key", Text, unique=True),  # of system entries: what stops a producer's repeats
    Column("salt", LargeBinary),  # of the commitment; erased together with the content
    Column("text_key", Text, nullable=False),  # normalised, for the search in a timeline
    Column("description_key", Text, nullable=False),
    Column("description", Text),
    Column("described_by", Text),
    Column("described_at", Instant),
    Column("delivery", Json),
    Column("delivery_version", Integer, nullable=False),  # the message's version that `delivery` says; 0: none
    Column("actions", Json, nullable=False),  # [{"text", "tags": [id]}]
    Column("data", Json, nullable=False),
    Column("link", Json),
    Column("customer_ids", Json, nullable=False),  # the original ones, up to 500; last, for it may be long
)

# A timeline is one range of this table, newest at its end. Narrow: an import writes hundreds of thousands of rows.
entry_customers = Table(
    "entry_customers",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("occurred_at", Instant, primary_key=True),
    Column("entry_id", Text, primary_key=True),
    sqlite_with_rowid=False,
)

tags = Table(
    "tags",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("key", Text, unique=True),  # normalised; null once removed, so that the name is free again
    Column("sort", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("removed", Boolean, nullable=False),
    Column("replaced_by", Text),  # where the entries of a replaced tag went
    Column("created_by", Text),
    Column("created_at", Instant, nullable=False),
    Column("version", Integer, nullable=False),
    Index("tags_in_order", "sort", "id"),
)

entry_tags = Table(
    "entry_tags",
    metadata,
    Column("tag_id", Text, primary_key=True),
    Column("entry_id", Text, primary_key=True),
    Index("tags_of_entry", "entry_id"),
    sqlite_with_rowid=False,
)

entry_history = Table(
    "entry_history",
    metadata,
    Column("entry_id", Text, primary_key=True),
    Column("version", Integer, primary_key=True),  # the version that the change made
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("change", Text, nullable=False),  # edited, described, deleted
    Column("before", Json, nullable=False),  # {"occurred_at", "actions", "description"}
    sqlite_with_rowid=False,
)

chain_heads = Table(
    "chain_heads",
    metadata,
    Column("chain", Integer, primary_key=True, autoincrement=False),
    Column("length", Integer, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)

chain_links = Table(
    "chain_links",
    metadata,
    Column("chain", Integer, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("entry_id", Text, nullable=False, unique=True),
    Column("commitment", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)
