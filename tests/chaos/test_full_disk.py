"""A disk that fills up during an import: what does not fit is refused with a word, nothing is lost, and it goes on (I8)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from rapport_testkit.command import run_rapport
from rapport_testkit.installation import Client, Installation, installed, until
from rapport_testkit.people import generate, write_xlsx
from rapport_testkit.small_disk import fill, make_room, small_disk
from rapport_testkit.topology import EMBEDDED
from tests.benchmarks.importing import upload
from tests.chaos.killing import rows, until_quiet

ROWS = 6_000
DISK_MEGABYTES, LEFT_MEGABYTES = 96, 5  # the import takes about four times of what is left


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own, for the data folder."""
    with small_disk(tmp_path / "data", DISK_MEGABYTES) as folder:
        yield folder


@pytest.mark.timeout(300)
async def test_a_disk_that_fills_up_is_told_loses_nothing_and_is_gone_on_with(disk: Path, tmp_path: Path) -> None:
    workbook = tmp_path / "people.xlsx"
    write_xlsx(workbook, generate(ROWS, seed=5))
    env = EMBEDDED | {"RAPPORT_RATE_USER": "0/0", "RAPPORT_RATE_ADDRESS": "0/0"}
    async with installed(disk, env) as installation:
        client = await installation.client()
        import_id, _ = await upload(client, workbook, mode="duplicate")
        adding = Adding(client, (await client.get("/groups"))["items"][0]["id"])
        fill(disk, LEFT_MEGABYTES << 20)
        job = await client.post(f"/imports/{import_id}:run", expect=202)
        await until(adding.refused, 120)
        fill(disk)
        await told(installation, client, workbook)
        make_room(disk)

        ended = await client.job(job["id"], 200)
        result = ended["result"]
        assert (ended["state"], result["read"]) == ("done", ROWS)
        await until_quiet(installation, client, 200)
        kept = result["created"] + adding.accepted
        assert rows(installation, "customers", "SELECT count(*) FROM customers") == [(kept,)]
        assert (await client.post("/customers:search", {"limit": 1}))["count"] == kept
        assert (await client.get("/parked-messages"))["items"] == []


@pytest.mark.timeout(120)
async def test_who_starts_on_a_full_disk_says_so_and_begins_when_there_is_room(disk: Path) -> None:
    async with installed(disk, EMBEDDED):
        pass
    fill(disk)
    again = Installation(disk, EMBEDDED)
    again.start()

    async def said() -> bool:
        return "there is no room" in again.log.read_text()

    await until(said, 60)
    make_room(disk)
    await again.until_ready()
    await again.close()
    assert "Traceback" not in again.log.read_text()


@dataclass
class Adding:
    """Somebody who adds customers meanwhile, and how many were accepted."""

    client: Client
    group: str
    accepted: int = 0

    async def refused(self) -> bool:
        """Whether the next one finds no room."""
        body = {"kind": "person", "last_name": "Vollmann", "description": "x" * 5_000, "groups": [self.group]}
        answer = await self.client.call("POST", "/customers", json=body)
        if answer.status_code == 201:
            self.accepted += 1
            return False
        assert (answer.status_code, answer.json()["code"]) == (507, "disk_full"), answer.text
        return True


async def told(installation: Installation, client: Client, workbook: Path) -> None:
    """Reading goes on; a file is refused; health, `rapport check` and the log say why."""
    assert (await client.post("/customers:search", {"limit": 1}))["items"]
    answer = await client.call("POST", "/imports", files={"file": ("again.xlsx", workbook.read_bytes())})
    assert (answer.status_code, answer.json()["code"]) == (507, "disk_full"), answer.text
    ready = (await client.http.get(f"{installation.url}/readyz")).json()
    disks = [one for service in ready["services"].values() for one in service["adapters"] if one["name"] == "disk"]
    assert [one["ok"] for one in disks] == [False] * 6
    port = str(installation.port)
    checked = await asyncio.to_thread(run_rapport, "check", data=installation.data, RAPPORT_PORT=port)
    assert (checked.returncode, "LOOK  disk: 0.0 GB free" in checked.stdout) == (1, True), (
        checked.stdout + checked.stderr
    )
    assert "a disk is full" in installation.log.read_text()
