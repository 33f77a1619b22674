"""Both databases under the suite that every adapter passes."""

from pathlib import Path

import pytest

pytest.register_assert_rewrite("rapport_testkit.db_conformance")

from rapport_testkit.databases import new_database  # noqa: E402
from rapport_testkit.db_conformance import DatabaseConformance  # noqa: E402  once its asserts are rewritten


class TestSqlite(DatabaseConformance):
    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path / 'a.sqlite'}"


class TestPostgres(DatabaseConformance):
    @pytest.fixture
    def url(self) -> str:
        return new_database()
