"""P13: cold start of `rapport up` until ready, and the memory of an idle installation (proportional set size)."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from rapport_testkit.installation import Installation
from tests.benchmarks.table import Row, median

ROUNDS = 3
SETTLING = 5.0


async def run(folder: Path) -> list[Row]:
    """Two rows. The first round is on an empty folder (migrations, first master); the median is over all."""
    seconds: list[float] = []
    idle = 0
    for number in range(ROUNDS):
        installation = Installation(folder / "data")
        began = time.perf_counter()
        installation.start()
        try:
            await installation.until_ready()
            seconds.append(time.perf_counter() - began)
            if number == ROUNDS - 1:
                await asyncio.sleep(SETTLING)
                idle = sum(installation.memory().values())
        finally:
            installation.stop()
    start = median(seconds)
    memory = idle / 1e6
    return [
        Row("P13", "`rapport up` → ready", f"{start:.1f} s", "—", "—", "≤ 8 s", "≤ 3 s", start <= 8, start <= 3),
        Row(
            "P13",
            "memory idle, all processes",
            f"{memory:.0f} MB",
            "—",
            "—",
            "≤ 600 MB",
            "≤ 300 MB",
            memory <= 600,
            memory <= 300,
        ),
    ]
