"""The parent's side of the children: starts them, reads their frames, turns their end into words, and never leaves one behind."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import os
import signal
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import Any, Final

import orjson

from rapport_chassis.db import DiskFull
from rapport_import.adapters.child.frames import BATCH, DONE, FULL, PREFIX, REFUSED, TOTAL, Frame
from rapport_import.adapters.files.row_file import RowFile
from rapport_import.application.ports import Batch, ErrorRows, ReaderGone, RowPage, Total
from rapport_import.domain.files import FileFacts, FileRefused, Limits, SheetFacts
from rapport_import.domain.mapping import MappingPlan

_log = logging.getLogger(__name__)
_PASSED_ON: Final = ("PATH", "HOME", "LANG", "LC_ALL", "PYTHONPATH", "LD_LIBRARY_PATH", "TMPDIR", "TZ")
_READ_AHEAD: Final = 1 << 18
HEAD_ROWS: Final = 250
_WALL_FACTOR: Final = 3
_TOO_MUCH: Final = "Reading this file takes more memory or time than is allowed. Split it into smaller files."


class ChildReader:
    """The `FileReader` that the service uses: one short-lived process a piece of work, a few at once."""

    def __init__(self, limits: Limits, together: int = 2) -> None:
        self._limits = limits
        self._turns = asyncio.Semaphore(together)

    async def inspect(
        self, path: Path, into: Path, encoding: str | None = None, delimiter: str | None = None
    ) -> FileFacts:
        """What is in the file. Raises `FileRefused` or `ReaderGone`."""
        order = {"do": "inspect", "path": str(path), "into": str(into), "encoding": encoding, "delimiter": delimiter}
        async with self._turns:
            head = (await self._last(order)).head
        sheets = tuple(SheetFacts.of(one) for one in head["sheets"])
        return FileFacts(head["format"], sheets, head["encoding"], head["delimiter"], tuple(head["row_files"]))

    async def page(self, row_file: Path, header_row: int | None, offset: int, limit: int) -> RowPage:
        """Some rows; a row file is our own, so no child is needed."""
        return await asyncio.to_thread(_page, row_file, header_row, offset, limit)

    async def map(self, row_file: Path, plan: MappingPlan, from_chunk: int) -> AsyncIterator[Total | Batch]:
        """The batches from a chunk on. Raises `ReaderGone` when the child ends before the last."""
        order = {"do": "map", "path": str(row_file), "plan": plan.document(), "from": from_chunk}
        async with contextlib.aclosing(self._frames(order)) as frames:
            async for frame in frames:
                if frame.kind == TOTAL:
                    yield Total(frame.head["total"])
                elif frame.kind == BATCH:
                    head = frame.head
                    wrong = [(row, code, reason) for row, code, reason in head["wrong"]]
                    yield Batch(head["batch"], head["read"], head["rows"], wrong, frame.body)

    async def write_errors(self, row_file: Path, into: Path, errors: ErrorRows) -> None:
        """Write the error workbook. Raises `ReaderGone`."""
        problems = into.with_suffix(".jsonl")
        with problems.open("wb") as file:
            async for page in errors.pages:
                file.write(b"".join(orjson.dumps(one) + b"\n" for one in page))
        order = {
            "do": "errors",
            "path": str(row_file),
            "into": str(into),
            "problems": str(problems),
            "sheet": errors.sheet,
            "columns": errors.columns,
            "header_row": errors.header_row,
        }
        async with self._turns:
            await self._last(order)

    async def _last(self, order: dict[str, Any]) -> Frame:
        last: Frame | None = None
        try:
            async with asyncio.timeout(self._limits.seconds * _WALL_FACTOR):
                async with contextlib.aclosing(self._frames(order)) as frames:
                    async for frame in frames:
                        last = frame
        except TimeoutError as error:
            raise FileRefused("file_too_large", _TOO_MUCH) from error
        if last is None:
            raise ReaderGone
        return last

    async def _frames(self, order: dict[str, Any]) -> AsyncGenerator[Frame, None]:
        """All frames to the last one, which is `DONE`. A refusal and a bad end are raised."""
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "rapport_import.adapters.child"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=_READ_AHEAD,
            env=_environment(),
        )
        errors = asyncio.create_task(_tail(child.stderr))
        try:
            await _send(child, order | {"limits": dataclasses.asdict(self._limits)})
            assert child.stdout is not None  # noqa: S101  it was asked for
            while (frame := await _read_frame(child.stdout)) is not None:
                if frame.kind == REFUSED:
                    raise FileRefused(frame.head["code"], frame.head["detail"])
                if frame.kind == FULL:
                    raise DiskFull(f"the reader of files: {frame.head['detail']}")
                yield frame
                if frame.kind == DONE:
                    return
            raise _ended(await child.wait(), await errors)
        finally:
            await _end(child)
            errors.cancel()


def _page(path: Path, header_row: int | None, offset: int, limit: int) -> RowPage:
    with RowFile(path) as file:
        above = file.filled_through(header_row or 0)
        head = file.head((header_row or 0) + HEAD_ROWS)
        return RowPage(head, file.page(above + offset, limit), file.filled - above)


def _environment() -> dict[str, str]:
    """Nothing that a file could want: no keys, no addresses of engines."""
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return kept | {"MALLOC_ARENA_MAX": "1", "PYTHONDONTWRITEBYTECODE": "1"}


async def _send(child: asyncio.subprocess.Process, order: dict[str, Any]) -> None:
    assert child.stdin is not None  # noqa: S101  it was asked for
    with contextlib.suppress(ConnectionError):  # killed already: its end tells
        child.stdin.write(orjson.dumps(order))
        await child.stdin.drain()
        child.stdin.close()
        await child.stdin.wait_closed()


async def _read_frame(source: asyncio.StreamReader) -> Frame | None:
    try:
        kind, head, body = PREFIX.unpack(await source.readexactly(PREFIX.size))
        return Frame(kind, orjson.loads(await source.readexactly(head)), await source.readexactly(body))
    except asyncio.IncompleteReadError:
        return None


async def _tail(stream: asyncio.StreamReader | None) -> bytes:
    tail = b""
    while stream is not None and (piece := await stream.read(1 << 14)):
        tail = (tail + piece)[-4000:]
    return tail


async def _end(child: asyncio.subprocess.Process) -> None:
    if child.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
    await asyncio.shield(_read_out(child))


async def _read_out(child: asyncio.subprocess.Process) -> None:
    """A pipe with more in it than one reads ahead is not closed before somebody takes that."""
    while child.stdout is not None and await child.stdout.read(_READ_AHEAD):
        pass
    await child.wait()


def _ended(code: int, said: bytes) -> Exception:
    """What the way a child ended means: over a limit, killed by somebody, or brought down by the file."""
    if code in (-signal.SIGKILL, -signal.SIGTERM):
        return ReaderGone("the process that read the file was killed")
    _log.warning("a file brought its reader down", extra={"exit": code, "stderr": said.decode(errors="replace")})
    if code in (-signal.SIGABRT, -signal.SIGXCPU) or b"memory allocation" in said:
        return FileRefused("file_too_large", _TOO_MUCH)
    return FileRefused("file_corrupt", "This file is damaged and cannot be read.")
