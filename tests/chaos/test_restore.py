"""R11 on the engines: a backup under load is one instant, and goes on elsewhere without anything lost, doubled or sent again."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from rapport_host.moving.positions import Positions
from rapport_host.moving.postgres import compare_databases
from rapport_host.moving.topics import compare_topics, opened_bus
from rapport_host.settings import read_settings
from rapport_testkit.command import run_rapport
from rapport_testkit.installation import Client, Installation, until
from rapport_testkit.people import generate, write_xlsx
from rapport_testkit.topology import EMBEDDED, engines_of
from rapport_testkit.twilio_server import TwilioServer
from tests.benchmarks.importing import upload
from tests.chaos.killing import LONG, rows, size, until_quiet
from tests.chaos.test_imports import answered

ROWS = size(8_000, 100_000)
AUDIENCE = 120
ARRIVED = """
    SELECT l.customer_id FROM entry_customers l JOIN entries e ON e.id = l.entry_id
    WHERE e.kind IN ('customer_created', 'imported')
"""
PACE = {
    "RAPPORT_RATE_USER": "0/0",
    "RAPPORT_RATE_ADDRESS": "0/0",
    "RAPPORT_SMS_PER_SECOND": "1",  # the campaign outlasts the backup, however slow the machine is
    "RAPPORT_SMS_LEASE_SECONDS": "3",
    "RAPPORT_SMS_SETTLE_SECONDS": "0.5",
    "RAPPORT_IDENTITY_KEY": "k" * 48,
}


@pytest.mark.timeout(3_600 if LONG else 400)
async def test_a_backup_of_the_engines_under_load_goes_on_on_other_engines(tmp_path: Path) -> None:
    """R11, G6: three writers, an import and a campaign are at work when the backup is made."""
    async with TwilioServer(latency=0.1) as twilio:
        here = _installation(tmp_path / "data", twilio)
        here.start()
        try:
            known, job, imported = await _at_work(here, tmp_path, twilio)
            said = await _backed_up(here, tmp_path / "backup", known, imported)
        finally:
            await here.kill_everything()
            await here.close()
        sent = Counter(one.to for one in twilio.accepted)
        there = _installation(tmp_path / "elsewhere", twilio)
        moved = await asyncio.to_thread(run_rapport, "restore", str(tmp_path / "backup"), data=there.data, **there.env)
        assert moved.returncode == 0, moved.stderr
        there.start()
        try:
            ids = await _lives(there, known, job, imported)
        finally:
            await there.close()
        assert max(Counter(one.to for one in twilio.accepted).values()) == 1, "sent twice"
        assert sent, "nothing was being sent: this proves nothing"
        await _a_backup_at_rest_is_the_same(there, tmp_path / "again")
        await _becomes_one_on_files(tmp_path / "again", tmp_path / "files", ids)
        print(f"R11: {said}; {len(ids)} customers there, {len(sent)} messages before, none sent again")


def _installation(data: Path, twilio: TwilioServer) -> Installation:
    made = Installation(data)
    made.env = PACE | twilio.env(made.url) | engines_of(data)
    return made


async def _at_work(here: Installation, folder: Path, twilio: TwilioServer) -> tuple[list[str], str, str]:
    """A campaign has begun, and a file is there; the customers written by then, the campaign's job, the import."""
    await here.until_ready()
    client = await here.client()
    group = (await client.post("/groups", {"name": "Everybody"}, expect=201))["id"]
    known = [await _create(client, group, number) for number in range(AUDIENCE)]
    await until_quiet(here, client)
    workbook = folder / "people.xlsx"
    write_xlsx(workbook, generate(ROWS, seed=5))
    imported, _ = await upload(client, workbook, mode="duplicate")
    audience = {"customer_ids": known}
    job = await client.post("/messages", {"channel": "sms", "audience": audience, "text": "hello"}, expect=202)
    await until(lambda: _is_sending(twilio), 60)
    return known, job["id"], imported


async def _is_sending(twilio: TwilioServer) -> bool:
    return bool(twilio.in_hand)


async def _create(client: Client, group: str, number: int) -> str:
    contacts = [{"kind": "mobile", "value": f"+98912{number:07}"}]
    body = {"kind": "person", "first_name": "Nr", "last_name": str(number), "groups": [group], "contacts": contacts}
    return str((await client.post("/customers", body, expect=201))["id"])


async def _backed_up(here: Installation, to: Path, known: list[str], imported: str) -> str:
    """Back up while three write and a file is imported; `known` gets what was acknowledged before it began."""
    made: list[str] = []
    client = await here.client()
    group = (await client.get("/groups"))["items"][0]["id"]

    async def write() -> None:
        while True:
            made.append(await _create(client, group, AUDIENCE + len(made)))

    async def enough() -> bool:
        return len(made) >= 20

    writing = [asyncio.create_task(write()) for _ in range(3)]
    await until(enough, 60)
    known += made
    await client.post(f"/imports/{imported}:run", expect=202)
    await until(lambda: _answered(here, imported), 60)
    if not LONG:
        await client.post(f"/imports/{imported}:pause")  # or it has ended before the backup begins
    ended = await asyncio.to_thread(run_rapport, "backup", str(to), data=here.data, **here.env)
    during = len(made)
    for task in writing:
        task.cancel()
    await asyncio.gather(*writing, return_exceptions=True)
    assert ended.returncode == 0, ended.stderr
    assert during > len(known) - AUDIENCE, "nobody wrote meanwhile: this proves nothing"
    with closing(sqlite3.connect(to / "import.sqlite")) as file:
        (state,) = file.execute("SELECT state FROM jobs").fetchone()
    assert state == ("running" if LONG else "paused"), "the import had ended: this proves nothing"
    return f"{ended.stdout.splitlines()[0]} {during} written meanwhile"


async def _answered(here: Installation, imported: str) -> bool:
    return answered(here, imported) > 0


async def _lives(there: Installation, known: list[str], job: str, imported: str) -> set[str]:
    """Its import ends exactly, its campaign waits for a person, everybody is there once everywhere; who is there."""
    await there.until_ready()
    client = await there.client()
    found = await client.get(f"/jobs/{job}")
    assert found["state"] == "paused", found
    run = await client.get(f"/imports/{imported}")
    if not LONG:
        await client.post(f"/imports/{imported}:resume")
    ended = await client.job(run["job_id"], 600 if LONG else 120)
    assert ended["state"] == "done", ended
    assert ended["result"]["created"] + ended["result"]["failed"] == ROWS
    await until_quiet(there, client)
    ids = {id_ for (id_,) in rows(there, "customers", "SELECT id FROM customers")}
    assert set(known) <= ids
    assert len(ids) < len(known) + ROWS + 1_000
    arrived = Counter(id_ for (id_,) in rows(there, "logging", ARRIVED))
    assert set(arrived) == ids
    assert set(arrived.values()) == {1}
    await until(lambda: _all_found(client, len(ids)), 60)
    assert not (await client.get("/parked-messages"))["items"]
    for customer in known[:5]:
        assert (await client.get(f"/customers/{customer}/timeline:verify"))["valid"]
    return ids


async def _all_found(client: Client, many: int) -> bool:
    answer = await client.post("/customers:search", {"query": {"all": []}, "count": True, "limit": 1})
    return bool(answer["count"] == many)


async def _a_backup_at_rest_is_the_same(there: Installation, to: Path) -> None:
    """Every table and topic, compared with what the backup holds: how many, and a sum of hashes."""
    ended = await asyncio.to_thread(run_rapport, "backup", str(to), data=there.data, **there.env)
    assert ended.returncode == 0, ended.stderr
    engines = read_settings({"RAPPORT_DATA": str(there.data)} | dict(there.env))
    looked_at = to.with_name("looked at")
    shutil.copytree(to, looked_at)  # to open a file is to change it
    files = read_settings({"RAPPORT_DATA": str(looked_at)})
    compared = await asyncio.to_thread(compare_databases, files, engines, Positions())
    async with opened_bus(files) as copy, opened_bus(engines) as bus:
        compared += await compare_topics(copy, bus)
    assert not [str(one) for one in compared if not one.same and not one.what.endswith(".offsets")]
    assert sum(one.here.count for one in compared) > len(compared)


async def _becomes_one_on_files(backup: Path, data: Path, ids: set[str]) -> None:
    """The backup of the engines goes on on the embedded default as well: all are found, and so is who comes then."""
    alone = Installation(data, EMBEDDED | PACE)
    restored = await asyncio.to_thread(run_rapport, "restore", str(backup), data=data, **alone.env)
    assert restored.returncode == 0, restored.stderr
    alone.start()
    try:
        await alone.until_ready()
        client = await alone.client()
        group = (await client.get("/groups"))["items"][0]["id"]
        late = await _create(client, group, 9_999_999)
        await until(lambda: _all_found(client, len(ids) + 1), 120)
        await until_quiet(alone, client)
        assert [one["kind"] for one in (await client.get(f"/customers/{late}/timeline"))["items"]]
        assert not (await client.get("/parked-messages"))["items"]
    finally:
        await alone.close()
