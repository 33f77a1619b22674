"""Services elsewhere: the same words over HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import uvicorn

from .conftest import Echo, World, opened


@contextlib.asynccontextmanager
async def serving(app: Any) -> AsyncIterator[str]:
    """`app` on a free port of this machine."""
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None, access_log=False, ws="none"))
    running = asyncio.create_task(server.serve([bound]))
    try:
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running
        bound.close()


@contextlib.asynccontextmanager
async def world_with(app: Any, folder: Path) -> AsyncIterator[World]:
    async with serving(app) as url, opened(folder, {}, urls={"customers": url}) as world:
        yield world


async def test_a_request_arrives_as_it_was_sent(tmp_path: Path, cheap_hashes: None) -> None:
    """G2, G4: services in processes of their own."""
    async with world_with(Echo("customers"), tmp_path) as world:
        browser = await world.browser()
        answer = await browser.post("/customers/a%2Fb%20c?q=%D8%B1&q=2", content=b"x" * 100_000)
        seen = answer.json()
        assert (seen["method"], seen["raw_path"], seen["query"]) == ("POST", "/customers/a%2Fb%20c", "q=%D8%B1&q=2")
        assert seen["length"] == 100_000
        assert answer.headers["x-from"] == "customers"
        assert answer.headers["x-content-type-options"] == "nosniff"
        caller = await world.it.runtime.directory.authenticate(seen["headers"]["x-rapport-identity"])
        assert caller.can("customers.view")
        assert not {"cookie", "x-csrf-token", "authorization"} & set(seen["headers"])


async def test_an_answer_streams_through_as_it_comes_and_stays_compressed(tmp_path: Path, cheap_hashes: None) -> None:
    packed = gzip.compress(b"rows" * 100_000, 1)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-encoding", b"gzip"), (b"content-type", b"application/x-ndjson"), (b"keep-alive", b"x")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for start in range(0, len(packed), 1_000):
            await send({"type": "http.response.body", "body": packed[start : start + 1_000], "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async with world_with(app, tmp_path) as world:
        answer = await (await world.browser()).get("/customers")
        assert answer.content == b"rows" * 100_000
        assert answer.headers["content-encoding"] == "gzip"
        assert "keep-alive" not in answer.headers


async def test_a_service_that_is_down_is_503_and_others_go_on(tmp_path: Path, cheap_hashes: None) -> None:
    """R10."""
    async with serving(Echo("customers")) as url:
        closed = url
    async with opened(tmp_path, {}, urls={"customers": closed}) as world:
        browser = await world.browser()
        down = await browser.get("/customers")
        assert (down.status_code, down.json()["code"]) == (503, "engine_unavailable")
        assert (await browser.get("/tags")).status_code == 200
        ready = await browser.get("http://rapport.test/readyz")
        assert (ready.status_code, ready.json()["services"]["customers"]["ok"]) == (503, False)
        document = (await browser.get("/openapi.json")).json()
        assert "/api/v1/users" in document["paths"]


async def test_a_service_that_nobody_named_is_503(world: World) -> None:
    browser = await world.browser()
    del world.gateway.app._services["customers"]  # type: ignore[attr-defined]
    world.replace_peers({"identity": world.it.app})
    down = await browser.get("/customers")
    assert (down.status_code, down.json()["code"]) == (503, "engine_unavailable")
    jobs = (await browser.get("/jobs")).json()
    assert jobs["missing"] == ["customers", "import", "search", "logging", "messaging"]


async def test_when_the_client_goes_away_the_service_is_let_go(tmp_path: Path, cheap_hashes: None) -> None:
    let_go = asyncio.Event()

    async def endless(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

        async def until_gone() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass
            let_go.set()

        watching = asyncio.create_task(until_gone())
        while not let_go.is_set():
            await send({"type": "http.response.body", "body": b"x", "more_body": True})
            await asyncio.sleep(0.01)
        await watching

    async with world_with(endless, tmp_path) as world:
        browser = await world.browser()
        gone, parts = asyncio.Event(), asyncio.Queue[bytes]()
        cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        scope = {
            "type": "http",
            "method": "GET",
            "path": "/api/v1/customers",
            "raw_path": b"/api/v1/customers",
            "query_string": b"",
            "headers": [(b"cookie", cookie.encode())],
            "client": ("203.0.113.7", 1),
        }
        first = True

        async def receive() -> dict[str, Any]:
            nonlocal first
            if first:
                first = False
                return {"type": "http.request", "body": b"", "more_body": False}
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.body":
                await parts.put(message["body"])

        async with asyncio.timeout(60):
            passing = asyncio.create_task(world.gateway(scope, receive, send))
            await parts.get()
            gone.set()
            await passing
            await let_go.wait()
