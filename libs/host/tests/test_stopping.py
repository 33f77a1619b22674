"""Stopping in order: what is in hand is finished or handed back, and goes on at the next start."""

import asyncio
from pathlib import Path

import pytest

from rapport_testkit.installation import Client, Installation, installed
from rapport_testkit.people import generate, write_xlsx
from tests.benchmarks.importing import upload
from tests.chaos.killing import rows

ROWS = 12_000


@pytest.mark.timeout(600)
async def test_a_running_job_is_handed_back_and_ends_after_the_next_start(tmp_path: Path) -> None:
    """I8: SIGTERM in the middle of an import."""
    workbook = tmp_path / "people.xlsx"
    write_xlsx(workbook, generate(ROWS, seed=5))
    async with installed(
        tmp_path / "data", {"RAPPORT_RATE_USER": "0/0", "RAPPORT_RATE_ADDRESS": "0/0"}
    ) as installation:
        client = await installation.client()
        import_id, _ = await upload(client, workbook)
        job = (await client.post(f"/imports/{import_id}:run", expect=202))["id"]
        while (await client.get(f"/jobs/{job}"))["state"] == "queued":
            await asyncio.sleep(0.02)
        asked = asyncio.create_task(_asked(client))
        await asyncio.to_thread(installation.stop)
        assert handed_back(installation, job), "it was not stopped in order but killed"
        assert await asked >= 1
        assert "Traceback" not in installation.log.read_text()

        installation.start()
        await installation.until_ready()
        ended = await client.job(job, 120)
        assert ended["state"] == "done", ended
        assert ended["result"]["created"] + ended["result"]["failed"] == ROWS


def handed_back(installation: Installation, job: str) -> bool:
    """Whether nobody holds the job any more; who was killed holds it until its lease ends."""
    return rows(installation, "import", "SELECT state, lease FROM jobs WHERE id = ?", job) == [("queued", None)]


async def _asked(client: Client) -> int:
    """Ask until nobody answers any more: every answer that begins is whole; how many there were."""
    import httpx

    count = 0
    while True:
        try:
            answer = await client.call("GET", "/customers?limit=50")
        except (httpx.ConnectError, httpx.ReadError, httpx.RemoteProtocolError):
            return count
        assert answer.status_code in {200, 503}
        answer.json()
        count += 1
