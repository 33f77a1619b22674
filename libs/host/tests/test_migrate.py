"""`rapport migrate`: all that an installation holds moves to the engines, killed and refused on the way."""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from rapport_host.moving import postgres
from rapport_host.moving.command import migrate
from rapport_host.moving.draining import drain
from rapport_host.moving.mark import Mark, read_mark
from rapport_host.moving.positions import positions_on
from rapport_host.moving.topics import opened_bus
from rapport_host.roles import NAMES
from rapport_host.settings import Settings, read_settings
from rapport_testkit.command import PASSWORD, own_environment, rapport
from rapport_testkit.engines import running
from rapport_testkit.engines.s3 import CREDENTIALS
from rapport_testkit.installation import Client, Installation, until
from rapport_testkit.twilio_server import TwilioServer
from tests.e2e.filled import MESSAGE, RATE_FREE, Filled, fill

pytestmark = pytest.mark.timeout(600)
LATER = "This went out once."
_numbers = itertools.count()
_EMBEDDED = {"RAPPORT_DATABASE_URL": "", "RAPPORT_BUS_URL": "", "RAPPORT_BLOB_URL": ""}
_PACE = {"RAPPORT_SMS_PER_SECOND": "15", "RAPPORT_SMS_LEASE_SECONDS": "3", "RAPPORT_SMS_SETTLE_SECONDS": "0.5"}
_SAME = ("groups", "custom-fields", "lists", "users", "roles", "filters", "templates", "tags", "imports", "settings")
_FULL = {
    "RAPPORT_DATABASE_URL": "the databases of identity, customers, import, search, logging, messaging are not empty",
    "RAPPORT_BUS_URL": "Kafka's topics are not empty (customers.customer.v1, ",
    "RAPPORT_SEARCH_URL": "has indexes with this prefix already",
    "RAPPORT_BLOB_URL": "the bucket is not empty below its prefix",
}


@pytest.fixture
def engines() -> Iterator[dict[str, str]]:
    """Where to move to: names that nobody uses on the engines of this process."""
    name = f"move_{os.getpid()}_{next(_numbers)}"
    server = running("postgres").url
    yield {
        "RAPPORT_DATABASE_URL": f"{server.rpartition('/')[0]}/{name}_{{service}}",
        "RAPPORT_BUS_URL": f"{running('kafka').url}?prefix={name}.",
        "RAPPORT_SEARCH_URL": f"{running('opensearch').url}?prefix={name}",
        "RAPPORT_BLOB_URL": running("s3").url.replace("?", f"/{name}?"),
        **CREDENTIALS,
    }
    with psycopg.connect(server, autocommit=True) as connection:
        for one in NAMES:
            connection.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(f"{name}_{one}")))


async def test_everything_moves_and_goes_on_where_it_was(
    tmp_path: Path, rapport: Any, engines: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    async with TwilioServer(latency=0.1) as twilio:
        data, copy = tmp_path / "data", tmp_path / "copy"
        installation = Installation(data, RATE_FREE | _PACE)
        installation.env = {**installation.env, **twilio.env(installation.url), **_EMBEDDED}
        installation.start()
        try:
            world = await worked(installation, tmp_path, twilio)
            at_work = await asyncio.to_thread(rapport, "migrate", data=data, **engines)
            assert (at_work.returncode, "up.lock is held" in at_work.stderr) == (78, True)
        finally:
            await installation.kill_everything()
        shutil.copytree(data, copy)

        said = killed_after("copied customers:", data, engines)
        assert re.match(r"drained: [1-9]", said[0]), "nothing was on its way: this proves nothing"
        assert "unfinished" in rapport("up", data=data, **engines).stderr
        await differs_once(data, engines, monkeypatch, capsys)
        stops_before_the_end(data, engines, monkeypatch, rapport)
        moved = await asyncio.to_thread(rapport, "migrate", data=data, **engines)
        assert moved.returncode == 0, moved.stderr

        for ended in (rapport("up", data=data), rapport("check", data=data)):
            assert "this installation has moved; set RAPPORT_DATABASE_URL" in ended.stderr + ended.stdout
            assert ended.returncode != 0
        installation.env = {**installation.env, **engines}
        await lives(installation, world)
        for name, words in _FULL.items():
            full = await asyncio.to_thread(rapport, "migrate", data=copy, **{name: engines[name]}, **CREDENTIALS)
            assert (full.returncode, words in full.stderr) == (78, True), full.stderr
        assert read_mark(copy) is None
        for text in (MESSAGE, LATER):
            times = Counter(one.to for one in twilio.accepted if one.body == text)
            assert len(times) > 1
            assert max(times.values()) == 1, "sent twice"


@dataclass(frozen=True)
class World:
    """What was there before the move; of `latest` only its own service knew."""

    filled: Filled
    seen: dict[str, Any]
    campaign: str
    held: str
    latest: str


async def worked(installation: Installation, folder: Path, twilio: TwilioServer) -> World:
    """Everything is put in, a message to everybody is being sent, one is held, and a change is not published yet."""
    await installation.until_ready()
    filled = await fill(installation, folder)
    client = await installation.client()
    held = await write(client, "Much later.", 3_600)
    campaign = await write(client, LATER, 0)

    async def sending() -> bool:
        return sum(one.body == LATER for one in twilio.accepted) >= 3 and bool(twilio.in_hand)

    await until(sending, 60)
    for role in ("follower", "worker"):
        os.kill(installation.children()[role], signal.SIGSTOP)
    latest = await create(client, "Unsaid")
    return World(filled, await seen(client, filled), campaign, held, latest)


async def create(client: Client, name: str) -> str:
    """A new customer."""
    group = (await client.get("/groups"))["items"][0]["id"]
    body = {"kind": "person", "first_name": name, "last_name": "Arrived", "groups": [group]}
    return str((await client.post("/customers", body, expect=201))["id"])


async def seen(client: Client, filled: Filled) -> dict[str, Any]:
    """What a user sees of all that was put in."""
    found: dict[str, Any] = {name: await client.get(f"/{name}") for name in _SAME}
    found["customers"] = await client.get("/customers?limit=100")
    found["errors"] = (await client.call("GET", f"/imports/{filled.done_import}/errors.xlsx", expect=200)).content
    search = {"query": {"all": [{"field": "city", "op": "is", "value": "Tehran"}]}, "count": True, "limit": 50}
    answer = await client.post("/customers:search", search)
    found["search"] = [answer["count"], answer["items"]]
    found["users"] = [{**one, "last_sign_in_at": None} for one in found["users"]["items"]]
    return found


async def write(client: Client, text: str, hold: int) -> str:
    """A message to everybody; its job."""
    body = {"channel": "sms", "audience": {"query": {"all": []}}, "text": text, "hold_seconds": hold}
    return str((await client.post("/messages", body, expect=202))["id"])


def killed_after(line: str, data: Path, engines: dict[str, str]) -> list[str]:
    """Run `rapport migrate` and kill it -9 when it says that; what it had said."""
    env = own_environment(data, engines)
    said: list[str] = []
    with subprocess.Popen(rapport("migrate"), env=env, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        while not (said and said[-1].startswith(line)):
            said.append(next(process.stdout))
        process.kill()
    return said


async def differs_once(data: Path, engines: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """A row that gets lost on the way is seen, and nothing is switched."""
    compare = postgres.compare_databases

    def loses_one(*sides: Any) -> Any:
        with postgres.connected(sides[1], "logging") as target:
            target.execute("DELETE FROM entries WHERE id = (SELECT min(id) FROM entries)")
        return compare(*sides)

    with monkeypatch.context() as patched:
        patched.setattr(postgres, "compare_databases", loses_one)
        settings = read_settings({"RAPPORT_DATA": str(data)} | engines)
        assert await asyncio.to_thread(migrate, settings) == 1
    said = capsys.readouterr()
    assert "differs from what is here: logging.entries. Nothing was switched" in said.err
    assert [line.split()[0] for line in said.out.splitlines() if "DIFFERENT" in line] == ["logging.entries"]


def stops_before_the_end(data: Path, engines: dict[str, str], monkeypatch: pytest.MonkeyPatch, rapport: Any) -> None:
    """All is copied and the end is not marked: neither side may be used."""

    def killed(_settings: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(postgres, "release_databases", killed)
        settings = read_settings({"RAPPORT_DATA": str(data)} | engines)
        with pytest.raises(KeyboardInterrupt):
            migrate_in_a_thread(settings)
    for env in ({}, engines):
        assert "run “rapport migrate” again" in rapport("up", data=data, **env).stderr
    elsewhere = rapport("serve", "customers", "--role", "worker", data=data.with_name("elsewhere"), **engines)
    assert (elsewhere.returncode, "RAPPORT_IDENTITY_KEY" in elsewhere.stderr) == (78, True)
    key = {"RAPPORT_IDENTITY_KEY": "k" * 48}
    elsewhere = rapport("serve", "customers", "--role", "worker", data=data.with_name("elsewhere"), **engines, **key)
    assert (elsewhere.returncode, "a migration to this database is unfinished" in elsewhere.stderr) == (78, True)


def migrate_in_a_thread(settings: Settings) -> int:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(migrate, settings).result()


async def lives(moved: Installation, world: World) -> None:
    """The moved installation shows the same, has intact chains, ends what was under way, and takes in what is new."""
    moved.start()
    try:
        await moved.until_ready()
        client = await moved.client()
        ended = await client.job(world.campaign, 90)
        assert (ended["state"], ended["result"]["unknown"]) == ("done", 0), ended
        assert (await client.get(f"/jobs/{world.held}"))["state"] == "queued"

        async def found_again() -> bool:
            answer = await client.call("POST", "/customers:search", json={"limit": 0, "count": True})
            return answer.status_code == 200 and answer.json()["count"] == len(world.seen["customers"]["items"])

        await until(found_again, 60)
        assert await seen(client, world.filled) == world.seen
        for one in world.seen["customers"]["items"]:
            assert (await client.get(f"/customers/{one['id']}/timeline:verify"))["valid"]
        for customer in (world.latest, await create(client, "Newly")):
            await until(lambda one=customer: known_everywhere(client, one), 60)
        assert not (await client.get("/parked-messages"))["items"]
    finally:
        await moved.close()


async def known_everywhere(client: Client, customer: str) -> bool:
    """The customer is found, and what its creation did stands in its timeline once."""
    found = await client.post("/customers:search", {"query": {"all": []}, "limit": 100})
    timeline = (await client.get(f"/customers/{customer}/timeline"))["items"]
    kinds = sorted(one["kind"] for one in timeline)
    assert len(kinds) == len(set(kinds))
    return customer in {one["id"] for one in found["items"]} and kinds == ["customer_created", "group_added"]


async def test_one_engine_after_the_other(tmp_path: Path, engines: dict[str, str]) -> None:
    """Databases first, the bus later: consumers go on at the end of the new topics, and what moved stays moved."""
    env = {"RAPPORT_DATA": str(tmp_path / "data"), "RAPPORT_MASTER_PASSWORD": PASSWORD}
    await drain(read_settings(env), print)
    for name in ("RAPPORT_DATABASE_URL", "RAPPORT_BUS_URL"):
        env[name] = engines[name]
        assert migrate_in_a_thread(read_settings(env)) == 0
    settings = read_settings(env)
    async with opened_bus(settings) as bus:
        positions = await positions_on(bus, refill=True)
    with postgres.connected(settings, "messaging") as target:
        found = target.execute("SELECT topic, partition, next, incarnation FROM offsets").fetchall()
    assert {row[0] for row in found} == {"customers.customer.v1", "customers.definitions.v1"}
    for topic, partition, *position in found:
        assert position == [positions.ends[topic, partition], positions.incarnations[topic]]
    await drain(settings, print)
    assert set((read_mark(settings.data) or Mark()).moved) == {"DATABASE", "BUS"}
