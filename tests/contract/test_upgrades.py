"""A rolling upgrade: the release before goes on, and starts again, on a database that the next release has expanded."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import inspect

import rapport_customers.migrations
from rapport_chassis.db import open_database
from rapport_chassis.migrate import is_new_enough, migrate, newest
from rapport_customers.bootstrap import SERVICE
from rapport_customers.store.tables import metadata
from rapport_testkit.customers import person_body
from rapport_testkit.databases import database_url
from rapport_testkit.service import running

_EXPANSION = """
import sqlalchemy as sa
from alembic import op
revision = "9999"
down_revision = "{before}"
def upgrade():
    op.add_column("customers", sa.Column("nickname", sa.Text))
    op.add_column("history", sa.Column("source", sa.Text, nullable=False, server_default="here"))
    op.create_index("customers_by_nickname", "customers", ["nickname"])
    op.create_table("nicknames", sa.Column("id", sa.Text, primary_key=True))
"""


@pytest.fixture
def next_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The migrations of the customers' next release: those of this one, and an expansion."""
    package = tmp_path / "next_customers_migrations"
    shutil.copytree(Path(str(rapport_customers.migrations.__file__)).parent, package)
    before = newest(SERVICE.migrations)
    (package / "versions" / "9999_expansion.py").write_text(_EXPANSION.format(before=before))
    monkeypatch.syspath_prepend(tmp_path)
    return package.name


async def test_the_release_before_goes_on_and_starts_again_on_an_expanded_schema(
    tmp_path: Path, next_release: str
) -> None:
    folder = tmp_path / "data"
    async with running(SERVICE, folder) as old:
        kept = await uses(old.client())
        await expand(folder, next_release)
        await changes(old.client(), kept)
        await uses(old.client())
        await old.drain()
    async with running(SERVICE, folder) as restarted:
        await changes(restarted.client(), kept)
        assert len((await restarted.client().get("/customers")).json()["items"]) == 2
        assert await restarted.runtime.db.read(is_new_enough, next_release)


async def uses(http: httpx.AsyncClient) -> str:
    """Makes a group and a customer in it; the customer's id."""
    group = (await http.post("/groups", json={"name": f"Group {id(http)}"})).json()["id"]
    made = await http.post("/customers", json=person_body(group))
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def changes(http: httpx.AsyncClient, customer: str) -> None:
    """Reads a customer, changes it, and reads its history."""
    found = await http.get(f"/customers/{customer}")
    body = {"last_name": f"Nr {found.json()['version']}"}
    changed = await http.patch(f"/customers/{customer}", json=body, headers={"if-match": found.headers["etag"]})
    assert changed.status_code == 200, changed.text
    history = (await http.get(f"/customers/{customer}/history")).json()["items"]
    assert len(history) == changed.json()["version"]


async def expand(folder: Path, package: str) -> None:
    """What a process of the next release does at its start."""
    url = database_url(SERVICE.name, metadata, SERVICE.migrations, folder)
    db = open_database(url, metadata)
    await db.start()
    await migrate(db, package)

    def columns(conn: Any) -> set[str]:
        return {column["name"] for column in inspect(conn).get_columns("customers")}

    assert "nickname" in await db.read(columns)
    await db.close()
