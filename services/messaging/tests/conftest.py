"""Messaging standing alone, with hand-written peers: customers and search over a handful of documents."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from fastapi import FastAPI, Request, Response

from rapport_chassis.service import run_worker
from rapport_contracts import topics
from rapport_messaging.bootstrap import SERVICE
from rapport_testkit.service import Standing, running


def make_customer(customer_id: str, mobile: str | None = None, **fields: Any) -> dict[str, Any]:
    """A customer document."""
    contacts = [{"kind": "mobile", "value": mobile, "e164": mobile, "primary": True}] if mobile else []
    usual = {
        "kind": "person",
        "first_name": customer_id.title(),
        "groups": ["g1"],
        "contacts": contacts,
        "enabled": True,
    }
    at = {"created_at": "2026-01-01T00:00:00Z", "created_by": "u", "updated_at": "2026-01-01T00:00:00Z"}
    return {"id": customer_id, "version": 1} | usual | at | fields


class World:
    """The customers that there are, as the customers and search services would answer for them."""

    def __init__(self) -> None:
        self.documents: dict[str, dict[str, Any]] = {}
        self.hidden: set[str] = set()
        self.scanned: list[Any] = []
        self.refusal: dict[str, Any] | None = None
        self.away = 0  # how many calls find nobody at home

    def visible(self, ids: list[str]) -> list[dict[str, Any]]:
        return [self.documents[one] for one in ids if one in self.documents and one not in self.hidden]

    def apps(self) -> dict[str, FastAPI]:
        customers, search = FastAPI(), FastAPI()

        @customers.post("/internal/customers/visible")
        async def visible(request: Request) -> Any:
            ids = (await request.json())["ids"]
            assert len(ids) <= 100
            if self.away:
                self.away -= 1
                return Response(b"{}", 503)
            if "refused" in ids:
                return Response(orjson.dumps({"code": "validation_failed", "detail": "what is this?"}), 422)
            return {"items": [{"id": one["id"]} for one in self.visible(ids)]}

        @customers.post("/customers:batch-get")
        async def batch_get(request: Request) -> Any:
            return {"items": self.visible((await request.json())["ids"])}

        @search.post("/customers:scan")
        async def scan(request: Request) -> Response:
            self.scanned.append((await request.json())["query"])
            if self.refusal:
                return Response(orjson.dumps(self.refusal), 422)
            lines = b"".join(orjson.dumps({"id": one["id"]}) + b"\n" for one in self.visible(list(self.documents)))
            return Response(lines, media_type="application/x-ndjson")

        @search.post("/customers:search")
        async def ask(request: Request) -> Response:
            said = await request.json()
            assert (said["limit"], said["count"]) == (0, False)  # only whether it can be asked
            return Response(orjson.dumps(self.refusal or {}), 422 if self.refusal else 200)

        return {"customers": customers, "search": search}


class Desk:
    """A running service and what tests do with it."""

    def __init__(self, standing: Standing, world: World) -> None:
        self.standing = standing
        self.world = world
        self.db = standing.runtime.db
        self.http = standing.client()

    async def know(self, *documents: dict[str, Any]) -> None:
        """These customers exist, and messaging has heard of them."""
        for document in documents:
            self.world.documents[document["id"]] = document
            await self.standing.publish(topics.CUSTOMERS, document["id"], document)
        await self.drain()

    async def drain(self) -> None:
        """Let the consumers read what there is."""
        for loop in self.standing.loops:
            while await loop.once():
                pass

    @contextlib.asynccontextmanager
    async def working(self):
        """With the worker: jobs run, messages are sent, phones ring."""
        task = asyncio.create_task(run_worker(self.standing.runtime, self.standing.worker))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def messages(self, **query: Any) -> list[dict[str, Any]]:
        """GET /messages."""
        answer = await self.http.get("/messages", params=query | {"limit": 500})
        assert answer.status_code == 200, answer.text
        return answer.json()["items"]

    async def send(self, **body: Any) -> str:
        """POST /messages; the job's id."""
        answer = await self.http.post("/messages", json={"channel": "sms"} | body)
        assert answer.status_code == 202, answer.text
        assert answer.headers["location"] == f"/api/v1/jobs/{answer.json()['id']}"
        return answer.json()["id"]

    async def job(self, job_id: str) -> dict[str, Any]:
        """GET /jobs/{id}."""
        return (await self.http.get(f"/jobs/{job_id}")).json()

    async def ended(self, job_id: str, seconds: float = 60) -> dict[str, Any]:
        """The job, once it has ended."""
        await wait_until(lambda: self._over(job_id), seconds)
        return await self.job(job_id)

    async def _over(self, job_id: str) -> bool:
        return (await self.job(job_id))["state"] in ("done", "failed", "cancelled")


async def wait_until(condition: Callable[[], Awaitable[bool]], seconds: float = 60) -> None:
    """Wait for `condition`."""
    end = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < end, "it did not come to pass"
        await asyncio.sleep(0.03)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def desk(tmp_path: Path, world: World):
    async with running(SERVICE, tmp_path, peers=world.apps()) as standing:
        yield Desk(standing, world)


@pytest.fixture
def customer():
    """`customer(id, mobile, **fields)`: a document."""
    return make_customer


@pytest.fixture
def until():
    """`await until(condition, seconds)`."""
    return wait_until


@pytest.fixture
def make_desk() -> type[Desk]:
    """For tests that start the service their own way."""
    return Desk
