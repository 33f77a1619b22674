"""R10: an engine does not answer for a while, or is gone, under load; nothing is lost or doubled, and everybody is told.

While the bus or search is away people go on writing; while the database is, each is told so in time and asks again.
A broker of Kafka whose disk is full ends by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from rapport_chassis.bus.kafka_settings import KafkaSettings
from rapport_chassis.bus.kafka_topics import apply_topics
from rapport_testkit.command import run_rapport
from rapport_testkit.engines import Engine, start
from rapport_testkit.engines.process import Server
from rapport_testkit.installation import Client, Installation, installed, until
from rapport_testkit.small_disk import fill, make_room, small_disk
from tests.chaos.killing import LONG, check_each_once, rows, until_quiet

OUTAGES = [("silent", 60), ("gone", 60)] if LONG else [("silent", 6), ("gone", 4)]  # how, seconds at least
FULL = ("full", 60 if LONG else 4)
DISK_MEGABYTES, ENDS_WITHIN = 512, 60  # seconds that a broker takes at most to meet its full disk
HERE_SECONDS = 2.0
WRITERS = 4
ANSWERED_WITHIN = 12.0  # seconds, whatever the answer: PostgreSQL's silence is found out in seven, OpenSearch's in ten
_BUSY_MACHINE = 10.0
_CALM = {"RAPPORT_RATE_USER": "0/0", "RAPPORT_RATE_ADDRESS": "0/0"}
_LOGGED = """
    SELECT count(*) FROM entry_customers l JOIN entries e ON e.id = l.entry_id
    WHERE e.kind = 'customer_created' AND l.customer_id IN
"""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk for the engine's folder."""
    with small_disk(tmp_path / "disk", DISK_MEGABYTES) as folder:
        yield folder


@pytest.fixture(params=["kafka", "postgres", "opensearch"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    if request.param == "kafka":
        monkeypatch.setattr(tempfile, "tempdir", str(request.getfixturevalue("disk")))
    engine = start(request.param)
    monkeypatch.undo()
    yield engine
    engine.stop()


async def _env(engine: Engine, data: Path) -> dict[str, str]:
    """How `rapport` on `data` is told of the engine, which has then what it must have before."""
    match engine.name:
        case "kafka":
            await apply_topics(KafkaSettings.from_url(engine.url))
            return {"RAPPORT_BUS_URL": engine.url}
        case "postgres":
            env = {"RAPPORT_DATABASE_URL": f"{engine.url.rpartition('/')[0]}/rapport_{{service}}"}
            assert (await asyncio.to_thread(run_rapport, "databases", "apply", data=data, **env)).returncode == 0
            return env
        case _:
            return {"RAPPORT_SEARCH_URL": engine.url}


@dataclass
class Writers:
    """They create customers until told to stop, each write repeated with its key until it is acknowledged.

    `share` is given to customers as their last name, so that those of one stretch of time can be told from the others.
    """

    client: Client
    group: str
    share: str = "A"
    over: bool = False
    acknowledged: dict[str, list[str]] = field(default_factory=dict)  # share -> ids
    refused: Counter[str] = field(default_factory=Counter)  # status and code of answers that were no acknowledgement
    longest: float = 0.0  # seconds that an answer took
    under_way: dict[int, str] = field(default_factory=dict)  # writer -> the share that it writes in

    async def write(self, writer: int) -> None:
        """Write one after the other."""
        number = 0
        while not self.over:
            self.under_way[writer] = share = self.share
            number += 1
            body = {"kind": "person", "first_name": f"{writer}-{number}", "last_name": share, "groups": [self.group]}
            while (answer := await self.ask("POST", "/customers", body, f"{writer}-{number}")).status_code != 201:
                await asyncio.sleep(0.2)
            self.acknowledged.setdefault(share, []).append(answer.json()["id"])
            await asyncio.sleep(0.05)
        self.under_way.pop(writer)

    def count(self) -> int:
        """How many are acknowledged."""
        return sum(map(len, self.acknowledged.values()))

    async def ask(self, method: str, path: str, body: Any = None, key: str = "") -> httpx.Response:
        """One request: what is not done is refused in time, by a problem document that says when to come again."""
        began = time.monotonic()
        headers = {"idempotency-key": key} if key else {}
        answer = await self.client.call(method, path, json=body, headers=headers, timeout=60)
        self.longest = max(self.longest, time.monotonic() - began)
        if answer.status_code >= 300:
            problem = answer.json()
            self.refused[f"{answer.status_code} {problem['code']}"] += 1
            assert (answer.status_code, problem["code"]) == (503, "engine_unavailable"), answer.text
            assert int(answer.headers["retry-after"]) > 0
            assert answer.headers["content-type"] == "application/problem+json"
        return answer

    async def next_share(self) -> str:
        """From now on they write into another share; the last one, when nobody writes into it any more."""
        last, self.share = self.share, chr(ord(self.share) + 1)

        async def left() -> bool:
            return last not in self.under_way.values()

        await until(left, 120)
        return last


@pytest.mark.timeout(1_200 if LONG else 400)
async def test_an_engine_away_loses_and_doubles_nothing_and_everybody_is_told(tmp_path: Path, engine: Engine) -> None:
    """R10."""
    env = await _env(engine, tmp_path / "data") | _CALM
    async with installed(tmp_path / "data", env) as installation:
        client = await installation.client()
        group = (await client.post("/groups", {"name": "Everybody"}, expect=201))["id"]
        writers = Writers(client, group)
        writing = [asyncio.create_task(writers.write(number)) for number in range(WRITERS)]
        outages = [*OUTAGES, FULL] if engine.name == "kafka" else OUTAGES
        told = [await _outage(installation, engine, writers, how, seconds) for how, seconds in outages]
        writers.over = True
        await asyncio.gather(*writing)
        await until_quiet(installation, client, 60)
        ids = {id_ for share in writers.acknowledged.values() for id_ in share}
        assert len(ids) == writers.count()
        await check_each_once(installation, client, ids)
        assert writers.longest < ANSWERED_WITHIN + (0 if LONG else _BUSY_MACHINE)
        print(f"R10: {engine.name} {'; '.join(told)}; {len(ids)} customers: 0 lost, 0 doubled; ", end="")
        print(f"refused {dict(writers.refused)}, the slowest answer after {writers.longest:.1f} s")


async def _outage(installation: Installation, engine: Engine, writers: Writers, how: str, seconds: int) -> str:
    """The engine is away for a while; what happened meanwhile, and how long it took to catch up."""
    await asyncio.sleep(HERE_SECONDS)
    async with _away(engine, how):
        began, before = time.monotonic(), writers.count()
        await asyncio.gather(LOOKS[engine.name](writers), _is_told(installation, engine))
        await asyncio.sleep(max(0.0, began + seconds - time.monotonic()))
        meanwhile = writers.count() - before
    away, back = time.monotonic() - began, time.monotonic()
    assert meanwhile <= WRITERS if engine.name == "postgres" else meanwhile > WRITERS  # answers may be on their way
    share = await writers.next_share()
    await until(lambda: _caught_up(installation, writers, share), 2 * away + 60)
    took = time.monotonic() - back
    assert took < 2 * away + (0 if LONG else _BUSY_MACHINE)
    return f"{how} for {away:.0f} s, {meanwhile} written meanwhile, drained {took:.1f} s after"


@contextlib.asynccontextmanager
async def _away(engine: Engine, how: str) -> AsyncIterator[None]:
    assert engine.server
    context = _full(engine.server) if how == "full" else getattr(engine.server, how)()
    await asyncio.to_thread(context.__enter__)
    try:
        yield
    finally:
        await asyncio.to_thread(context.__exit__, None, None, None)


@contextlib.contextmanager
def _full(server: Server) -> Iterator[None]:
    """Its disk is full until it ended, and has room when it is started again."""
    disk = server.folder.parent
    fill(disk)
    with server.ended(ENDS_WITHIN):
        make_room(disk)
        yield


async def _caught_up(installation: Installation, writers: Writers, share: str) -> bool:
    """Whether timeline and search know all customers of a share."""
    ids = writers.acknowledged[share]
    if rows(installation, "logging", f"{_LOGGED} ({','.join('?' * len(ids))})", *ids) != [(len(ids),)]:
        return False
    body = {"query": {"field": "last_name", "op": "is", "value": share}, "count": True, "limit": 1}
    answer = await writers.ask("POST", "/customers:search", body)
    return answer.status_code == 200 and answer.json()["count"] == len(ids)


async def _kafka_away(writers: Writers) -> None:
    """People read and search; the index says that it is not of now."""
    answer = await writers.ask("POST", "/customers:search", {"query": {"all": []}, "count": True, "limit": 1})
    assert answer.status_code == 200
    some = writers.acknowledged[writers.share][0]
    assert (await writers.ask("GET", f"/customers/{some}")).status_code == 200

    async def stale() -> bool:
        answers = [await writers.ask("POST", "/customers:search", {"query": {"all": []}, "limit": 1}) for _ in range(2)]
        first, second = (one.json()["as_of"] for one in answers)
        return bool(first == second)

    await until(stale, 5)


async def _postgres_away(writers: Writers) -> None:
    """Everybody is told so, in time."""

    async def refused() -> bool:
        return writers.refused["503 engine_unavailable"] > WRITERS

    await until(refused, 20)


async def _opensearch_away(writers: Writers) -> None:
    """Searches are refused; all else goes on."""
    answer = await writers.ask("POST", "/customers:search", {"query": {"all": []}, "count": True, "limit": 1})
    assert answer.status_code == 503
    some = writers.acknowledged[writers.share][0]
    assert (await writers.ask("GET", f"/customers/{some}")).status_code == 200


LOOKS = {"kafka": _kafka_away, "postgres": _postgres_away, "opensearch": _opensearch_away}
NAMED = {"kafka": "Kafka", "postgres": "PostgreSQL", "opensearch": "OpenSearch"}


async def _is_told(installation: Installation, engine: Engine) -> None:
    """The gateway lives; who asks whether all is ready, and `rapport check`, are told which engine is away."""
    async with httpx.AsyncClient(base_url=installation.url, timeout=ANSWERED_WITHIN) as http:
        assert (await http.get("/healthz")).status_code == 200
        ready = await http.get("/readyz")
    assert ready.status_code == (200 if engine.name == "opensearch" else 503)
    env = dict(installation.env) | {"RAPPORT_PORT": str(installation.port)}
    checked = await asyncio.to_thread(run_rapport, "check", data=installation.data, **env)
    assert checked.returncode == 1, checked.stdout
    looks = [line for line in checked.stdout.splitlines() if line.startswith("LOOK")]
    assert any(NAMED[engine.name] in line for line in looks), checked.stdout
