"""A service with several instances: asked in turn, and no deed is asked for twice."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web

from rapport_chassis.db import EngineUnavailable
from rapport_chassis.instances import Instances
from rapport_chassis.peers_http import HttpPeer
from rapport_testkit.engines.ports import free_port

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@contextlib.asynccontextmanager
async def serving(answer: Answer) -> AsyncIterator[str]:
    served = web.Application()
    served.router.add_route("*", "/{tail:.*}", answer)
    runner = web.AppRunner(served)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@contextlib.asynccontextmanager
async def peer_of(*urls: str) -> AsyncIterator[HttpPeer]:
    peer = HttpPeer(", ".join(urls))
    try:
        yield peer
    finally:
        await peer.close()


def nobody() -> str:
    return f"http://127.0.0.1:{free_port()}"


class Counting:
    """An instance that counts what it was asked, and answers or, having done it, breaks off."""

    def __init__(self, *, breaks: bool = False) -> None:
        self.asked = 0
        self._breaks = breaks

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        await request.read()
        if self._breaks:
            assert request.transport
            request.transport.close()
        return web.json_response({})


async def test_instances_are_asked_in_turn() -> None:
    one, two = Counting(), Counting()
    async with serving(one.answer) as first, serving(two.answer) as second, peer_of(first, second) as peer:
        for _ in range(10):
            await peer.request("GET", "/")
    assert (one.asked, two.asked) == (5, 5)


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_where_there_is_no_connection_the_next_is_asked_whatever_is_asked(method: str) -> None:
    there = Counting()
    async with serving(there.answer) as url, peer_of(nobody(), url) as peer:
        for _ in range(6):
            assert (await peer.request(method, "/", json={})).status == 200
    assert there.asked == 6


async def test_a_question_that_breaks_off_is_asked_elsewhere() -> None:
    breaks, there = Counting(breaks=True), Counting()
    async with serving(breaks.answer) as first, serving(there.answer) as second, peer_of(first, second) as peer:
        for _ in range(6):
            assert (await peer.request("GET", "/")).status == 200
    assert there.asked == 6
    assert breaks.asked >= 3


async def test_a_deed_that_breaks_off_is_asked_of_nobody_else() -> None:
    breaks, there = Counting(breaks=True), Counting()
    answered = 0
    async with serving(breaks.answer) as first, serving(there.answer) as second, peer_of(first, second) as peer:
        for _ in range(6):
            with contextlib.suppress(EngineUnavailable):
                await peer.request("POST", "/", json={})
                answered += 1
    assert (breaks.asked, there.asked, answered) == (3, 3, 3)


async def test_nobody_there_means_try_again_and_names_all() -> None:
    first, second = nobody(), nobody()
    async with peer_of(first, second) as peer:
        with pytest.raises(EngineUnavailable, match=f"{second}, {first} does not answer"):
            await peer.request("GET", "/")


async def test_who_refused_a_moment_ago_is_passed_over() -> None:
    now = 100.0
    instances, asked = Instances("http://a,http://b", clock=lambda: now), list[str]()

    async def ask(url: str) -> object:
        asked.append(url)
        if url == "http://b":
            raise _refusal()
        return None

    for _ in range(4):
        await instances.asked("GET", ask)  # type: ignore[arg-type]
    assert asked == ["http://b", "http://a", "http://a", "http://a", "http://a"]
    now += 2
    await instances.asked("GET", ask)  # type: ignore[arg-type]
    await instances.asked("GET", ask)  # type: ignore[arg-type]
    assert asked[5:] == ["http://b", "http://a", "http://a"]


def _refusal() -> Exception:
    import aiohttp
    from aiohttp.client_reqrep import ConnectionKey

    key = ConnectionKey("b", 80, is_ssl=False, ssl=True, proxy=None, proxy_auth=None, proxy_headers_hash=None)
    return aiohttp.ClientConnectorError(key, ConnectionRefusedError())


async def test_a_balancer_is_tried_a_second_time() -> None:
    instances, tried = Instances("http://balancer"), 0

    async def ask(url: str) -> object:
        nonlocal tried
        tried += 1
        await asyncio.sleep(0)
        if tried == 1:
            raise _refusal()
        return url

    assert await instances.asked("POST", ask) == "http://balancer"  # type: ignore[arg-type]
