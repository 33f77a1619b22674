"""Calling another service in this process or over HTTP: the same answers, the same refusals, streams line by line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from aiohttp import web
from fastapi import FastAPI, Request
from starlette.responses import StreamingResponse

from rapport_chassis.db import EngineUnavailable
from rapport_chassis.peers import LocalPeer, Peer, PeerRefused
from rapport_chassis.peers_http import HttpPeer

app = FastAPI()


@app.post("/echo")
async def echo(request: Request) -> Any:
    return {"body": await request.json(), "identity": request.headers.get("x-rapport-identity")}


@app.get("/lines")
async def lines() -> StreamingResponse:
    async def parts() -> AsyncIterator[bytes]:
        for part in (b'{"n":1}\n{"n"', b":2}\n", b'{"n":3}'):
            yield part
            await asyncio.sleep(0)

    return StreamingResponse(parts())


@app.get("/broken")
async def broken() -> Any:
    from starlette.responses import JSONResponse

    return JSONResponse({"code": "oops"}, 500)


async def over_http(request: web.Request) -> web.StreamResponse:
    """Forwards into the same app, so that both peers are asked the same things."""
    local = LocalPeer(app)
    body = await request.read()
    try:
        reply = await local.request(request.method, request.path, json=orjson.loads(body) if body else None)
    except PeerRefused as refused:
        return web.json_response(refused.body, status=refused.status)
    except EngineUnavailable:
        return web.json_response({}, status=500)
    return web.Response(body=reply.content, status=reply.status)


@pytest.fixture(params=["local", "http"])
async def peer(request: pytest.FixtureRequest) -> AsyncIterator[Peer]:
    if request.param == "local":
        yield LocalPeer(app)
        return
    served = web.Application()
    served.router.add_route("*", "/{tail:.*}", over_http)
    runner = web.AppRunner(served)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    remote = HttpPeer(f"http://127.0.0.1:{runner.addresses[0][1]}")
    yield remote
    await remote.close()
    await runner.cleanup()


async def test_a_call_brings_its_answer(peer: Peer) -> None:
    reply = await peer.request("POST", "/echo", json={"a": [1]})
    assert (reply.status, reply.json["body"]) == (200, {"a": [1]})


async def test_refusals_carry_the_problem_and_failures_mean_try_again(peer: Peer) -> None:
    with pytest.raises(PeerRefused) as refused:
        await peer.request("GET", "/nowhere")
    assert refused.value.status == 404
    with pytest.raises(EngineUnavailable):
        await peer.request("GET", "/broken")


async def test_lines_come_whole_however_they_are_cut(peer: Peer) -> None:
    assert [line async for line in peer.stream("GET", "/lines")] == [b'{"n":1}', b'{"n":2}', b'{"n":3}']


async def test_nobody_there_means_try_again() -> None:
    peer = HttpPeer("http://127.0.0.1:9")
    with pytest.raises(EngineUnavailable):
        await peer.request("GET", "/")
    await peer.close()


async def test_a_stream_left_early_ends_its_task() -> None:
    stream: Any = LocalPeer(app).stream("GET", "/lines")
    assert await anext(stream) == b'{"n":1}'
    await stream.aclose()
    names = {task.get_coro().__qualname__ for task in asyncio.all_tasks()}  # type: ignore[union-attr]
    assert not any("_AsgiCall" in name for name in names)
