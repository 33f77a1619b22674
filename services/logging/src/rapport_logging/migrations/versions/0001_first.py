"""Entries, tags and the chains with their first heads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from rapport_chassis.migrate import create_chassis_tables
from rapport_logging.domain.chain import CHAINS, genesis

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_chassis_tables(op.get_bind())
    _entries()
    _tags()
    _chains()


def _entries() -> None:
    op.create_table(
        "entries",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("occurred_at", sa.BigInteger, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.Column("recorded_by", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("edited_version", sa.Integer, nullable=False),
        sa.Column("removed", sa.Boolean, nullable=False),
        sa.Column("natural_key", sa.Text, unique=True),
        sa.Column("salt", sa.LargeBinary),
        sa.Column("text_key", sa.Text, nullable=False),
        sa.Column("description_key", sa.Text, nullable=False),
        sa.Column("description", sa.Text),
        sa.Column("described_by", sa.Text),
        sa.Column("described_at", sa.BigInteger),
        sa.Column("delivery", sa.Text),
        sa.Column("delivery_version", sa.Integer, nullable=False),
        sa.Column("actions", sa.Text, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("link", sa.Text),
        sa.Column("customer_ids", sa.Text, nullable=False),
    )
    op.create_table(
        "entry_customers",
        sa.Column("customer_id", sa.Text, primary_key=True),
        sa.Column("occurred_at", sa.BigInteger, primary_key=True),
        sa.Column("entry_id", sa.Text, primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "entry_history",
        sa.Column("entry_id", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("change", sa.Text, nullable=False),
        sa.Column("before", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )


def _tags() -> None:
    op.create_table(
        "tags",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("key", sa.Text, unique=True),
        sa.Column("sort", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("removed", sa.Boolean, nullable=False),
        sa.Column("replaced_by", sa.Text),
        sa.Column("created_by", sa.Text),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index("tags_in_order", "tags", ["sort", "id"])
    op.create_table(
        "entry_tags",
        sa.Column("tag_id", sa.Text, primary_key=True),
        sa.Column("entry_id", sa.Text, primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_index("tags_of_entry", "entry_tags", ["entry_id"])


def _chains() -> None:
    heads = op.create_table(
        "chain_heads",
        sa.Column("chain", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("length", sa.Integer, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "chain_links",
        sa.Column("chain", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("entry_id", sa.Text, nullable=False, unique=True),
        sa.Column("commitment", sa.LargeBinary, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
    )
    op.bulk_insert(heads, [{"chain": chain, "length": 0, "hash": genesis(chain).hash} for chain in range(CHAINS)])
