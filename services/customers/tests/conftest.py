"""A customers service standing alone, and a database with its tables."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from sqlalchemy import text

from rapport_chassis.db import Database
from rapport_contracts import topics
from rapport_customers.application.create_customer import create_customer
from rapport_customers.application.edit_fields import create_field
from rapport_customers.application.edit_groups import create_group
from rapport_customers.application.read_customers import list_customers
from rapport_customers.application.write_import_batch import write_batch
from rapport_customers.bootstrap import SERVICE
from rapport_customers.store.tables import metadata
from rapport_testkit.customers import caller, import_batch, import_rows
from rapport_testkit.databases import opened
from rapport_testkit.service import Standing, running


@dataclass
class Api:
    """The service's HTTP API with the few calls that every test makes."""

    it: Standing
    http: httpx.AsyncClient

    async def post(self, path: str, body: Any = None, status: int = 201) -> dict[str, Any]:
        answer = await self.http.post(path, json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def get(self, path: str, status: int = 200, **params: Any) -> dict[str, Any]:
        answer = await self.http.get(path, params=params)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def patch(self, path: str, version: int, body: Any, status: int = 200) -> dict[str, Any]:
        answer = await self.http.patch(path, json=body, headers={"if-match": f'"{version}"'})
        assert answer.status_code == status, answer.text
        return answer.json()

    async def delete(self, path: str, version: int, status: int = 204, **params: Any) -> dict[str, Any]:
        answer = await self.http.delete(path, params=params, headers={"if-match": f'"{version}"'})
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else {}

    async def group(self, name: str = "Friends", parent_id: str | None = None) -> str:
        return (await self.post("/groups", {"name": name, "parent_id": parent_id}))["id"]

    async def field(self, title: str = "Notes", type_: str = "text", **said: Any) -> str:
        body = {"title": title, "type": type_, "section_id": "general", **said}
        return (await self.post("/custom-fields", body))["id"]

    async def as_user(self, user: str, grants: list[str], groups: list[dict[str, Any]] | None) -> Api:
        """The API as a user with these permissions and group accesses."""
        await self.it.drain()
        await self.it.user(user, grants, groups)
        return Api(self.it, self.it.client(user))

    async def facts(self) -> list[dict[str, Any]]:
        """What was said on customers.events.v1: the type's last word and the data."""
        await self.it.drain()
        said = await self.it.read(topics.CUSTOMER_EVENTS)
        return [{"fact": one["type"].rpartition(".")[2], **one["data"]} for one in said]


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    async with running(SERVICE, tmp_path) as it:
        yield Api(it, it.client())


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    async with opened("customers", metadata, SERVICE.migrations, tmp_path) as database:
        yield database


MASTER = caller()
COLUMNS = ("first_name", "last_name", "mobile", "email", "city")


class World:
    """A database with one group, and the few things that every test does."""

    def __init__(self, db: Database, group: str) -> None:
        self.db = db
        self.group = group

    async def run(
        self, *rows: Any, columns: Sequence[str] = COLUMNS, by: Any = MASTER, first: int = 2, **said: Any
    ) -> list[Any]:
        """Write one batch and give its results: `[row, outcome, customer, reason]`."""
        batch = import_batch(*said.pop("groups", [self.group]), **said)
        await self.db.write(write_batch, batch, import_rows(columns, *rows, first=first), by)
        return await self.results()

    async def results(self) -> list[Any]:
        said = await self.rows("SELECT data FROM outbox WHERE topic = 'imports.results.v1' ORDER BY id")
        return orjson.loads(said[-1][0])["rows"] if said else []

    async def rows(self, sql: str) -> list[Any]:
        return await self.db.read(lambda conn: list(conn.execute(text(sql))))

    async def customers(self) -> list[dict[str, Any]]:
        """All customers, oldest first."""
        return (await self.db.read(list_customers, MASTER, None, 500))[::-1]

    async def customer(self, **said: Any) -> dict[str, Any]:
        body = {"first_name": "Reza", "groups": [self.group], **said}
        return await self.db.write(create_customer, MASTER, "IR", "person", body)

    async def field(self, title: str, type_: str = "text", **said: Any) -> str:
        values = {"title": title, "field_type": type_, "section_id": "general", **said}
        return (await self.db.write(create_field, MASTER, values)).id


@pytest.fixture
async def world(db: Database) -> World:
    return World(db, (await db.write(create_group, MASTER, "Imported", None, None)).id)
