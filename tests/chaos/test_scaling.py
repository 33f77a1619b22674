"""Two and three instances of customers, search, messaging and the gateway, killed and added under load: exact, and led in time.

They share PostgreSQL, Kafka, OpenSearch and S3, and nothing else. What is not scaled is beside the gateway, and in one worker.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from rapport_testkit.command import PASSWORD
from rapport_testkit.installation import Client, until
from rapport_testkit.leaders import leader
from rapport_testkit.people import generate, write_xlsx
from rapport_testkit.topology import engines_of
from rapport_testkit.twilio_server import TwilioServer
from tests.benchmarks.importing import upload
from tests.chaos.cluster import Cluster
from tests.chaos.killing import LONG, insist, size

SCALED = ("messaging", "customers", "search")
BESIDE = ("identity", "import", "logging")
ROWS = size(4_000, 20_000)
PEOPLE = size(60, 400)
ROUNDS = size(1, 5)
WRITERS = 4
MOVED_WITHIN = 5.0  # seconds, ADR 0092
_BUSY_MACHINE = 3.0
_ENTRIES = """
    SELECT l.customer_id FROM entry_customers l JOIN entries e ON e.id = l.entry_id WHERE e.kind = %s
"""
PACE = {
    "RAPPORT_RATE_USER": "0/0",
    "RAPPORT_RATE_ADDRESS": "0/0",
    "RAPPORT_SMS_PER_SECOND": "2",  # each worker
    "RAPPORT_SMS_LEASE_SECONDS": "9",
    "RAPPORT_SMS_SETTLE_SECONDS": "0.5",
    "RAPPORT_IDENTITY_KEY": "k" * 48,
    "RAPPORT_LOG_LEVEL": "INFO",
}
LOST = ("the session that listens was lost", "PostgreSQL is silent", "a job was interrupted")
"""What a process says that lost a lead or a lease while it lived: nobody may, however slow the machine."""


@pytest.fixture
async def twilio() -> AsyncIterator[TwilioServer]:
    async with TwilioServer(latency=0.3, callbacks=False) as server:
        yield server


@pytest.fixture
def cluster(tmp_path: Path, twilio: TwilioServer) -> Iterator[Cluster]:
    """Two of each that is scaled; everybody knows the port of a third."""
    one = Cluster(tmp_path, engines_of(tmp_path) | twilio.env() | PACE)
    for name in ("gateway", *SCALED):
        one.reserve(name, 3)
    try:
        for _ in range(2):
            one.start("gateway", *BESIDE, role="web")
            for name in SCALED:
                one.start(name, role="web")
                one.start(name, role="worker")
        one.start(*BESIDE, role="worker")
        yield one
    finally:
        one.stop()


@dataclass
class Load:
    """Everything that goes on while instances come and go."""

    cluster: Cluster
    clients: list[Client]
    group: str = ""
    made: list[str] = field(default_factory=list)
    over: bool = False

    async def write(self, writer: int, count: int | None = None) -> None:
        """Create `count` customers with a number, or any without one until it is over."""
        number = 0
        while number != count and not self.over:
            body: dict[str, Any] = {"kind": "person", "first_name": f"{writer}-{number}", "groups": [self.group]}
            if count:
                body["contacts"] = [{"kind": "mobile", "value": f"+98912{writer:03d}{number:04d}"}]
            key = f"scaling-{writer}-{number}-{count}"
            answer = await insist(self.clients[writer % 2], "POST", "/customers", key=key, json=body)
            assert answer.status_code == 201, answer.text
            self.made.append(answer.json()["id"])
            number += 1
            await asyncio.sleep(0.05)

    def rows(self, store: str, sql: str, *values: Any) -> list[Any]:
        """Look into a service's database."""
        with psycopg.connect(self.cluster.env["RAPPORT_DATABASE_URL"].format(service=store)) as connection:
            return connection.execute(sql.encode(), values or None).fetchall()

    async def found(self, count: int) -> bool:
        """Whether search finds just as many customers."""
        body = {"query": {"all": []}, "count": True, "limit": 1}
        answer = await self.clients[0].call("POST", "/customers:search", json=body)
        return answer.status_code == 200 and answer.json()["count"] == count

    async def copied(self, count: int) -> bool:
        """Whether messaging knows as many."""
        return self.rows("messaging", "SELECT count(*) FROM customers") == [(count,)]

    async def remembered(self, imported: int) -> bool:
        """Whether the timeline has an entry for each that was written, and for each imported."""
        kinds = {"customer_created": len(self.made), "imported": imported}
        return all(len(self.rows("logging", _ENTRIES, kind)) == count for kind, count in kinds.items())

    async def ended(self, job: str) -> bool:
        """Whether the job is done."""
        answer = await self.clients[0].call("GET", f"/jobs/{job}")
        return answer.status_code == 200 and answer.json()["state"] == "done"


@pytest.mark.timeout(3_600 if LONG else 400)
async def test_instances_killed_and_added_under_load_lose_and_double_nothing(
    cluster: Cluster, twilio: TwilioServer, tmp_path: Path
) -> None:
    began = time.monotonic()
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(signed_in(cluster, port)) for port in cluster.ports["gateway"][:2]]
        load = Load(cluster, clients)
        load.group = (await clients[0].post("/groups", {"name": "Everybody"}, expect=201))["id"]
        await asyncio.gather(*(load.write(writer, PEOPLE // WRITERS) for writer in range(WRITERS)))
        await until(lambda: load.found(PEOPLE), 90)
        await until(lambda: load.copied(PEOPLE), 90)
        import_id, _ = await upload(clients[0], workbook(tmp_path), mode="duplicate")
        ready = time.monotonic()

        writing = [asyncio.create_task(load.write(writer)) for writer in range(WRITERS)]
        body = {"channel": "sms", "audience": {"group": load.group}, "text": "hello"}
        sending = (await clients[0].post("/messages", body, expect=202))["id"]
        await until(lambda: some_sent(twilio), 60)
        importing = (await clients[0].post(f"/imports/{import_id}:run", expect=202))["id"]
        moved = await kill_and_add(load, import_id)
        load.over = True
        await asyncio.gather(*writing)
        for job in (sending, importing):
            await until(lambda job=job: load.ended(job), 900 if LONG else 120)
        imported = await check_exact(load, twilio, sending, importing)
    said = cluster.log.read_text()
    assert not cluster.ended(), said[-3_000:]
    assert not [line for line in said.splitlines() if any(lost in line for lost in LOST)]
    assert max(moved.values()) < MOVED_WITHIN + (0 if LONG else _BUSY_MACHINE)
    times = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in moved.items())
    print(
        f"scaling: {len(load.made)} written, {imported} imported, {PEOPLE} messages, exact; the lead moved: {times}; "
        f"{ready - began:.0f} s until ready, {time.monotonic() - ready:.0f} s under load and checked"
    )


def workbook(folder: Path) -> Path:
    """A file to import."""
    path = folder / "people.xlsx"
    write_xlsx(path, generate(ROWS, seed=3))
    return path


async def some_sent(twilio: TwilioServer) -> bool:
    """Whether the provider has taken some messages."""
    return len(twilio.accepted) > WRITERS


async def kill_and_add(load: Load, import_id: str) -> dict[str, float]:
    """A third instance of each comes, then that which leads goes, and the oldest web; how long no one led, at most."""
    cluster, moved = load.cluster, dict.fromkeys(SCALED, 0.0)

    async def under_way() -> bool:
        sql = "SELECT count(answered_at) FROM run_batches WHERE import_id = %s"
        return bool(load.rows("import", sql, import_id)[0][0])

    async def all_work() -> bool:
        return all(one.works() for name in SCALED for one in cluster.of(name, "worker"))

    for _ in range(ROUNDS):
        if len(cluster.of("gateway", "web")) < 3:
            cluster.start("gateway", *BESIDE, role="web")
        for name in SCALED:
            cluster.start(name, role="web")
            cluster.start(name, role="worker")
        await until(all_work, 90)
        for name in SCALED:
            if name == "customers":
                await until(under_way, 60)
            moved[name] = max(moved[name], await lose_the_leader(cluster, name))
            cluster.kill(cluster.of(name, "web")[0])
        cluster.kill(cluster.of("gateway", "web")[1])
        cluster.start("gateway", *BESIDE, role="web")
    return moved


async def lose_the_leader(cluster: Cluster, name: str) -> float:
    """Kill the worker that leads, and wait for a successor: seconds."""
    url = cluster.env["RAPPORT_DATABASE_URL"].format(service=name)
    with psycopg.connect(url, autocommit=True) as connection:
        led: int | None = None

        async def leads() -> bool:
            nonlocal led
            led = leader(connection, [one.process.pid for one in cluster.of(name, "worker")])
            return led is not None

        await until(leads, 60)
        cluster.kill(next(one for one in cluster.of(name, "worker") if one.process.pid == led))
        since = time.monotonic()
        await until(leads, 60)
        return time.monotonic() - since


async def check_exact(load: Load, twilio: TwilioServer, sending: str, importing: str) -> int:
    """Everything was done once, everywhere; how many were imported."""
    sent, imported = [(await load.clients[0].get(f"/jobs/{job}"))["result"] for job in (sending, importing)]
    assert len(set(load.made)) == len(load.made)
    assert (imported["read"], imported["created"], imported["failed"]) == (ROWS, ROWS, 0), imported
    await until(lambda: load.found(len(load.made) + ROWS), 90)
    await until(lambda: load.remembered(ROWS), 90)
    there = {id_ for (id_,) in load.rows("customers", "SELECT id FROM customers")}
    assert len(there) == len(load.made) + ROWS
    assert there >= set(load.made)
    created = [id_ for (id_,) in load.rows("logging", _ENTRIES, "customer_created")]
    assert Counter(created) == Counter(load.made)
    assert set(Counter(one.to for one in twilio.accepted).values()) == {1}, "sent twice"
    assert len(twilio.accepted) == sent["sent"] + sent["unknown"] == PEOPLE, "lost"
    assert not (await load.clients[0].get("/parked-messages"))["items"]
    return ROWS


@asynccontextmanager
async def signed_in(cluster: Cluster, port: int) -> AsyncIterator[Client]:
    """A client of the gateway at `port`, when that is ready."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=60) as http:

        async def ready() -> bool:
            try:
                return (await http.get(f"http://127.0.0.1:{port}/readyz", timeout=5)).status_code == 200
            except httpx.HTTPError:
                return False

        await until(ready, 180, lambda: cluster.log.read_text()[-3_000:])
        client = Client(http)
        await client.sign_in("master", PASSWORD)
        yield client
