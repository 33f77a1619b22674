"""The operators' port tells the truth: of an event loop that is stuck, of a consumer that stopped."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import httpx
import pytest

from rapport_chassis.telemetry import Metrics
from rapport_host import operators
from rapport_host.settings import read_settings
from rapport_testkit.engines.ports import free_port


async def answer(port: int, path: str) -> tuple[int, str]:
    async with httpx.AsyncClient() as client:
        got = await client.get(f"http://127.0.0.1:{port}{path}", timeout=10)
    return got.status_code, got.text


async def test_a_consumer_that_stopped_makes_the_process_unready_and_leaves_it_alive(tmp_path: Path):
    port, metrics = free_port(), Metrics()
    settings = read_settings({"RAPPORT_METRICS_PORT": str(port), "RAPPORT_DATA": str(tmp_path)})
    metrics.stopped.labels("customers.imports").set(0)
    with operators.exposed(settings, {"customers": metrics}):
        assert await answer(port, "/readyz") == (200, '{"ok": true}')
        metrics.stopped.labels("customers.imports").set(1)
        status, said = await answer(port, "/readyz")
        assert (status, "stopped consumers: customers.imports" in said) == (503, True)
        assert await answer(port, "/healthz") == (200, '{"ok": true}')
        status, said = await answer(port, "/metrics")
        assert 'consumer_stopped{consumer="customers.imports",service="customers"} 1.0' in said
    with pytest.raises(httpx.ConnectError):
        await answer(port, "/healthz")


async def test_an_event_loop_that_is_stuck_is_not_alive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(operators, "_LOOP_SECONDS", 0.1)
    port = free_port()
    settings = read_settings({"RAPPORT_METRICS_PORT": str(port), "RAPPORT_DATA": str(tmp_path)})

    def asked() -> int:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=10).status_code

    with operators.exposed(settings, {}):
        assert await asyncio.to_thread(asked) == 200
        asking = asyncio.get_running_loop().run_in_executor(None, asked)
        time.sleep(0.6)  # noqa: ASYNC251  the loop is stuck
        assert await asking == 503
