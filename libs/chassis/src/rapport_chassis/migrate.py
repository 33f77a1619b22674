"""Migrations at start: one alembic history a service, run under a lock, skipped in a millisecond when nothing is new."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData

from rapport_chassis.db import Database, Tx
from rapport_chassis.tables import chassis_tables


async def migrate(db: Database, package: str) -> None:
    """Bring the database to the newest version of `package` (its `versions/` folder); the write transaction is the lock."""
    await db.write(_upgrade, package)


def create_chassis_tables(connection: Connection) -> None:
    """For a service's first migration: the chassis's tables."""
    metadata = MetaData()
    chassis_tables(metadata)
    metadata.create_all(connection)


def _upgrade(tx: Tx, package: str) -> None:
    script = _script(package)
    context = MigrationContext.configure(tx.conn, opts={"script": script, "fn": _steps(script)})
    if set(context.get_current_heads()) == set(script.get_heads()):
        return
    with Operations.context(context):
        context.run_migrations()


def _steps(script: ScriptDirectory) -> Any:
    def steps(revision: Any, _context: MigrationContext) -> Any:
        return script._upgrade_revs("heads", revision)  # noqa: SLF001  what alembic's own `upgrade` command calls

    return steps


def _script(package: str) -> ScriptDirectory:
    origin = importlib.import_module(package).__file__
    if origin is None:
        raise LookupError(f"{package} has no folder")
    return ScriptDirectory(str(Path(origin).parent))
