"""Identity standing alone: real database, real bus, cheap hashes, a clock that stands still until moved."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from rapport_chassis.clock import SetClock
from rapport_chassis.peers import IDENTITY_HEADER
from rapport_identity import bootstrap
from rapport_identity.adapters.argon2 import Argon2Hasher
from rapport_identity.entrypoints.http.requests import CLIENT_HEADER, SESSION_HEADER
from rapport_testkit.service import Standing, running

PASSWORD = "correct horse battery"
cheap_hasher = functools.partial(Argon2Hasher, memory_kib=8, passes=1, lanes=1)


@dataclass
class House:
    """The service and what tests do with it again and again."""

    it: Standing
    clock: SetClock

    async def settle(self) -> None:
        """Publish what waits and let the directory read it."""
        await self.it.drain()
        await self.it.settle()

    async def try_sign_in(self, username: str, password: str, ip: str = "10.0.0.1") -> httpx.Response:
        body = {"username": username, "password": password}
        return await self.it.client(None).post("/auth/sign-in", json=body, headers={CLIENT_HEADER: ip})

    async def resolve(self, **credential: str) -> httpx.Response:
        return await self.it.client(None).post("/internal/credentials:resolve", json=credential)

    async def sign_in(self, username: str = "master", password: str = PASSWORD) -> httpx.AsyncClient:
        """A client as the gateway would make its requests: a signed identity and the session's id."""
        answer = await self.try_sign_in(username, password)
        assert answer.status_code == 200, answer.text
        await self.settle()
        found = (await self.resolve(session=answer.cookies["rapport_session"])).json()
        client = self.it.client(None)
        client.headers[IDENTITY_HEADER] = self.it.signer.sign(found["subject"], found["rights_version"])
        client.headers[SESSION_HEADER] = found["session_id"]
        client.headers[CLIENT_HEADER] = "10.0.0.1"
        return client

    async def user(self, username: str, **fields: Any) -> dict[str, Any]:
        """A user made by the master, with the usual password."""
        master = await self.sign_in()
        body = {"username": username, "password": PASSWORD} | fields
        answer = await master.post("/users", json=body)
        assert answer.status_code == 201, answer.text
        await self.settle()
        return dict(answer.json())

    async def audit(self, action: str) -> list[dict[str, Any]]:
        master = await self.sign_in()
        return list((await master.get("/audit", params={"action": action})).json()["items"])


@pytest.fixture
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "Argon2Hasher", cheap_hasher)


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 11, 22, 9, 0, tzinfo=UTC))


@pytest.fixture
async def house(tmp_path: Path, clock: SetClock, cheap_hashes: None) -> AsyncIterator[House]:
    async with running(bootstrap.SERVICE, tmp_path, env={"RAPPORT_MASTER_PASSWORD": PASSWORD}, clock=clock) as it:
        for group in ("north", "south"):
            await it.group(group)
        yield House(it, clock)


@pytest.fixture
def code() -> Callable[[httpx.Response], tuple[int, str]]:
    """The status and the code of a problem."""
    return lambda answer: (answer.status_code, answer.json()["code"])
