"""One kept-open HTTP/1.1 connection that asks and waits, for benchmarks at one client: it costs some 50 µs a request."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import orjson

from rapport_testkit.installation import Client
from tests.benchmarks.load import request


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and after how many seconds."""

    status: int
    body: bytes
    seconds: float

    @property
    def json(self) -> Any:
        """The body."""
        return orjson.loads(self.body)


class Wire:
    """A signed-in connection to an installation."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, headers: dict[str, str]) -> None:
        self._reader = reader
        self._writer = writer
        self._headers = headers

    @classmethod
    async def open(cls, port: int, client: Client) -> Wire:
        """A connection with the session of `client`."""
        cookies = "; ".join(f"{name}={value}" for name, value in client.http.cookies.items())
        headers = {"cookie": cookies, "x-csrf-token": client.csrf}
        return cls(*await asyncio.open_connection("127.0.0.1", port), headers)

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """One request of the API; header names are written with `_`."""
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        more |= {} if body is None else {"content-type": "application/json"} | more
        content = b"" if body is None else orjson.dumps(body)
        asked = request(method, f"/api/v1{path}", self._headers | more, content)
        began = time.perf_counter()
        self._writer.write(asked)
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        _, length, rest = head.partition(b"content-length:")
        content = await self._reader.readexactly(int(rest.split(b"\r\n", 1)[0])) if length else b""
        return Answer(int(head[9:12]), content, time.perf_counter() - began)

    def close(self) -> None:
        """Hang up."""
        self._writer.close()
