"""What a benchmark says: a row of work, ours, floor, ratio, bar, goal; printed as a table and written as JSON."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """One figure. `ratio` is ours against the floor as the bar speaks of it; `met` whether the bar is."""

    id: str
    work: str
    ours: str
    floor: str
    ratio: str
    bar: str
    goal: str
    met: bool
    goal_reached: bool
    memory: str = ""


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median(values: Sequence[float]) -> float:
    """The middle one."""
    return statistics.median(values)


def show(rows: Sequence[Row], path: Path) -> None:
    """Print the table and write it as JSON."""
    heads = ["id", "work", "ours", "floor", "ratio", "bar", "goal", "bar met", "goal reached", "memory"]
    lines = [[*_cells(row)] for row in rows]
    print("| " + " | ".join(heads) + " |")
    print("|" + "---|" * len(heads))
    for line in lines:
        print("| " + " | ".join(line) + " |")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(row) for row in rows], indent=1, ensure_ascii=False) + "\n")


def _cells(row: Row) -> list[str]:
    words = [row.id, row.work, row.ours, row.floor, row.ratio, row.bar, row.goal]
    return [*words, "yes" if row.met else "NO", "yes" if row.goal_reached else "no", row.memory]
