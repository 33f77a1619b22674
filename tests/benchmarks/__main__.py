"""`python -m tests.benchmarks [ROW…]`: runs the rows of measures that are named (all without), prints and writes the table.

`--table` prints what was measured last on both topologies, one beside the other.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rapport_testkit.topology import REAL
from tests.benchmarks.table import Row, keep, show, show_both

MODULES = {
    "P1": "importing",  # and P2: one run measures both
    "P3": "searching",
    "P4": "searching",
    "P5": "freshness",
    "P8": "webhooks",
    "P9": "gateway",
    "P12": "growing",
    "P13": "starting",
    "P14": "console",
}

EMBEDDED = Path("build/bench.json")
ENGINES = Path("build/bench-real.json")


async def main(wanted: list[str]) -> int:
    """Run them one after the other: they would disturb each other."""
    if wanted == ["--table"]:
        show_both(EMBEDDED, ENGINES)
        return 0
    unknown = [name for name in wanted if name not in {*MODULES, "P2"}]
    if unknown:
        print(f"no such row: {', '.join(unknown)}; there are {', '.join(MODULES)}")
        return 2
    modules = dict.fromkeys(MODULES["P1" if name == "P2" else name] for name in wanted or MODULES)
    rows: list[Row] = []
    for module in modules:
        with _folder(module) as folder:
            print(f"… {module}", file=sys.stderr, flush=True)
            rows += await importlib.import_module(f"tests.benchmarks.{module}").run(folder)
    print("on Kafka, PostgreSQL and OpenSearch" if REAL else "on the embedded default")
    show(rows)
    if "RAPPORT_BENCH_ROWS" in os.environ:
        print("a trial of another size (RAPPORT_BENCH_ROWS): not kept")
    else:
        keep(rows, ENGINES if REAL else EMBEDDED)
    return 0 if all(row.met for row in rows) else 1


@contextlib.contextmanager
def _folder(module: str) -> Iterator[Path]:
    """A folder of this run, or one that stays: a million customers are not made anew for every look at them."""
    if kept := os.environ.get("RAPPORT_BENCH_FOLDER"):
        folder = Path(kept) / module
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
    else:
        with tempfile.TemporaryDirectory(prefix="rapport-bench-") as made:
            yield Path(made)


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
