"""Group commit one level up: what arrives while a write is under way is written together by the next one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

from rapport_chassis.db import Database, EngineUnavailable, Tx

T = TypeVar("T")
_MOST = 500


class Gather(Generic[T]):
    """`await put(item)` returns when the item's effect is durable, or raises; `apply` gets a list, so it can work set-based.

    If `apply` refuses a list, each of its items is tried alone: one bad item harms nobody else.
    """

    def __init__(self, db: Database, apply: Callable[[Tx, list[T]], None]) -> None:
        self._db = db
        self._apply = apply
        self._waiting: list[tuple[T, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def put(self, item: T) -> None:
        """Hand in `item`; durable when this returns. A cancelled waiter does not take its item back."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all())
        await done

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                taken, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
                await self._write(taken)
        finally:
            self._writing = None

    async def _write(self, taken: list[tuple[T, asyncio.Future[None]]]) -> None:
        try:
            await self._db.write(self._apply, [item for item, _ in taken])
        except Exception as error:  # noqa: BLE001  it belongs to those who wait
            if len(taken) > 1 and not isinstance(error, EngineUnavailable):
                for one in taken:
                    await self._write([one])
                return
            _tell(taken, error)
        else:
            _tell(taken, None)


def _tell(taken: list[tuple[T, asyncio.Future[None]]], error: Exception | None) -> None:
    for _, done in taken:
        if done.done():
            continue
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)
