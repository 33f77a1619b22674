"""Backup under load and restore elsewhere (G6, R11)."""

import asyncio
import hashlib
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from rapport_host.backing.command import restore
from rapport_host.backing.files import link_blobs
from rapport_host.settings import Misconfigured, read_settings
from rapport_testkit.installation import Client, Installation, installed, until
from rapport_testkit.small_disk import fill, make_room, small_disk
from rapport_testkit.topology import EMBEDDED
from tests.chaos.killing import rows, until_quiet

STORES = ("bus", "identity", "customers", "import", "search", "logging", "messaging")
BEFORE = 100
PERSON = {"kind": "person", "contacts": [{"kind": "mobile", "value": "+989121234567"}]}


def hashes(folder: Path, store: str) -> dict[str, tuple[int, str]]:
    """Table -> how many rows, and the hash of their content."""
    found = {}
    with closing(sqlite3.connect(f"file:{folder / store}.sqlite?mode=ro", uri=True)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
        for (name,) in names:
            content = sorted(repr(row) for row in connection.execute(f'SELECT * FROM "{name}"'))
            found[name] = (len(content), hashlib.sha256("\n".join(content).encode()).hexdigest())
    return found


async def write(client: Client, group: str, made: list[str]) -> None:
    """Create customers until cancelled."""
    while True:
        body = PERSON | {"first_name": "Nr", "last_name": str(len(made)), "groups": [group]}
        made.append((await client.post("/customers", body, expect=201))["id"])


@pytest.mark.timeout(300)
async def test_a_backup_under_load_goes_on_elsewhere_as_of_one_instant(tmp_path, rapport):
    """G6, R11."""
    made: list[str] = []
    slow = EMBEDDED | {"RAPPORT_RATE_USER": "0/0", "RAPPORT_SMS_PER_SECOND": "0.01"}
    async with installed(tmp_path / "data", slow) as installation:
        client = await installation.client()
        group = (await client.post("/groups", {"name": "Everybody"}, expect=201))["id"]
        writing = [asyncio.create_task(write(client, group, made)) for _ in range(3)]
        await until(lambda: enough(made), 60)
        audience = {"customer_ids": made[:1]}
        held = {"channel": "sms", "audience": audience, "text": "later", "hold_seconds": 3600}
        job = (await client.post("/messages", held, expect=202))["id"]
        known = list(made)
        ended = await asyncio.to_thread(rapport, "backup", str(tmp_path / "backup"), data=installation.data)
        assert ended.returncode == 0, ended.stderr
        for task in writing:
            task.cancel()
        await asyncio.gather(*writing, return_exceptions=True)
        again = await asyncio.to_thread(rapport, "backup", str(tmp_path / "backup"), data=installation.data)
        assert again.returncode == 78
        assert "exists" in again.stderr

    restored = Installation(tmp_path / "elsewhere", slow)
    ended = await asyncio.to_thread(rapport, "restore", str(tmp_path / "backup"), data=restored.data)
    assert ended.returncode == 0, ended.stderr
    for store in STORES[:-1]:
        assert hashes(tmp_path / "backup", store) == hashes(restored.data, store)
    assert rows(restored, "messaging", "SELECT state FROM jobs WHERE id = ?", job) == [("paused",)]
    restored.start()
    try:
        await lives(restored, tmp_path / "backup", known, group)
    finally:
        await restored.close()


async def enough(made: list[str]) -> bool:
    return len(made) >= BEFORE


async def lives(restored: Installation, backup: Path, known: list[str], group: str) -> None:
    """The restored installation knows what was acknowledged before the backup, works and finds everything."""
    await restored.until_ready()
    client = await restored.client()
    await until_quiet(restored, client)
    here = {id_ for (id_,) in rows(restored, "customers", "SELECT id FROM customers")}
    assert set(known) <= here
    same = ("customers", "match_keys", "customer_groups", "history", "definitions")
    was, now = hashes(backup, "customers"), hashes(restored.data, "customers")
    assert {name: was[name] for name in same} == {name: now[name] for name in same}
    entered = "SELECT l.customer_id FROM entry_customers l JOIN entries e ON e.id = l.entry_id WHERE kind = ?"
    assert sorted(id_ for (id_,) in rows(restored, "logging", entered, "customer_created")) == sorted(here)
    body = PERSON | {"first_name": "Afterwards", "groups": [group]}
    await client.post("/customers", body, expect=201)

    async def found() -> bool:
        answer = await client.post("/customers:search", {"query": {"all": []}, "count": True, "limit": 1})
        return bool(answer["count"] == len(here) + 1)

    await until(found, 90)
    assert not (await client.get("/parked-messages"))["items"]


def refused(data: Path, source: Path) -> str:
    with pytest.raises(Misconfigured) as said:
        restore(read_settings({"RAPPORT_DATA": str(data)}), source)
    return str(said.value)


async def test_a_damaged_backup_or_a_folder_in_use_is_refused_and_nothing_is_written(standing, rapport, tmp_path):
    """G6."""
    backup, empty = tmp_path / "backup", tmp_path / "empty"
    assert rapport("backup", str(backup), data=standing.data).returncode == 0
    assert "is not empty" in refused(standing.data, backup)
    with (backup / "customers.sqlite").open("r+b") as file:
        file.seek(5_000)
        byte = file.read(1)
        file.seek(5_000)
        file.write(bytes([byte[0] ^ 1]))
    assert refused(empty, backup) == "the backup is damaged: customers.sqlite is not what was written"
    (backup / "customers.sqlite").unlink()
    assert "the backup is damaged" in refused(empty, backup)
    (backup / "manifest.json").write_text("{")
    assert "the backup is damaged" in refused(empty, backup)
    assert "is not a backup of Rapport" in refused(empty, tmp_path)
    assert not empty.exists()
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"{standing.url}/readyz")).status_code == 200


def test_a_backup_that_does_not_fit_is_told_and_leaves_nothing(standing, rapport, tmp_path):
    """G6. Mounts a disk: only root may."""
    with small_disk(tmp_path / "disk", 8) as disk:
        fill(disk, 200_000)
        ended = rapport("backup", str(disk / "backup"), data=standing.data)
        assert ended.returncode == 75
        assert "the backup could not be made: " in ended.stderr
        assert "Traceback" not in ended.stderr
        assert [one.name for one in disk.iterdir()] == ["ballast"]
        make_room(disk)
        assert rapport("backup", str(disk / "backup"), data=standing.data).returncode == 0


def test_there_is_nothing_to_back_up_in_an_empty_folder(tmp_path, rapport):
    ended = rapport("backup", str(tmp_path / "b"), data=tmp_path / "nothing")
    assert (ended.returncode, (tmp_path / "b").exists()) == (78, False)


def test_a_blob_that_is_removed_while_the_backup_looks_is_left_out(tmp_path, monkeypatch):
    """Blobs are removed outside of transactions, so no lock holds them still; what is removed nobody needs."""
    blobs, to, link = tmp_path / "blobs", tmp_path / "to", os.link
    for name in ("first", "second", "third"):
        (blobs / name).mkdir(parents=True)
        (blobs / name / "rows").write_bytes(b"rows")

    def meanwhile(path, target):
        shutil.rmtree(blobs, ignore_errors=True)
        link(path, target)

    monkeypatch.setattr(os, "link", meanwhile)
    link_blobs(blobs, to)
    assert not [path for path in to.rglob("*") if path.is_file()]
