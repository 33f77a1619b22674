"""What every bus adapter must do with several processes: wake-ups, concurrent producers, a process killed while appending."""

# ruff: noqa: D102  the name of a test is its promise

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from rapport_chassis.bus.port import Bus
from rapport_contracts.topics import CUSTOMER_EVENTS, CUSTOMERS
from rapport_testkit.bus_conformance import BusUnderTest, append, contents, positions_of, read_all, record

_ENDLESS = 1_000_000


@contextlib.asynccontextmanager
async def appender(under_test: BusUnderTest, producer: str, batches: int, size: int) -> AsyncIterator[Process]:
    """Another process, ready to append once `go` is called on it; killed at the end if it still runs."""
    arguments = (under_test.opener, under_test.address, producer, str(batches), str(size))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "rapport_testkit.bus_appender", *arguments, stdin=PIPE, stdout=PIPE
    )
    try:
        assert process.stdout is not None
        assert await asyncio.wait_for(process.stdout.readline(), 60) == b"ready\n"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def go(process: Process) -> None:
    """Let the appender begin."""
    assert process.stdin is not None
    process.stdin.write(b"go\n")


async def acknowledged(process: Process) -> list[int]:
    """The batches it told to be durable, until it ended."""
    assert process.stdout is not None
    lines = await process.stdout.read()
    return [int(line) for line in lines.split(b"\n")[:-1]]


class BusProcessConformance:
    """A subclass gives the fixture `under_test`."""

    @pytest.fixture
    async def bus(self, under_test: BusUnderTest) -> AsyncIterator[Bus]:
        """A started bus on the log under test."""
        opened = under_test.open()
        await opened.start()
        yield opened
        await opened.close()

    async def test_wait_gives_up_after_its_time(self, bus: Bus) -> None:
        began = time.monotonic()
        assert not await bus.wait(positions_of(CUSTOMERS), 0.1)
        assert 0.09 < time.monotonic() - began < 5

    async def test_wait_returns_at_once_when_there_is_something(self, bus: Bus) -> None:
        await append(bus, [record("one")])
        assert await bus.wait(positions_of(CUSTOMERS), 0)
        assert await bus.wait(positions_of(CUSTOMERS) | positions_of(CUSTOMER_EVENTS), 10)

    async def test_wait_wakes_for_an_append_of_this_process(self, bus: Bus) -> None:
        waiting = asyncio.create_task(bus.wait(positions_of(CUSTOMERS), 30))
        elsewhere = asyncio.create_task(bus.wait(positions_of(CUSTOMER_EVENTS), 0.2))
        await asyncio.sleep(0)
        await append(bus, [record("one", "news")])
        assert await asyncio.wait_for(waiting, 60)
        assert contents(await bus.read(positions_of(CUSTOMERS), 10)) == [("one", "news")]
        assert not await elsewhere

    async def test_wait_wakes_for_an_append_of_another_process(self, bus: Bus, under_test: BusUnderTest) -> None:
        async with appender(under_test, "child", 1, 3) as process:
            waiting = asyncio.create_task(bus.wait(positions_of(CUSTOMERS), 30))
            await asyncio.sleep(0)
            assert not waiting.done()
            go(process)
            assert await asyncio.wait_for(waiting, 60)
            assert await bus.read(positions_of(CUSTOMERS), 10)  # perhaps one partition is seen before the other
            await acknowledged(process)
        assert len(await read_all(bus)) == 3

    async def test_a_lull_is_not_waited_for_longer_than_said_and_not_at_all_when_nobody_writes(self, bus: Bus) -> None:
        await append(bus, [record(f"key {n}") for n in range(1_000)])
        began = time.monotonic()
        await bus.lull(0.2)
        assert time.monotonic() - began < 5
        await bus.lull(60)
        began = time.monotonic()
        await bus.lull(60)
        assert time.monotonic() - began < 30

    async def test_closing_wakes_who_waits_with_nothing(self, bus: Bus) -> None:
        waiting = asyncio.create_task(bus.wait(positions_of(CUSTOMERS), 3_600))
        await asyncio.sleep(0)
        await bus.close()
        assert not await asyncio.wait_for(waiting, 60)

    async def test_producers_of_two_processes_lose_and_double_nothing(self, bus: Bus, under_test: BusUnderTest) -> None:
        async with appender(under_test, "child", 40, 25) as process:
            go(process)
            producer = await bus.producer("parent")
            for batch in range(40):
                await producer.append([record(f"parent-{number}", f"{batch}/25") for number in range(25)])
            assert await acknowledged(process) == list(range(40))
        seen: dict[str, list[str]] = {}
        for key, value in contents(await read_all(bus, limit=111)):
            seen.setdefault(key, []).append(value)
        in_order = [f"{batch}/25" for batch in range(40)]
        assert seen == {f"{name}-{number}": in_order for name in ("parent", "child") for number in range(25)}

    @pytest.mark.parametrize("acknowledgements", [1, 4, 9])
    async def test_a_killed_process_loses_nothing_acknowledged_and_leaves_no_half_append(
        self, bus: Bus, under_test: BusUnderTest, acknowledgements: int
    ) -> None:
        """R1: all that was acknowledged is there, and an append that was not is there as a whole or not at all.

        Its successor takes the name over, as the next process of the service does: what was left half done ends there.
        """
        async with appender(under_test, "child", _ENDLESS, 200) as process:
            go(process)
            assert process.stdout is not None
            told = [int(await process.stdout.readline()) for _ in range(acknowledgements)]
            process.kill()
            told += await acknowledged(process)
        found = Counter(value for _, value in contents(await read_all(bus)))
        assert set(found.values()) == {200}
        assert {f"{batch}/200" for batch in told} <= set(found)
        assert len(found) <= len(told) + 1
        await append(bus, [record("child-0", "after")], "child")
        assert ("child-0", "after") in contents(await read_all(bus))
