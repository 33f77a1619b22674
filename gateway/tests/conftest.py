"""The gateway before the real identity and hand-written services, with topics that move as in a running installation."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from rapport_chassis.auth import feed
from rapport_chassis.service import GatewayParts
from rapport_chassis.telemetry import Metrics
from rapport_gateway.bootstrap import RunningGateway
from rapport_gateway.domain.routing import SERVICES
from rapport_identity import bootstrap as identity
from rapport_identity.adapters.argon2 import Argon2Hasher
from rapport_testkit.service import Standing, running

PASSWORD = "correct horse battery"


class Echo:
    """A service that says what reached it, and can be told what to answer."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.answers: dict[str, Any] = {"/internal/health": {"service": name, "ok": True, "consumers": []}}
        self.status: dict[str, int] = {}
        self.requests: list[dict[str, Any]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = b""
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        seen = {
            "service": self.name,
            "method": scope["method"],
            "path": scope["path"],
            "raw_path": scope["raw_path"].decode(),
            "query": scope["query_string"].decode(),
            "headers": {name.decode(): value.decode() for name, value in scope["headers"]},
            "length": len(body),
            "body": body[:200].decode(errors="replace"),
        }
        self.requests.append(seen)
        answer = self.answers.get(scope["path"], seen)
        if isinstance(answer, Exception):
            raise answer
        content = orjson.dumps(answer)
        status = self.status.get(scope["path"], 200)
        headers = [(b"content-type", b"application/json"), (b"x-from", self.name.encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class World:
    """An installation in one test."""

    it: Standing
    gateway: RunningGateway
    echoes: dict[str, Echo]
    clock: Clock
    _clients: list[httpx.AsyncClient] = field(default_factory=list)

    def client(self, **headers: str) -> httpx.AsyncClient:
        """A browser or a program outside."""
        transport = httpx.ASGITransport(self.gateway, raise_app_exceptions=False, client=("203.0.113.7", 1))
        client = httpx.AsyncClient(transport=transport, base_url="http://rapport.test/api/v1", headers=headers)
        self._clients.append(client)
        return client

    async def browser(self, username: str = "master", password: str = PASSWORD) -> httpx.AsyncClient:
        """A client that is signed in, with its CSRF token."""
        client = self.client()
        answer = await client.post("/auth/sign-in", json={"username": username, "password": password})
        assert answer.status_code == 200, answer.text
        client.headers["x-csrf-token"] = answer.json()["csrf_token"]
        return client

    async def user(self, username: str, **fields: Any) -> dict[str, Any]:
        master = await self.browser()
        answer = await master.post("/users", json={"username": username, "password": PASSWORD} | fields)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def api_key(self, client: httpx.AsyncClient, **fields: Any) -> httpx.AsyncClient:
        made = await client.post("/api-keys", json={"name": "test"} | fields)
        assert made.status_code == 201, made.text
        return self.client(authorization=f"Bearer {made.json()['key']}")

    def replace_peers(self, apps: Mapping[str, Any]) -> None:
        """What the gateway itself asks of services goes to these from now on."""
        self.gateway._peers.local = apps.get

    async def known(self, version: int) -> None:
        """Wait until the directory knows this version."""
        async with asyncio.timeout(60):
            while self.it.runtime.directory.version < version:
                await asyncio.sleep(0.005)


@contextlib.asynccontextmanager
async def opened(
    folder: Path, env: Mapping[str, str], console: Path | None = None, urls: Mapping[str, str] = {}
) -> AsyncIterator[World]:
    """An installation: `urls` are services elsewhere."""
    async with running(identity.SERVICE, folder, env={"RAPPORT_MASTER_PASSWORD": PASSWORD}) as it:
        runtime = it.runtime
        echoes = {name: Echo(name) for name in SERVICES if name not in {"identity", *urls}}
        parts = GatewayParts(
            local={"identity": it.app, **echoes},  # type: ignore[dict-item]
            urls=urls,
            signer=it.signer,
            directory=runtime.directory,
            bus=runtime.bus,
            clock=runtime.clock,
            metrics=Metrics(),
            env=env,
            console=console,
        )
        clock = Clock()
        gateway = RunningGateway(parts, clock)
        moving = [asyncio.create_task(it.relay.run()), asyncio.create_task(feed(runtime.directory, runtime.bus))]
        await gateway.start()
        for group in ("north", "south"):
            await it.group(group)
        world = World(it, gateway, echoes, clock)
        try:
            yield world
        finally:
            for client in world._clients:
                await client.aclose()
            await gateway.close()
            for task in moving:
                task.cancel()
            await asyncio.gather(*moving, return_exceptions=True)


@pytest.fixture
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap = functools.partial(Argon2Hasher, memory_kib=8, passes=1, lanes=1)
    monkeypatch.setattr(identity, "Argon2Hasher", cheap)


@pytest.fixture
def env() -> dict[str, str]:
    return {}


@pytest.fixture
async def world(tmp_path: Path, env: dict[str, str], cheap_hashes: None) -> AsyncIterator[World]:
    async with opened(tmp_path, env) as it:
        yield it
