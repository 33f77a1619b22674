"""The parent's side of the children that read files."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

from rapport_import.adapters.child.processes import ChildReader
from rapport_import.application.ports import Batch
from rapport_import.domain.files import CHUNK_ROWS, Limits
from rapport_import.domain.mapping import ColumnPlan, MappingPlan


def pipes() -> set[str]:
    """Those that this process has open."""
    found = set()
    for one in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            found.add(str(one.readlink()))
    return {one for one in found if one.startswith("pipe:")}


async def test_a_reader_that_is_given_up_leaves_no_pipe_open(tmp_path: Path) -> None:
    """A run that is paused or cancelled gives it up in the middle, with more on its way than is read ahead."""
    (tmp_path / "file").write_bytes(("x" * 400 + "\n").encode() * (6 * CHUNK_ROWS))
    (tmp_path / "rows").mkdir()
    reader = ChildReader(Limits())
    found = await reader.inspect(tmp_path / "file", tmp_path / "rows")
    column = ColumnPlan(0, "description", "text", "Description")
    plan = MappingPlan("person", (column,), None, "all", "IR", date_1904=False, grouped=True)
    before = pipes()
    async with contextlib.aclosing(reader.map(tmp_path / "rows" / found.row_files[0], plan, 0)) as reading:
        async for one in reading:
            if isinstance(one, Batch):
                break
        await asyncio.sleep(0.5)  # more comes than is read ahead
    async with asyncio.timeout(5):
        while pipes() - before:
            await asyncio.sleep(0.01)
