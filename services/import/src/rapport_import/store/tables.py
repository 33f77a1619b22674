"""The tables: imports with their frozen plans, the batches of runs, wrong rows, and copies of definitions."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text

from rapport_chassis.tables import Instant, Json, chassis_tables

METADATA: Final = MetaData()
CHASSIS: Final = chassis_tables(METADATA)

OUTCOMES: Final = ("created", "changed", "unchanged", "skipped", "ambiguous", "failed")

imports = Table(
    "imports",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("file_name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("format", Text, nullable=False),
    Column("encoding", Text),
    Column("delimiter", Text),
    Column("sheets", Json, nullable=False),  # what was found in each; its row file is `rows/<revision>/<place>`
    Column("revision", Integer, nullable=False),  # a number of its own for each reading of the file
    Column("settings", Json),
    Column("plan", Json),  # frozen by the first run, with what its batches say
    Column("job_id", Text),
    Column("total", BigInteger),
    Column("started_at", Instant),
    Column("swept", Integer, nullable=False, server_default="0"),  # how much of its files is gone: `sweeping.Swept`
    Column("created_by", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("version", Integer, nullable=False),
    Index("imports_by_creator", "created_by", "id"),
    Index("imports_unswept", "swept", "id"),
    Index("imports_by_job", "job_id"),
)

run_batches = Table(
    "run_batches",
    METADATA,
    Column("import_id", Text, primary_key=True),
    Column("batch", Integer, primary_key=True),
    Column("read", Integer, nullable=False),
    Column("submitted_at", Instant, nullable=False),
    Column("answered_at", Instant),
    *(Column(outcome, Integer, nullable=False, server_default="0") for outcome in OUTCOMES),
    Column("positions", Json),
    Index("run_batches_outstanding", "import_id", "answered_at"),
)

run_problems = Table(
    "run_problems",
    METADATA,
    Column("import_id", Text, primary_key=True),
    Column("row", Integer, primary_key=True),
    Column("outcome", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("reason", Text, nullable=False),
)

definitions = Table(
    "definitions",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("type", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("document", Json, nullable=False),
)

remembered_mappings = Table(
    "remembered_mappings",
    METADATA,
    Column("headers", Text, primary_key=True),  # a digest of the normalised headers
    Column("columns", Json, nullable=False),  # [[column, target | null], …]
    Column("updated_at", Instant, nullable=False),
)

uploads = Table(
    "uploads",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("at", Instant, nullable=False),
)
