"""Migrations run once, whoever comes first, and give what the tables say."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, inspect

from rapport_chassis import migrate as migrating
from rapport_chassis.db import open_database
from rapport_chassis.migrate import migrate
from rapport_chassis.tables import chassis_tables

FIRST = """
from alembic import op
from rapport_chassis.migrate import create_chassis_tables
revision = "0001"
down_revision = None
def upgrade():
    create_chassis_tables(op.get_bind())
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    versions = tmp_path / "made_migrations" / "versions"
    versions.mkdir(parents=True)
    (versions.parent / "__init__.py").write_text("")
    (versions / "0001_first.py").write_text(FIRST)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "made_migrations", raising=False)
    return "made_migrations"


async def test_two_processes_migrate_once_and_the_tables_are_there(tmp_path: Path, package: str) -> None:
    metadata = MetaData()
    chassis_tables(metadata)
    databases = [open_database(f"sqlite:///{tmp_path / 'a.sqlite'}", metadata) for _ in range(2)]
    for db in databases:
        await db.start()
        await migrate(db, package)

    def found(conn: Any) -> set[str]:
        return set(inspect(conn).get_table_names())

    assert await databases[1].read(found) == set(metadata.tables) | {"alembic_version"}
    for db in databases:
        await db.close()


async def test_a_database_that_has_the_newest_version_is_not_migrated_again(
    tmp_path: Path, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """G6, P13: a start that finds nothing new is quick."""
    metadata = MetaData()
    chassis_tables(metadata)
    db = open_database(f"sqlite:///{tmp_path / 'a.sqlite'}", metadata)
    await db.start()
    await migrate(db, package)
    again: list[str] = []
    monkeypatch.setattr(migrating, "_upgrade", lambda _tx, package: again.append(package))
    await migrate(db, package)
    assert again == []
    newer = FIRST.replace('"0001"', '"0002"').replace("None", '"0001"')
    (tmp_path / "made_migrations" / "versions" / "0002_more.py").write_text(newer)
    await migrate(db, package)
    assert again == [package]
    await db.close()
