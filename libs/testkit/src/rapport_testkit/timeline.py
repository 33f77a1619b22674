"""What other services tell logging, and how a test looks at a timeline; the customers service played by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
from fastapi import FastAPI, Request
from sqlalchemy import text

from rapport_chassis.clock import SetClock
from rapport_chassis.db import Tx
from rapport_chassis.peers import IDENTITY_HEADER
from rapport_chassis.signing import Signer
from rapport_contracts import topics
from rapport_testkit.service import KEY, Standing

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


@dataclass
class CustomersFake:
    """Everybody sees every customer but the hidden ones; `only` names what a user sees instead."""

    hidden: set[str] = field(default_factory=set)
    only: dict[str, set[str]] = field(default_factory=dict)
    asked: list[list[str]] = field(default_factory=list)
    clock: SetClock = field(default_factory=lambda: SetClock(NOW))

    def app(self) -> FastAPI:
        """The service's one route that logging asks."""
        app = FastAPI()

        @app.post("/internal/customers/visible")
        async def visible(request: Request) -> dict[str, Any]:
            ids = (await request.json())["ids"]
            assert len(ids) <= 100
            self.asked.append(ids)
            user = Signer(KEY, self.clock).verify(request.headers[IDENTITY_HEADER])["sub"]
            seen = self.only.get(user)
            return {"items": [{"id": one} for one in ids if one not in self.hidden and (seen is None or one in seen)]}

        return app


async def fact(
    it: Standing, what: str, customer: str, *, event_id: str | None = None, arrive: bool = True, **data: Any
) -> None:
    """Publish a fact about one customer, as customers does, and let it arrive (unless more follow)."""
    body = {"customer_id": customer, "by": "master", "via": "form"} | data
    await it.publish(topics.CUSTOMER_EVENTS, customer, body, type_=f"customers.customer.{what}", event_id=event_id)
    if arrive:
        await it.drain()


async def imported(
    it: Standing, created: list[str], *, batch: int = 0, groups: dict[str, list[str]] | None = None
) -> None:
    """Publish one batch of an import, and let it arrive."""
    body = {"import_id": "i1", "run_id": "r1", "batch": batch, "by": "master", "created": created, "changed": []}
    body["groups"] = groups or {}
    await it.publish(topics.CUSTOMER_EVENTS, "r1", body, type_="customers.customers.imported")
    await it.drain()


async def message(it: Standing, id_: str, version: int, *, arrive: bool = True, **fields: Any) -> None:
    """Publish the state of a message, as messaging does, and let it arrive (unless more follow)."""
    document = {
        "id": id_,
        "version": version,
        "channel": "sms",
        "direction": "outgoing",
        "customer_id": "c1",
        "address": "+989120000000",
        "body": "Your order is ready",
        "state": "queued",
        "reason": None,
        "at": "2026-11-22T09:30:00Z",
        "created_at": "2026-11-22T09:29:00Z",
        "by": "master",
        "job_id": None,
    }
    await it.publish(topics.MESSAGES, id_, document | fields)
    if arrive:
        await it.drain()


async def timeline(client: httpx.AsyncClient, customer: str = "c1", **query: Any) -> list[dict[str, Any]]:
    """The first page of a customer's timeline."""
    answer = await client.get(f"/customers/{customer}/timeline", params=query)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def note(client: httpx.AsyncClient, *words: str, said: str = "Called back", **more: Any) -> httpx.Response:
    """Write an entry by hand, with these tags."""
    body = {"customer_ids": ["c1"], "actions": [{"text": said, "tags": list(words)}]} | more
    return await client.post("/log-entries", json=body)


async def sql(it: Standing, statement: str, **values: Any) -> list[Any]:
    """Raw SQL, as somebody with the file in hands would run it."""

    def run(tx: Tx) -> list[Any]:
        result = tx.conn.execute(text(statement), values)
        return list(result) if result.returns_rows else []

    return await it.runtime.db.write(run)
