"""Small writes that wait at the same time share a transaction: one begin, one commit, one insert of what is to be published.

Who waits for somebody's lock, or fails, keeps nobody up. Who is refused before he changed anything is told so, and the others go
on; whoever else fails is taken out and run alone, and the others again without him. Only when the server goes away while it
commits, nobody knows, and all are told so.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextvars import copy_context
from typing import Any, Final

from rapport_chassis.db import Ahead, EngineUnavailable, Tx
from rapport_chassis.postgres_errors import Undecided
from rapport_chassis.postgres_pipeline import driver_of
from rapport_chassis.problems import Problem

Run = Callable[[Tx], Any]
Ask = Callable[[Tx, list[Any]], None]
_MOST: Final = 32  # writes that share a transaction: its locks are held as long as all of them take
_MANY: Final = 4  # so many came at once: more will
_REST_SECONDS: Final = 0.01
_TRIES: Final = 4  # of a transaction whose companions fail: each may have waited 100 ms for a lock


class _Waiting:
    """A write, in its caller's trace, and who waits for what comes of it."""

    __slots__ = ("_answer", "_context", "_fn", "ahead", "failed", "loop")

    def __init__(self, fn: Run, ahead: Ahead | None) -> None:
        self._fn = fn
        self.ahead = ahead
        self.failed = False
        self._context = copy_context()
        self.loop = asyncio.get_running_loop()
        self._answer: asyncio.Future[Any] = self.loop.create_future()

    async def answer(self) -> Any:
        return await self._answer

    def run(self, tx: Tx) -> Any:
        """The result, or the refusal that came before anything was changed. Raises what takes the transaction back."""
        before = _changes(tx)
        try:
            return self._context.run(self._fn, tx)
        except Problem as refusal:
            if _changes(tx) == before:
                return _Failed(refusal)
            self.failed = True
            raise
        except BaseException:
            self.failed = True
            raise

    def settle(self, result: Any) -> None:
        """On the loop: what came of it, or why nothing did. Who waits no longer changes nothing: it is committed or not."""
        if self._answer.done():
            return
        if isinstance(result, _Failed):
            self._answer.set_exception(result.error)
        else:
            self._answer.set_result(result)


def _changes(tx: Tx) -> tuple[int, int]:
    return driver_of(tx.conn).changes, tx.queued


class _Failed:
    __slots__ = ("error",)

    def __init__(self, error: BaseException) -> None:
        self.error = error


class Together:
    """One thread of `threads` at a time commits whoever waits; `shared` runs some in one transaction, `alone` runs one.

    Those that fail run on `patient`: one may wait for a lock as long as it takes.
    """

    def __init__(
        self,
        threads: Executor,
        patient: Executor,
        shared: Callable[[Sequence[Run]], list[Any]],
        alone: Callable[[Run], Any],
    ) -> None:
        self._threads = threads
        self._patient = patient
        self._shared = shared
        self._alone = alone
        self._lock = threading.Lock()
        self._waiting: list[_Waiting] = []
        self._busy = False

    async def run(self, fn: Run, ahead: Ahead | None = None) -> Any:
        """The result of `fn(tx)` once it is committed. Raises what it raised, with nothing changed."""
        one = _Waiting(fn, ahead)
        with self._lock:
            self._waiting.append(one)
            begin, self._busy = not self._busy, True
        if begin:
            self._threads.submit(self._go_on)
        return await one.answer()

    def _go_on(self) -> None:
        while some := self._take():
            self._commit(some)
            if len(some) >= _MANY and len(self._waiting) < _MOST:
                time.sleep(_REST_SECONDS)  # what comes meanwhile costs little more

    def _take(self) -> list[_Waiting]:
        with self._lock:
            some, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
            self._busy = bool(some)
        return some

    def _commit(self, some: list[_Waiting]) -> None:
        """Commit them; who fails is taken out, a few times, and when it shows in none of them each is for himself."""
        asking = _Asking(some)
        for _ in range(_TRIES):
            try:
                results = self._shared([*asking.runs, *(one.run for one in some)])[-len(some) :]
            except Undecided as error:
                _tell(some, [_Failed(error)] * len(some))
                return
            except BaseException as error:  # noqa: BLE001  it belongs to one of them, and to which shows here or when he is alone
                if len(some) == 1 and not isinstance(error, EngineUnavailable):
                    _tell(some, [_Failed(error)])
                    return
                out = [one for one in some if one.failed]
                if not out and not asking.failed:
                    break
                asking = _Asking([])
                some = [one for one in some if not one.failed]
                self._each_alone(out)
                if not some:
                    return
            else:
                _tell(some, results)
                return
        self._each_alone(some)

    def _each_alone(self, some: list[_Waiting]) -> None:
        for one in some:
            try:
                self._patient.submit(self._run_alone, one)
            except RuntimeError:  # the database is closing: what waits is finished first
                self._run_alone(one)

    def _run_alone(self, one: _Waiting) -> None:
        try:
            result = self._alone(one.run)
        except BaseException as error:  # noqa: BLE001  whatever it is, it belongs to who waits
            result = _Failed(error)
        _tell([one], [result])


class _Asking:
    """What some of them will ask for is asked for at once; one alone asks himself."""

    def __init__(self, some: Sequence[_Waiting]) -> None:
        wanted: dict[Ask, list[Any]] = {}
        for one in some if len(some) > 1 else ():
            if one.ahead:
                wanted.setdefault(one.ahead.ask, []).append(one.ahead.what)
        self.failed = False
        self.runs: list[Run] = [self._ask] if wanted else []
        self._wanted = wanted

    def _ask(self, tx: Tx) -> None:
        tx.quiet = True  # whether anybody needs to be told is for the others to say
        try:
            for ask, what in self._wanted.items():
                ask(tx, what)
        except BaseException:
            self.failed = True
            raise


def _tell(some: Sequence[_Waiting], results: Sequence[Any]) -> None:
    """All at once: each word to the loop wakes it."""

    def settle() -> None:
        for one, result in zip(some, results, strict=True):
            one.settle(result)

    with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits there any more
        some[0].loop.call_soon_threadsafe(settle)
