"""R8: imports are resumable and exact: kills in the middle of one run, then the same file again in merge mode."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from rapport_testkit.installation import Client, Installation, installed
from rapport_testkit.people import generate, write_xlsx
from tests.benchmarks.importing import upload
from tests.chaos.killing import LONG, Killer, rows, size, until_quiet

ROWS = size(6_000, 100_000)
KILLS = size(4, 20)
IMPORTED = """
    SELECT count(*), count(DISTINCT l.customer_id) FROM entry_customers l JOIN entries e ON e.id = l.entry_id
    WHERE e.kind = 'imported'
"""


@pytest.mark.timeout(3_600 if LONG else 300)
async def test_a_run_killed_again_and_again_is_exact_and_a_repeat_in_merge_mode_doubles_nothing(tmp_path: Path) -> None:
    """R8, I8."""
    workbook = tmp_path / "people.xlsx"
    write_xlsx(workbook, generate(ROWS, seed=3))
    async with installed(
        tmp_path / "data", {"RAPPORT_RATE_USER": "0/0", "RAPPORT_RATE_ADDRESS": "0/0"}
    ) as installation:
        client = await installation.client()
        first, done = await _run(installation, client, workbook, KILLS, "duplicate")
        assert first["read"] == ROWS
        assert first["created"] + first["failed"] == ROWS
        await until_quiet(installation, client, 600)
        assert rows(installation, "customers", "SELECT count(*) FROM customers") == [(first["created"],)]
        assert rows(installation, "logging", IMPORTED) == [(first["created"], first["created"])]
        found = await client.post("/customers:search", {"query": {"all": []}, "count": True, "limit": 1})
        assert found["count"] == first["created"]

        match = {"fields": ["mobile", "email"], "combine": "any"}
        again, done_again = await _run(installation, client, workbook, KILLS // 4, "merge", match=match)
        assert (again["created"], again["failed"]) == (0, 0)
        assert again["changed"] + again["unchanged"] + again["ambiguous"] == ROWS
        assert rows(installation, "customers", "SELECT count(*) FROM customers") == [(first["created"],)]
        print(f"R8: {ROWS} rows, {done} kills, {done_again} in the repetition: {first['created']} created, exact")


async def _run(
    installation: Installation, client: Client, workbook: Path, kills: int, mode: str, **more: Any
) -> tuple[dict[str, Any], int]:
    """The job's result, and how many kills there were before it ended."""
    import_id, _ = await upload(client, workbook, mode=mode, **more)
    job = await client.post(f"/imports/{import_id}:run", expect=202)

    async def under_way() -> None:
        """Some batches more were sent or answered: how fast an import is does not matter."""
        before = _steps(installation, import_id)
        while _steps(installation, import_id) <= before:
            await asyncio.sleep(0.005)

    killer = Killer(installation, kills, roles=("worker", "worker", "web"), moment=under_way)
    killing = asyncio.create_task(killer.run())
    ended = await _ended(client, job["id"])
    killing.cancel()
    assert killer.done == kills if LONG else killer.done, "the run ended too soon: this proves nothing"
    await installation.until_ready()
    await installation.until_working("worker")
    assert ended["state"] == "done", ended
    result: dict[str, Any] = ended["result"]
    return result, killer.done


def answered(installation: Installation, import_id: str) -> int:
    """How many batches of the run were answered."""
    sql = "SELECT count(answered_at) FROM run_batches WHERE import_id = ?"
    return int(rows(installation, "import", sql, import_id)[0][0])


def _steps(installation: Installation, import_id: str) -> int:
    """How many batches were sent and how many answered, together."""
    sql = "SELECT count(*) + count(answered_at) FROM run_batches WHERE import_id = ?"
    return int(rows(installation, "import", sql, import_id)[0][0])


async def _ended(client: Client, job_id: str) -> dict[str, Any]:
    import httpx

    while True:
        try:
            answer = await client.call("GET", f"/jobs/{job_id}", timeout=15)
            if answer.status_code == 200 and answer.json()["state"] in {"done", "failed", "cancelled"}:
                job: dict[str, Any] = answer.json()
                return job
        except httpx.HTTPError:
            pass
        await asyncio.sleep(0.1)
