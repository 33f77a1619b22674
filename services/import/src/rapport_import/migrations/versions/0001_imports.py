"""Imports, run batches, wrong rows, definitions, remembered mappings, uploads."""

import sqlalchemy as sa
from alembic import op

from rapport_chassis.migrate import create_chassis_tables

revision = "0001"
down_revision = None

OUTCOMES = ("created", "changed", "unchanged", "skipped", "ambiguous", "failed")


def upgrade() -> None:
    create_chassis_tables(op.get_bind())
    op.create_table(
        "imports",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("file_name", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("format", sa.Text, nullable=False),
        sa.Column("encoding", sa.Text),
        sa.Column("delimiter", sa.Text),
        sa.Column("sheets", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("settings", sa.Text),
        sa.Column("plan", sa.Text),
        sa.Column("job_id", sa.Text),
        sa.Column("total", sa.BigInteger),
        sa.Column("started_at", sa.BigInteger),
        sa.Column("swept", sa.Integer, nullable=False, server_default="0"),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index("imports_by_creator", "imports", ["created_by", "id"])
    op.create_index("imports_unswept", "imports", ["swept", "id"])
    op.create_index("imports_by_job", "imports", ["job_id"])
    op.create_table(
        "run_batches",
        sa.Column("import_id", sa.Text, primary_key=True),
        sa.Column("batch", sa.Integer, primary_key=True),
        sa.Column("read", sa.Integer, nullable=False),
        sa.Column("submitted_at", sa.BigInteger, nullable=False),
        sa.Column("answered_at", sa.BigInteger),
        *(sa.Column(outcome, sa.Integer, nullable=False, server_default="0") for outcome in OUTCOMES),
        sa.Column("positions", sa.Text),
    )
    op.create_index("run_batches_outstanding", "run_batches", ["import_id", "answered_at"])
    op.create_table(
        "run_problems",
        sa.Column("import_id", sa.Text, primary_key=True),
        sa.Column("row", sa.Integer, primary_key=True),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_table(
        "definitions",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
    )
    op.create_table(
        "remembered_mappings",
        sa.Column("headers", sa.Text, primary_key=True),
        sa.Column("columns", sa.Text, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "uploads",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
