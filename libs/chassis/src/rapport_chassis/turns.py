"""Threads of the worker that compute take turns.

`sqlite3` gives the interpreter lock away at every row; when another thread computes meanwhile, getting it back costs up to
a switch interval (5 ms) a row. Letting one heavy thread at a time through makes those hand-overs free: the work is the
same, the waiting is gone. The web process takes no turns: there a long read must not hold up a short one.
"""

from __future__ import annotations

import threading
from types import TracebackType

_lock = threading.Lock()
_taken = False


def take_turns() -> None:
    """From now on the heavy threads of this process take turns."""
    global _taken  # noqa: PLW0603  a property of the process
    _taken = True


class Turn:
    """`with Turn():` around what computes; never around what waits (a commit, a network, a queue)."""

    __slots__ = ("_mine",)

    def __enter__(self) -> None:
        self._mine = _taken
        if self._mine:
            _lock.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._mine:
            _lock.release()
