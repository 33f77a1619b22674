"""The service while its engine is away: nothing is lost, and users and operators are told what is missing (Q8, R5)."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from rapport_testkit.engines.ports import free_port

from .conftest import OpenSearchTech, Searchable, standing_on, until


class Wire:
    """A way to the engine that can be cut."""

    def __init__(self, to_port: int) -> None:
        self.port = free_port()
        self._to_port = to_port
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    async def join(self) -> None:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)

    async def cut(self) -> None:
        if self._server:
            self._server.close()
            self._server = None
        for writer in list(self._open):
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._to_port)
        self._open |= {writer, back}
        with contextlib.suppress(OSError):
            await asyncio.gather(_copy(reader, back), _copy(there, writer))
        self._open -= {writer, back}
        for one in (writer, back):
            one.transport.abort()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while some := await reader.read(65_536):
            writer.write(some)
            await writer.drain()
    writer.transport.abort()


@pytest.fixture
async def wired(tmp_path: Path) -> AsyncIterator[tuple[Wire, Any]]:
    tech = OpenSearchTech(tmp_path / "search")
    wire = Wire(int(tech.url.partition("127.0.0.1:")[2].partition("?")[0]))
    tech.env = {"RAPPORT_SEARCH_URL": f"opensearch://127.0.0.1:{wire.port}?prefix={tech.prefix}"}
    yield wire, tech
    await wire.cut()
    await tech.clear()


async def engines(search: Searchable) -> Any:
    health = (await search.client(None).get("/internal/health")).json()
    assert health["ok"]
    return health["adapters"]


async def test_a_search_without_its_engine_says_so_and_follows_when_it_is_back(wired: Any, tmp_path: Path) -> None:
    wire, tech = wired
    await wire.join()
    async with standing_on(tmp_path, tech) as search:
        await search.put("c1", last_name="Ahmadi")
        assert [one["ok"] for one in await engines(search)] == [True]
        await wire.cut()
        for asked in (
            search.client().post("/customers:search", json={}),
            search.client().get("/customers:quick", params={"q": "ahmadi"}),
            search.client().post("/customers:search", json={}, headers={"x-position": "c1@1"}),
        ):
            answer = await asked
            assert (answer.status_code, answer.json()["code"]) == (503, "engine_unavailable")
            assert answer.headers["retry-after"]
        (told,) = await engines(search)
        assert (told["name"], told["ok"]) == ("search engine", False)
        assert f"127.0.0.1:{wire.port} does not answer" in told["detail"]
        await until(lambda: up(search, 0), 30)
        await search.publish("c1", last_name="Karimi")
        await search.publish("c2", last_name="Karimi")
        await wire.join()
        await until(lambda: found(search, ["c1", "c2"]), 30)
        await until(lambda: up(search, 1), 30)
        assert (await search.client().get("/parked-messages")).json()["items"] == []


async def test_the_service_starts_without_its_engine_and_makes_its_index_when_it_comes(
    wired: Any, tmp_path: Path
) -> None:
    wire, tech = wired
    async with standing_on(tmp_path, tech) as search:
        await search.publish("c1", last_name="Karimi")
        assert (await search.client().post("/customers:search", json={})).status_code == 503
        await wire.join()
        await until(lambda: found(search, ["c1"]), 30)


async def test_an_engine_that_comes_with_anothers_indexes_is_told_and_left_alone(wired: Any, tmp_path: Path) -> None:
    """ADR 0160."""
    wire, tech = wired
    theirs = tech.open()
    await theirs.claim("another installation")
    await theirs.create("customers-theirs")
    async with standing_on(tmp_path, tech) as search:
        await search.publish("c1", last_name="Karimi")
        await wire.join()

        async def told() -> bool:
            (seen,) = await engines(search)
            return not seen["ok"] and "is another installation's" in seen["detail"]

        await until(told, 30)
        await until(lambda: up(search, 0), 30)
        assert (await search.client().post("/customers:search", json={})).status_code == 503
        assert await theirs.names() == ["customers-theirs"]
        await theirs.drop("customers-theirs")
        await until(lambda: found(search, ["c1"]), 30)
    await theirs.close()


async def up(search: Searchable, expected: int) -> bool:
    metrics = search.standing.runtime.metrics.registry
    return metrics.get_sample_value("adapter_up", {"adapter": "search engine"}) == expected


async def found(search: Searchable, ids: list[str]) -> bool:
    query = {"field": "last_name", "op": "is", "value": "karimi"}
    answer = await search.client().post("/customers:search", json={"query": query})
    return answer.status_code == 200 and [item["id"] for item in answer.json()["items"]] == ids
