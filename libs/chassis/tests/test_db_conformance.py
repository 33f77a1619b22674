"""Both databases under the suite that every adapter passes."""

import asyncio
from pathlib import Path

import pytest

from rapport_chassis.db import Database, Tx
from rapport_testkit.databases import new_database
from rapport_testkit.db_conformance import DatabaseConformance, add


class TestSqlite(DatabaseConformance):
    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path / 'a.sqlite'}"


class TestPostgres(DatabaseConformance):
    @pytest.fixture
    def url(self) -> str:
        return new_database()

    async def test_a_quiet_commit_is_not_told_to_other_processes(self, db: Database, other: Database) -> None:
        def quietly(tx: Tx) -> None:
            tx.quiet = True
            add(tx, "a")

        await asyncio.sleep(0.3)
        seen = other.changed.count
        await db.write(quietly)
        await asyncio.sleep(0.3)
        assert other.changed.count == seen
        await db.write(add, "b")
        assert await other.changed.wait(seen, 2)
