"""A customers service standing alone, and a database in memory with its tables."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from rapport_chassis.clock import SystemClock
from rapport_chassis.db import Database, open_database
from rapport_chassis.migrate import migrate
from rapport_contracts import topics
from rapport_customers.bootstrap import SERVICE
from rapport_customers.store.tables import metadata
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
async def db() -> AsyncIterator[Database]:
    database = open_database("sqlite://", metadata, clock=SystemClock())
    await database.start()
    await migrate(database, SERVICE.migrations)
    yield database
    await database.close()
