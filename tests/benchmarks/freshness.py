"""P5: how long a change takes to be found, while 500 changes a second are made through the gateway on an index of 100,000.

The first seconds are made and not counted: what has just been started (JVMs above all) is compiled by then. A change is timed
from its request on; it is looked for without `X-Position`, so nothing waits on the server's side.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rapport_testkit.installation import installed
from tests.benchmarks.filling import RATE_FREE, fill, quiet
from tests.benchmarks.table import Row, percentile
from tests.benchmarks.wire import Wire

HELD = int(os.environ.get("RAPPORT_BENCH_ROWS", "100000"))
RATE = 500
WARMING_SECONDS = 5
SECONDS = 15
CONNECTIONS = 32
SAMPLED = 37  # one of so many is looked for; every connection's turn comes
POST = 4  # one of so many makes a customer, the others change one
_LOOK_EVERY = 0.05  # for all of them at once: searches for each would be the more, the later they are found
_MOST_AT_ONCE = 100
_GIVEN_UP = 30.0


async def run(folder: Path) -> list[Row]:
    """The row; the rate that was really reached is in it."""
    async with installed(folder / "data", RATE_FREE) as installation:
        master = await installation.client()
        groups = await fill(installation, master, HELD)
        await quiet(installation)
        *wires, looking = [await Wire.open(installation.port, master) for _ in range(CONNECTIONS + 1)]
        await _Changes(groups[0], "zw", WARMING_SECONDS).over(wires, looking)
        changes = _Changes(groups[0], "zq", SECONDS)
        reached = await changes.over(wires, looking)
        for wire in (*wires, looking):
            wire.close()
    return [_row(reached, changes.latencies, changes.answers)]


class _Changes:
    """Changes for some seconds, whose names begin with `mark`."""

    def __init__(self, group: str, mark: str, seconds: float) -> None:
        self._group = group
        self._mark = mark
        self._seconds = seconds
        self.made = 0
        self.latencies: list[float] = []
        self.answers: list[float] = []
        self._ended = False
        self._sought: dict[str, float] = {}  # when each name was sent, in the order of that

    async def over(self, wires: Sequence[Wire], looking: Wire) -> float:
        """Make them, and find those that are looked for; how many a second there were."""
        looker = asyncio.create_task(self._look(looking))
        began = time.perf_counter()
        await asyncio.gather(*(self._make(wire, lane, began) for lane, wire in enumerate(wires)))
        reached = self.made / (time.perf_counter() - began)
        self._ended = True
        await asyncio.wait_for(looker, _GIVEN_UP)
        return reached

    async def _make(self, wire: Wire, lane: int, began: float) -> None:
        """This connection's share of the changes, each at its time or as soon after it as can be, while the time lasts."""
        known: list[tuple[str, int]] = []
        for turn in range(round(RATE * self._seconds) // CONNECTIONS):
            number = turn * CONNECTIONS + lane
            name = f"{self._mark}{number:07d}x"
            await asyncio.sleep(max(0.0, began + number / RATE - time.perf_counter()))
            sent = time.perf_counter()
            if sent - began > self._seconds:
                return
            await self._change(wire, known, turn, name)
            self.made += 1
            if number % SAMPLED == 0:
                known.pop()  # it keeps the name that is looked for
                self._sought[name] = sent

    async def _change(self, wire: Wire, known: list[tuple[str, int]], turn: int, name: str) -> None:
        if turn % POST == 0 or not known:
            body = {"kind": "person", "first_name": name, "last_name": "Kestrel", "groups": [self._group]}
            answer = await wire.ask("POST", "/customers", body)
        else:
            customer_id, version = known.pop(0)
            said: dict[str, Any] = {"first_name": name}
            answer = await wire.ask("PATCH", f"/customers/{customer_id}", said, if_match=f'"{version}"')
        assert answer.status in {200, 201}, answer.body
        self.answers.append(answer.seconds)
        known.append((answer.json["id"], answer.json["version"]))

    async def _look(self, wire: Wire) -> None:
        """Look for the sampled changes until all are made and found."""
        while self._sought or not self._ended:
            names = list(self._sought)[:_MOST_AT_ONCE]
            if names:
                query = {"any": [{"field": "first_name", "op": "is", "value": name} for name in names]}
                answer = await wire.ask("POST", "/customers:search", {"query": query, "limit": _MOST_AT_ONCE})
                assert answer.status == 200, answer.body
                for found in answer.json["items"]:
                    self.latencies.append(time.perf_counter() - self._sought.pop(found["first_name"]))
            await asyncio.sleep(_LOOK_EVERY)


def _row(reached: float, latencies: list[float], answers: list[float]) -> Row:
    p50, p99 = (percentile(latencies, share) * 1000 for share in (0.5, 0.99))
    answered = percentile(answers, 0.5) * 1000
    return Row(
        "P5",
        f"a change made → found, {RATE} changes/s wanted, {HELD:,} customers, p99",
        f"{p99:.0f} ms at {reached:.0f} changes/s (p50 {p50:.0f} ms; {len(latencies)} looked for; "
        f"the change's own answer p50 {answered:.0f} ms)",
        "—",
        "—",
        "≤ 1 s",
        "≤ 300 ms",
        met=p99 <= 1_000 and reached >= RATE * 0.95,
        goal_reached=p99 <= 300 and reached >= RATE * 0.95,
    )
