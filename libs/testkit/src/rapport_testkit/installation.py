"""A whole Rapport in a test: `rapport up` on a folder and a free port, used over HTTP, killed without warning, looked into."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from rapport_host.roles import WORKERS
from rapport_testkit.command import PASSWORD, own_environment, rapport
from rapport_testkit.engines.ports import free_port
from rapport_testkit.topology import EMBEDDED, REAL, environment

_READY_SECONDS = 120.0  # limits wait for trouble, not for a busy machine
_GONE_SECONDS = 30.0


@dataclass
class Installation:
    """One `rapport up`. `log` holds what its processes said."""

    data: Path
    env: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    _clients: list[httpx.AsyncClient] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it is open."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def embedded(self) -> bool:
        """Whether its data are files of its folder: in this run, or because it was told so (`topology.EMBEDDED`)."""
        return not REAL or EMBEDDED.items() <= self.env.items()

    @property
    def database_url(self) -> str:
        """Where its databases are on PostgreSQL, `{service}` standing for each; empty when they are files."""
        told = {} if self.embedded else environment(self.data)
        return (told | dict(self.env)).get("RAPPORT_DATABASE_URL", "")

    @property
    def log(self) -> Path:
        """What supervisor and children print."""
        return self.data.with_name(f"{self.data.name}.log")

    def start(self) -> None:
        """Start it; `until_ready` waits for it."""
        told = {"RAPPORT_PORT": str(self.port)} | ({} if self.embedded else environment(self.data)) | dict(self.env)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(rapport("up"), env=own_environment(self.data, told), stdout=log, stderr=log)

    async def until_ready(self) -> None:
        """Wait until /readyz says so. Raises `TimeoutError` with the log's end."""
        async with httpx.AsyncClient() as client:

            async def ready() -> bool:
                with contextlib.suppress(httpx.HTTPError):
                    return (await client.get(f"{self.url}/readyz", timeout=2)).status_code == 200
                return False

            await until(ready, _READY_SECONDS, lambda: self.log.read_text()[-3_000:])

    def stop(self) -> None:
        """Stop it in order."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(30)
            self.process = None

    async def close(self) -> None:
        """Close every client, and stop, whatever happened to those."""
        try:
            for client in self._clients:
                await client.aclose()
        finally:
            self.stop()

    def children(self) -> dict[str, int]:
        """Role -> process id of the running children."""
        if self.process is None:
            return {}
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        found = {}
        for pid in listed:
            with contextlib.suppress(OSError):
                words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
                if b"rapport_host.child" in words:
                    found[words[words.index(b"rapport_host.child") + 1].decode()] = int(pid)
        return found

    async def kill(self, role: str) -> int | None:
        """Kill -9 the process of `role` and wait until it is gone; its id, or None when it was not there just now."""
        pid = self.children().get(role)
        if pid is not None:
            await _kill(pid)
        return pid

    async def kill_everything(self) -> None:
        """Kill -9 the supervisor, so that nobody is started again, and then its children."""
        if self.process is not None:
            children = self.children()
            self.process.kill()
            self.process.wait(_GONE_SECONDS)
            for pid in children.values():
                await _kill(pid)
            self.process = None

    async def until_working(self, role: str) -> int:
        """Wait until the child of `role` does its work; its process id."""
        if role == "web":
            await self.until_ready()
        lock = self.data / f"{WORKERS.get(role, ('',))[0]}.worker.lock"
        found = 0

        async def working() -> bool:
            nonlocal found
            found = self.children().get(role, 0)
            return bool(found) and (role == "web" or (lock.is_file() and lock.read_text() == str(found)))

        await until(working, _READY_SECONDS, lambda: self.log.read_text()[-3_000:])
        return found

    def memory(self) -> dict[str, int]:
        """Role -> resident bytes, with `supervisor`."""
        pids = self.children() | ({"supervisor": self.process.pid} if self.process else {})
        return {role: _resident(pid) for role, pid in pids.items()}

    async def client(self, username: str = "master", password: str = PASSWORD) -> Client:
        """A signed-in client."""
        client = Client(httpx.AsyncClient(base_url=f"{self.url}/api/v1", timeout=60))
        self._clients.append(client.http)
        await client.sign_in(username, password)
        return client


@dataclass
class Client:
    """A person at the API: a session cookie and its CSRF token."""

    http: httpx.AsyncClient
    csrf: str = ""

    async def sign_in(self, username: str, password: str) -> None:
        """Open a session."""
        answer = await self.http.post("/auth/sign-in", json={"username": username, "password": password})
        assert answer.status_code == 200, answer.text
        self.csrf = answer.json()["csrf_token"]

    async def call(self, method: str, path: str, *, expect: int | None = None, **more: Any) -> httpx.Response:
        """One call; `expect` asserts its status."""
        headers = {"x-csrf-token": self.csrf} | dict(more.pop("headers", {}))
        answer = await self.http.request(method, path, headers=headers, **more)
        if expect is not None:
            assert answer.status_code == expect, f"{method} {path}: {answer.status_code} {answer.text[:2_000]}"
        return answer

    async def get(self, path: str, **more: Any) -> Any:
        """The JSON of a 200."""
        return (await self.call("GET", path, expect=200, **more)).json()

    async def post(self, path: str, json: Any = None, *, expect: int = 200, **more: Any) -> Any:
        """The JSON of an answer with the expected status."""
        answer = await self.call("POST", path, json=json, expect=expect, **more)
        return answer.json() if answer.content else None

    async def job(self, job_id: str, seconds: float = 120) -> dict[str, Any]:
        """Wait for the end of a job; the job."""
        found: dict[str, Any] = {}

        async def ended() -> bool:
            nonlocal found
            answer = await self.call("GET", f"/jobs/{job_id}")
            if answer.status_code != 200:
                return False
            found = answer.json()
            return found["state"] in {"done", "failed", "cancelled"}

        await until(ended, seconds, lambda: str(found))
        return found


async def until(condition: Callable[[], Any], seconds: float, otherwise: Callable[[], str] = lambda: "") -> None:
    """Wait until the (async) condition holds, looking every 50 ms. Raises `TimeoutError` with `otherwise()`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if await condition():
            return
        await asyncio.sleep(0.05)
    raise TimeoutError(f"not within {seconds} s: {otherwise()}")


@contextlib.asynccontextmanager
async def installed(data: Path, env: Mapping[str, str] = {}) -> AsyncIterator[Installation]:
    """A ready installation, stopped at the end."""
    installation = Installation(data, env)
    installation.start()
    try:
        await installation.until_ready()
        yield installation
    finally:
        await installation.close()


async def _kill(pid: int) -> None:
    """Kill -9, and wait for the end: a killed process still looks alive until it gets the processor to die on."""
    with contextlib.suppress(ProcessLookupError):
        handle = os.pidfd_open(pid)
        try:
            signal.pidfd_send_signal(handle, signal.SIGKILL)
            ended, _, _ = await asyncio.to_thread(select.select, [handle], [], [], _GONE_SECONDS)
            assert ended, f"{pid} outlived kill -9"
        finally:
            os.close(handle)


def _resident(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
