"""`rapport up`: web and the workers, each started again when it dies. It imports no service, so it stays small."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field

from rapport_host.locking import locked
from rapport_host.roles import ROLES
from rapport_host.settings import Settings

_SHORTEST_PAUSE = 0.1
_LONGEST_PAUSE = 5.0
_STEADY_SECONDS = 10.0
_GRACE_SECONDS = 15.0
_FRUGAL = {"MALLOC_ARENA_MAX": "2"}  # glibc keeps an arena a thread: half of what an indexer held after an import
REFUSED = 78  # EX_CONFIG of sysexits.h: starting again would not help
UNAVAILABLE = 75  # EX_TEMPFAIL of sysexits.h: starting again is right


@dataclass
class _Child:
    role: str
    process: subprocess.Popen[bytes]
    pause: float = _SHORTEST_PAUSE
    since: float = field(default_factory=time.monotonic)
    again_at: float | None = None


def up(settings: Settings) -> int:
    """Run until told to stop; the exit status."""
    with locked(settings.data / "up.lock", 0):
        stopping: list[int] = []
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda got, _frame: stopping.append(got))
        children = {role: _start(role) for role in ROLES}
        refused = _watch(children, stopping)
        _stop(children)
        return REFUSED if refused else 0


def _watch(children: dict[str, _Child], stopping: list[int]) -> bool:
    while not stopping:
        time.sleep(0.05)
        for role, child in children.items():
            status = child.process.poll()
            if status == REFUSED:
                return True
            if status is not None and child.again_at is None:
                print(f"{role} ended ({status}); starting it again", file=sys.stderr, flush=True)
                _mourn(child)
            if child.again_at is not None and time.monotonic() >= child.again_at and not stopping:
                children[role] = _start(role, min(child.pause * 2, _LONGEST_PAUSE))
    return False


def _mourn(child: _Child) -> None:
    """Its successor waits: ever longer, unless it had lived for a while."""
    now = time.monotonic()
    if now - child.since > _STEADY_SECONDS:
        child.pause = _SHORTEST_PAUSE
    child.again_at = now + child.pause


def _start(role: str, pause: float = _SHORTEST_PAUSE) -> _Child:
    command = [sys.executable, "-m", "rapport_host.child", role]
    env = _FRUGAL | os.environ
    process = subprocess.Popen(command, stdin=subprocess.PIPE, env=env, start_new_session=True)  # noqa: S603
    return _Child(role, process, pause)


def _stop(children: dict[str, _Child]) -> None:
    for child in children.values():
        child.process.terminate()
    until = time.monotonic() + _GRACE_SECONDS
    for child in children.values():
        try:
            child.process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()
