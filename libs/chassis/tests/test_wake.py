"""Signals: no change is missed, and a waiter that is cancelled ends."""

from __future__ import annotations

import asyncio

import pytest

from rapport_chassis import service
from rapport_chassis.service import Periodic
from rapport_chassis.wake import Signal


async def test_a_change_before_the_wait_is_seen_and_a_quiet_wait_ends() -> None:
    signal = Signal()
    seen = signal.count
    signal.set()
    assert await signal.wait(seen, 1) is True
    assert await signal.wait(signal.count, 0.01) is False


async def test_a_waiter_cancelled_in_the_moment_of_a_change_is_cancelled() -> None:
    signal = Signal()
    waiting = asyncio.create_task(signal.wait(signal.count, 5))
    await asyncio.sleep(0.01)
    for _, event in signal._waiters:
        event.set()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_a_quiet_database_is_looked_at_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_QUIET_AFTER", 0.0)
    changed, runs = Signal(), Signal()

    async def run() -> None:
        runs.set()

    task = asyncio.create_task(service._every(Periodic("look", 0.01, run, quiet_seconds=60), changed)())
    try:
        while runs.count < 2:  # the first time counts as a change
            assert await runs.wait(runs.count, 10)
        assert not await runs.wait(runs.count, 0.2)  # quiet
        seen = runs.count
        changed.set()
        assert await runs.wait(seen, 10)
    finally:
        task.cancel()
