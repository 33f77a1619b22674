"""Signals: no change is missed, and a waiter that is cancelled ends."""

from __future__ import annotations

import asyncio

import pytest

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
