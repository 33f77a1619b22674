"""A load client that costs little: raw HTTP/1.1 over kept-open connections, prebuilt bytes, bounded in count and time.

`python -m tests.benchmarks.load` reads a plan (JSON: port, connections, requests as hex, seconds) from its input and
prints `{"count", "seconds", "latencies": [p50, p95, p99], "statuses"}`: a process of its own beside the servers.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import uvloop


@dataclass(frozen=True)
class Load:
    """What a load run found; latencies in seconds."""

    rate: float
    p50: float
    p95: float
    p99: float
    statuses: dict[str, int]


def request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """The bytes of one request."""
    lines = [f"{method} {path} HTTP/1.1", "host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers.items())]
    if body or method != "GET":
        lines.append(f"content-length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def load(port: int, requests: Sequence[bytes], connections: int, seconds: float) -> Load:
    """Ask `requests` in turn over `connections` connections for `seconds`."""
    plan = {"port": port, "requests": [one.hex() for one in requests], "connections": connections, "seconds": seconds}
    command = [sys.executable, "-m", "tests.benchmarks.load"]
    said = await asyncio.to_thread(
        subprocess.run, command, input=json.dumps(plan), check=True, capture_output=True, text=True
    )
    found = json.loads(said.stdout)
    p50, p95, p99 = found["latencies"]
    return Load(found["count"] / found["seconds"], p50, p95, p99, found["statuses"])


class _Connection(asyncio.Protocol):
    """Sends the next request when the answer to the last is complete."""

    def __init__(self, run: _Run) -> None:
        self._run = run
        self._buffer = b""
        self._sent = 0.0
        self._transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._next()

    def _next(self) -> None:
        if self._run.over():
            self._transport.close()
            return
        self._sent = time.perf_counter()
        self._transport.write(next(self._run.requests))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, separator, rest = self._buffer.partition(b"\r\n\r\n")
        if not separator or len(rest) < _length(head):
            return
        self._run.count(head[9:12].decode(), time.perf_counter() - self._sent)
        self._buffer = b""
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        self._run.ended()


def _length(head: bytes) -> int:
    lowered = head.lower()
    at = lowered.find(b"content-length:")
    return 0 if at < 0 else int(lowered[at + 15 :].split(b"\r\n", 1)[0])


class _Run:
    def __init__(self, plan: dict[str, Any]) -> None:
        self.requests = cycle([bytes.fromhex(one) for one in plan["requests"]])
        self.statuses: Counter[str] = Counter()
        self.latencies: list[float] = []
        self.done = asyncio.Event()
        self._open = plan["connections"]
        self._began = time.perf_counter()
        self._until: float = self._began + plan["seconds"]

    def over(self) -> bool:
        return time.perf_counter() > self._until

    def count(self, status: str, latency: float) -> None:
        self.statuses[status] += 1
        self.latencies.append(latency)

    def ended(self) -> None:
        self._open -= 1
        if not self._open:
            self.done.set()

    def found(self) -> dict[str, Any]:
        ordered = sorted(self.latencies)
        marks = [ordered[min(len(ordered) - 1, int(len(ordered) * share))] for share in (0.5, 0.95, 0.99)]
        seconds = time.perf_counter() - self._began
        return {"count": len(ordered), "seconds": seconds, "latencies": marks, "statuses": self.statuses}


async def _main() -> None:
    plan = json.loads(sys.stdin.read())
    run = _Run(plan)
    loop = asyncio.get_running_loop()
    for _ in range(plan["connections"]):
        await loop.create_connection(lambda: _Connection(run), "127.0.0.1", plan["port"])
    await run.done.wait()
    print(json.dumps(run.found()))


if __name__ == "__main__":
    uvloop.run(_main())
