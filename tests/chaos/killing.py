"""What the reliability tests share: long or short form, a killer, a look into every store."""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from collections.abc import Set as AbstractSet
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg

from rapport_testkit.installation import Client, Installation, until

_CREATED = """
    SELECT l.customer_id FROM entry_customers l JOIN entries e ON e.id = l.entry_id WHERE e.kind = 'customer_created'
"""
LONG = os.environ.get("RAPPORT_CHAOS") == "long"
_PARTS = int(os.environ.get("RAPPORT_CHAOS_PARTS", "1"))


def size(short: int, long: int) -> int:
    """How much of it this run does: the short form's, or the long form's share when it is done in `RAPPORT_CHAOS_PARTS` runs."""
    return long // _PARTS if LONG else short


@dataclass
class Killer:
    """kill -9, the roles in turn, each time the process is ready again and the moment has come.

    The moment is 200 to 500 ms later, or what `moment` waits for.
    """

    installation: Installation
    kills: int
    roles: Sequence[str] = ("worker", "web", "follower", "indexer")
    moment: Callable[[], Awaitable[None]] | None = None
    done: int = 0
    _chance: random.Random = field(default_factory=lambda: random.Random(1))

    async def run(self) -> None:
        """Kill as often as asked."""
        while self.done < self.kills:
            role = self.roles[self.done % len(self.roles)]
            await self.installation.until_working(role)
            await (self.moment or self._a_while)()
            if await self.installation.kill(role) is not None:
                self.done += 1

    async def _a_while(self) -> None:
        await asyncio.sleep(self._chance.uniform(0.2, 0.5))


def rows(installation: Installation, store: str, sql: str, *values: Any) -> list[Any]:
    """Look into a store of the installation."""
    if installation.database_url:
        return _rows_on_the_server(installation.database_url.format(service=store), sql, values)
    path: Path = installation.data / f"{store}.sqlite"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as connection:
        return connection.execute(sql, values).fetchall()


def _rows_on_the_server(url: str, sql: str, values: Sequence[Any]) -> list[Any]:
    with psycopg.connect(url) as connection:
        return connection.execute(sql.replace("?", "%s").encode(), values or None).fetchall()


async def until_quiet(installation: Installation, client: Client, seconds: float = 120) -> None:
    """Wait until every outbox is empty and every consumer is at its end."""
    found: Any = None

    async def quiet() -> bool:
        nonlocal found
        try:
            answer = await client.call("GET", "/system")
        except httpx.HTTPError:
            return False
        if answer.status_code != 200:
            return False
        found = answer.json()
        return all(
            not service["outbox"]["rows"] and not any(one["lag"] for one in service["consumers"])
            for service in found["services"].values()
        )

    await until(quiet, seconds, lambda: str(found))


async def check_each_once(installation: Installation, client: Client, ids: AbstractSet[str]) -> None:
    """Customers, their creation in the timeline and the index hold exactly `ids`, once each, and nothing is parked."""
    assert {id_ for (id_,) in rows(installation, "customers", "SELECT id FROM customers")} == ids
    created = Counter(id_ for (id_,) in rows(installation, "logging", _CREATED))
    assert set(created) == ids
    assert set(created.values()) == {1}

    async def all_found() -> bool:
        answer = await client.post("/customers:search", {"query": {"all": []}, "count": True, "limit": 1})
        return bool(answer["count"] == len(ids))

    await until(all_found, 60)
    assert not (await client.get("/parked-messages"))["items"]


async def insist(client: Client, method: str, path: str, *, key: str, json: Any) -> httpx.Response:
    """Ask until there is an answer that is not the system's own trouble; the same Idempotency-Key every time."""
    while True:
        try:
            answer = await client.call(method, path, json=json, headers={"idempotency-key": key}, timeout=15)
        except httpx.HTTPError:
            await asyncio.sleep(0.05)
            continue
        if answer.status_code < 500 and answer.status_code != 429:
            return answer
        await asyncio.sleep(0.05)
