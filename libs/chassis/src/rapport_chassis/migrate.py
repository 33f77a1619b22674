"""Migrations at start: one alembic history a service, run under a lock, skipped in a millisecond when nothing is new."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, MetaData, inspect, text

from rapport_chassis.db import Database, Tx
from rapport_chassis.dialects import queue_at
from rapport_chassis.tables import chassis_tables

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory


async def migrate(db: Database, package: str) -> None:
    """Bring the database to the newest version of `package` (its `versions/` folder); one process at a time.

    One that a newer release has migrated already stays as it is: an upgrade is under way (docs/architecture/upgrades.md).
    """
    if not await db.read(is_new_enough, package):
        await db.write(_upgrade, package)


def create_chassis_tables(connection: Connection) -> None:
    """For a service's first migration: the chassis's tables."""
    metadata = MetaData()
    chassis_tables(metadata)
    metadata.create_all(connection)
    if connection.dialect.name == "postgresql":  # compressing what is deleted in a moment takes longer than writing it
        for column in ("keys", "data"):
            connection.execute(text(f"ALTER TABLE outbox ALTER COLUMN {column} SET STORAGE EXTERNAL"))


def newest(package: str) -> str:
    """The newest version in the folder, by the names of its files: `NNNN_what.py`, numbered in their order."""
    return max(file.name for file in (_folder(package) / "versions").glob("[0-9]*.py")).partition("_")[0]


def is_new_enough(conn: Connection, package: str) -> bool:
    """Whether the database has the newest version of `package`, or a later one.

    Asked first, and without alembic: loading that takes longer and more memory than the rest of such a start.
    """
    if not inspect(conn).has_table("alembic_version"):
        return False
    found = conn.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    return len(found) == 1 and found[0] >= newest(package)


def _upgrade(tx: Tx, package: str) -> None:
    from alembic.migration import MigrationContext
    from alembic.operations import Operations

    queue_at(tx.conn, "migrations")
    if is_new_enough(tx.conn, package):
        return
    script = _script(package)
    context = MigrationContext.configure(tx.conn, opts={"script": script, "fn": _steps(script)})
    with Operations.context(context):
        context.run_migrations()


def _steps(script: ScriptDirectory) -> Any:
    def steps(revision: Any, _context: Any) -> Any:
        return script._upgrade_revs("heads", revision)  # noqa: SLF001  what alembic's own `upgrade` command calls

    return steps


def _script(package: str) -> ScriptDirectory:
    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(_folder(package)))


def _folder(package: str) -> Path:
    origin = importlib.import_module(package).__file__
    if origin is None:
        raise LookupError(f"{package} has no folder")
    return Path(origin).parent
