"""The supervisor's patience: a child that dies again and again waits, and nobody waits for it."""

import subprocess
import sys

import pytest

from rapport_host import supervisor
from rapport_host.supervisor import _Child


def ended() -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait(30)
    return process


@pytest.mark.timeout(30)
def test_a_child_that_keeps_dying_does_not_hold_up_the_return_of_another(monkeypatch):
    stopping: list[int] = []
    started: list[tuple[str, float]] = []

    def start(role: str, pause: float) -> _Child:
        started.append((role, pause))
        stopping.append(15)
        return _Child(role, ended(), pause)

    monkeypatch.setattr(supervisor, "_start", start)
    children = {"web": _Child("web", ended(), pause=600.0), "worker": _Child("worker", ended(), pause=0.1)}
    assert supervisor._watch(children, stopping) is False
    assert started == [("worker", 0.2)]


@pytest.mark.timeout(30)
def test_a_child_that_had_lived_for_a_while_comes_back_at_once_however_often_it_had_died_before(monkeypatch):
    stopping: list[int] = []
    monkeypatch.setattr(supervisor, "_start", lambda role, pause: stopping.append(15) or _Child(role, ended(), pause))
    children = {"web": _Child("web", ended(), pause=600.0, since=-1_000.0)}
    supervisor._watch(children, stopping)
    assert children["web"].pause == 0.2
