"""R10 for the bus: Kafka does not answer for a while, again and again, under load; people go on writing, nothing is lost."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from rapport_chassis.bus.kafka_settings import KafkaSettings
from rapport_chassis.bus.kafka_topics import apply_topics
from rapport_testkit.engines import Engine, start
from rapport_testkit.installation import Client, installed
from tests.chaos.killing import LONG, check_each_once, insist, until_quiet

AWAY_SECONDS = [6, 20, 6, 70, 6] if LONG else [6, 6]
HERE_SECONDS = 4.0
WRITERS = 4


@pytest.fixture
def kafka() -> Iterator[Engine]:
    engine = start("kafka")
    yield engine
    engine.stop()


@pytest.mark.timeout(900 if LONG else 300)
async def test_kafka_away_again_and_again_loses_and_doubles_nothing_and_stops_nobody(
    tmp_path: Path, kafka: Engine
) -> None:
    """R10: each write is acknowledged once, also while Kafka is away, and arrives once everywhere when it is back."""
    await apply_topics(KafkaSettings.from_url(kafka.url))
    env = {"RAPPORT_BUS_URL": kafka.url, "RAPPORT_RATE_USER": "0/0", "RAPPORT_RATE_ADDRESS": "0/0"}
    async with installed(tmp_path / "data", env) as installation:
        client = await installation.client()
        group = (await client.post("/groups", {"name": "Everybody"}, expect=201))["id"]
        outages = asyncio.create_task(_be_away(kafka))
        written = await asyncio.gather(*(_write(client, group, number, outages) for number in range(WRITERS)))
        while_away = await outages
        ids = {id_ for share in written for id_ in share}
        await until_quiet(installation, client, 180)

        await check_each_once(installation, client, ids)
        assert min(while_away) > 0
        assert not (installation.data / "bus.sqlite").exists()
        print(
            f"R10: Kafka away for {AWAY_SECONDS} s, {len(ids)} customers, {while_away} of them meanwhile: 0 lost, 0 doubled"
        )


async def _be_away(kafka: Engine) -> list[int]:
    """Stop answering for each of the times; how many writes were acknowledged in each."""
    assert kafka.server
    meanwhile = []
    for seconds in AWAY_SECONDS:
        await asyncio.sleep(HERE_SECONDS)
        with kafka.server.silent():
            before = _acknowledged.total()
            await asyncio.sleep(seconds)
            meanwhile.append(_acknowledged.total() - before)
    await asyncio.sleep(HERE_SECONDS)
    return meanwhile


_acknowledged: Counter[int] = Counter()


async def _write(client: Client, group: str, writer: int, outages: asyncio.Task[list[int]]) -> list[str]:
    """Create customers until the last outage is over."""
    made = []
    while not outages.done():
        number = f"{writer}-{len(made)}"
        body = {"kind": "person", "first_name": "R10", "last_name": number, "groups": [group]}
        answer = await insist(client, "POST", "/customers", key=f"r10-{number}", json=body)
        assert answer.status_code == 201, answer.text
        made.append(answer.json()["id"])
        _acknowledged[writer] += 1
        await asyncio.sleep(0.02)
    return made
