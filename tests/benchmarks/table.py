"""What a benchmark says: a row of work, ours, floor, ratio, bar, goal; printed as a table and written as JSON."""

from __future__ import annotations

import json
import re
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


def show(rows: Sequence[Row]) -> None:
    """Print the table."""
    heads = ["id", "work", "ours", "floor", "ratio", "bar", "goal", "bar met", "goal reached", "memory"]
    _print(heads, [_cells(row) for row in rows])


def keep(rows: Sequence[Row], path: Path) -> None:
    """Write the rows as JSON, in place of what was measured of the same ids before."""
    again = {row.id for row in rows}
    kept = [row for row in _kept(path) if row.id not in again]
    path.parent.mkdir(parents=True, exist_ok=True)
    listed = [asdict(row) for row in sorted([*kept, *rows], key=_number)]
    path.write_text(json.dumps(listed, indent=1, ensure_ascii=False) + "\n")


def show_both(embedded: Path, engines: Path) -> None:
    """Print what was measured last, of both topologies: ours, the ratio, and whether the bar is met, side by side."""
    here, there = ({(row.id, row.work): row for row in _kept(path)} for path in (embedded, engines))
    lines = []
    for key, one in sorted((there | here).items(), key=lambda pair: _number(pair[1])):
        lines.append([one.id, one.work, *_beside(here.get(key)), *_beside(there.get(key)), one.bar])
    _print(["id", "work", "embedded", "ratio", "bar met", "engines", "ratio", "bar met", "bar"], lines)


def _number(row: Row) -> int:
    return int(re.sub(r"\D", "", row.id))


def _beside(row: Row | None) -> list[str]:
    return [row.ours, row.ratio, "yes" if row.met else "NO"] if row else ["—", "—", "—"]


def _kept(path: Path) -> list[Row]:
    return [Row(**one) for one in json.loads(path.read_text())] if path.is_file() else []


def _print(heads: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    for line in (heads, ["---"] * len(heads), *lines):
        print("| " + " | ".join(line) + " |")


def _cells(row: Row) -> list[str]:
    words = [row.id, row.work, row.ours, row.floor, row.ratio, row.bar, row.goal]
    return [*words, "yes" if row.met else "NO", "yes" if row.goal_reached else "no", row.memory]
