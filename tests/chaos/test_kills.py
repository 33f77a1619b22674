"""R1: kill -9 under load: no acknowledged write or event is lost, no effect is applied twice, audited by id in every store."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from rapport_testkit.installation import Client, installed
from tests.chaos.killing import LONG, Killer, check_each_once, insist, size, until_quiet

KILLS = size(10, 200)
CUSTOMERS = size(500, 25_000)  # four events each: created, state, group added, log entry
WRITERS = 16


@pytest.mark.timeout(7_200 if LONG else 300)
async def test_kill_9_of_every_process_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    """R1, and R5 across restarts: every write is repeated with its Idempotency-Key until it is acknowledged."""
    async with installed(
        tmp_path / "data", {"RAPPORT_RATE_USER": "0/0", "RAPPORT_RATE_ADDRESS": "0/0"}
    ) as installation:
        client = await installation.client()
        group = (await client.post("/groups", {"name": "Everybody"}, expect=201))["id"]
        killer = Killer(installation, KILLS)
        killing = asyncio.create_task(killer.run())
        shares = [range(start, CUSTOMERS, WRITERS) for start in range(WRITERS)]
        written = await asyncio.gather(*(_write(client, group, share, killing) for share in shares))
        acknowledged = [id_ for share in written for id_ in share]
        await killing
        await installation.until_ready()
        await installation.until_working("worker")
        await until_quiet(installation, client, 600)

        ids = set(acknowledged)
        assert len(ids) == len(acknowledged)
        await check_each_once(installation, client, ids)
        assert killer.done == KILLS
        print(f"R1: {KILLS} kills, {len(ids) * 4} events: 0 lost, 0 doubled")


async def _write(client: Client, group: str, share: range, killing: asyncio.Task[None]) -> list[str]:
    """Create this share's customers, and go on while there is still killing to be done."""
    made = []
    numbers = iter(share)
    extra = CUSTOMERS + share.start
    while True:
        number = next(numbers, None)
        if number is None:
            if killing.done():
                return made
            number, extra = extra, extra + WRITERS
            await asyncio.sleep(0.05)
        body = {"kind": "person", "first_name": "Nr", "last_name": str(number), "groups": [group]}
        answer = await insist(client, "POST", "/customers", key=f"customer-{number}", json=body)
        assert answer.status_code == 201, answer.text
        made.append(answer.json()["id"])
