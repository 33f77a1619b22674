"""The tables of customers: documents as JSON, and narrow key tables beside them for what is looked up."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, Table, Text

from rapport_chassis.tables import Instant, Json, Serial, chassis_tables

metadata: Final = MetaData()
chassis: Final = chassis_tables(metadata)

customers: Final = Table(
    "customers",
    metadata,
    Column("number", Serial, primary_key=True, autoincrement=True),  # short, for the tables that look customers up
    Column("id", Text, nullable=False, unique=True),
    Column("version", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("display_name", Text, nullable=False),
    Column("via", Text, nullable=False),  # by which means it was created: what began its history
    Column("document", Json, nullable=False),
    sqlite_autoincrement=True,
)
match_keys: Final = Table(
    "match_keys",
    metadata,
    Column("key", BigInteger, primary_key=True),  # 64 bits for field and key: a quarter of the pages
    Column("number", BigInteger, primary_key=True),
    sqlite_with_rowid=False,
)
fresh_keys: Final = Table(
    "fresh_keys",  # match keys of many new customers, in the order they came, until `matching.settle`
    metadata,
    Column("number", Serial, primary_key=True, autoincrement=False),
    Column("hashes", Json, nullable=False),
)
customer_groups: Final = Table(
    "customer_groups",
    metadata,
    Column("number", BigInteger, primary_key=True),
    Column("group_id", Text, primary_key=True),
    Index("customers_of_group", "group_id", "number"),
    sqlite_with_rowid=False,
)
organization_links: Final = Table(
    "organization_links",
    metadata,
    Column("organization_id", Text, primary_key=True),
    Column("person_id", Text, primary_key=True),
    Column("position", Text),
    sqlite_with_rowid=False,
)
history: Final = Table(
    "history",  # from version 2 on: the creation is the customer's own row
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("via", Text, nullable=False),
    Column("action", Text, nullable=False),  # changed, enabled, disabled
    Column("changes", Json, nullable=False),  # [[field, from, to], …]
    sqlite_with_rowid=False,
)
before_images: Final = Table(
    "before_images",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("version", Integer, primary_key=True),  # of the document in it
    Column("at", Instant, nullable=False),  # when it was replaced
    Column("document", Json, nullable=False),
    Index("before_images_by_age", "at"),
)
import_batches: Final = Table(
    "import_batches",  # which rows of a run are written
    metadata,
    Column("run_id", Text, primary_key=True),
    Column("first_row", BigInteger, primary_key=True),
    Column("last_row", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    sqlite_with_rowid=False,
)
definitions: Final = Table(
    "definitions",
    metadata,
    Column("key", Text, primary_key=True),  # `group:<id>`, `section:<id>`, `field:<id>`, `list:<name>`
    Column("version", Integer, nullable=False),
    Column("removed", Boolean, nullable=False),
    Column("document", Json, nullable=False),
)
locks: Final = Table(
    "locks",
    metadata,
    Column("name", Text, primary_key=True),  # definitions, matching: rows that transactions queue at
    Column("revision", Text, nullable=False),
)
