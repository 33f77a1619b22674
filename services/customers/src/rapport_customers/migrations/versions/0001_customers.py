"""The first tables of customers, and the built-in sections of custom fields (C4)."""

from __future__ import annotations

import time

import orjson
import sqlalchemy as sa
from alembic import op

from rapport_chassis.migrate import create_chassis_tables
from rapport_chassis.tables import Instant, Json, Serial

revision = "0001"
down_revision = None

_SECTIONS = {"general": "General", "contact": "Contact", "location": "Location", "other": "Other"}


def upgrade() -> None:
    create_chassis_tables(op.get_bind())
    _customers()
    _past()
    op.create_table(
        "definitions",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("removed", sa.Boolean, nullable=False),
        sa.Column("document", Json, nullable=False),
    )
    op.create_table(
        "locks",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("revision", sa.Text, nullable=False),
    )
    _first_rows()


def _customers() -> None:
    op.create_table(
        "customers",
        sa.Column("number", Serial, primary_key=True, autoincrement=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("enabled", sa.Boolean, nullable=False),
        sa.Column("display_name", sa.Text, nullable=False),
        sa.Column("via", sa.Text, nullable=False),
        sa.Column("document", Json, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "match_keys",
        sa.Column("key", sa.BigInteger, primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "fresh_keys",
        sa.Column("number", Serial, primary_key=True, autoincrement=False),
        sa.Column("hashes", Json, nullable=False),
    )
    op.create_table(
        "customer_groups",
        sa.Column("number", sa.BigInteger, primary_key=True),
        sa.Column("group_id", sa.Text, primary_key=True),
        sa.Index("customers_of_group", "group_id", "number"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "organization_links",
        sa.Column("organization_id", sa.Text, primary_key=True),
        sa.Column("person_id", sa.Text, primary_key=True),
        sa.Column("position", sa.Text),
        sqlite_with_rowid=False,
    )


def _past() -> None:
    op.create_table(
        "history",
        sa.Column("customer_id", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("via", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("changes", Json, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "before_images",
        sa.Column("customer_id", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("document", Json, nullable=False),
        sa.Index("before_images_by_age", "at"),
    )
    op.create_table(
        "import_batches",
        sa.Column("run_id", sa.Text, primary_key=True),
        sa.Column("first_row", sa.BigInteger, primary_key=True),
        sa.Column("last_row", sa.BigInteger, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sqlite_with_rowid=False,
    )


def _first_rows() -> None:
    text = sa.Text
    locks = sa.table("locks", sa.column("name", text), sa.column("revision", text))
    op.bulk_insert(locks, [{"name": name, "revision": "first"} for name in ("definitions", "matching")])
    documents = {
        f"section:{id_}": {
            "type": "section", "id": id_, "title": title, "position": position,
            "built_in": True, "version": 1, "removed": False,
        }
        for position, (id_, title) in enumerate(_SECTIONS.items())
    }  # fmt: skip
    definitions = sa.table(
        "definitions",
        sa.column("key", text),
        sa.column("version", sa.Integer),
        sa.column("removed", sa.Boolean),
        sa.column("document", text),
    )
    rows = [
        {"key": key, "version": 1, "removed": False, "document": orjson.dumps(document).decode()}
        for key, document in documents.items()
    ]
    op.bulk_insert(definitions, rows)
    outbox = sa.table("outbox", sa.column("topic", text), sa.column("keys", text), sa.column("at", sa.BigInteger))
    keys = orjson.dumps(list(documents)).decode()
    op.bulk_insert(outbox, [{"topic": "customers.definitions.v1", "keys": keys, "at": time.time_ns() // 1000}])
