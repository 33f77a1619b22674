"""The frame the engines stand on: a server answers before it is handed out, and never outlives its starter."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rapport_testkit.engines.cache import digest, kept
from rapport_testkit.engines.engine import EngineMissing
from rapport_testkit.engines.ports import free_port, free_ports, listens
from rapport_testkit.engines.process import EngineDidNotStart, own_folder, start_server


def http(port: int) -> list[str]:
    return [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port)]


def soon(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + 20
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_ports_differ_also_of_two_asked_for_apart() -> None:
    ports = free_ports(200)
    assert len(set(ports) | {free_port() for _ in range(200)}) == 400
    assert ports == list(range(ports[0], ports[0] + 200))


def test_no_outgoing_connection_takes_a_free_port() -> None:
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert max(free_ports(20)) < first


def test_a_server_answers_when_it_is_handed_out_and_is_gone_when_stopped() -> None:
    port = free_port()
    server = start_server("web", http(port), folder=own_folder("web"), answers=lambda: listens(port))
    assert listens(port)
    server.stop()
    server.stop()
    assert not listens(port)
    assert not server.folder.exists()


def test_a_server_that_ends_shows_the_end_of_its_log() -> None:
    folder = own_folder("broken")
    command = [sys.executable, "-c", "import sys; sys.exit('no configuration, no server')"]
    with pytest.raises(EngineDidNotStart, match="no configuration, no server"):
        start_server("broken", command, folder=folder, answers=lambda: False)
    assert not folder.exists()


def test_a_server_that_does_not_answer_in_time_is_ended() -> None:
    port = free_port()
    with pytest.raises(EngineDidNotStart, match="does not answer after"):
        start_server("mute", http(port), folder=own_folder("mute"), answers=lambda: False, seconds=1)
    assert not listens(port)


@pytest.mark.parametrize("kill", [os.kill, os.killpg])
def test_a_killed_starter_takes_its_server_along(kill: Callable[[int, int], None]) -> None:
    """Killed alone, or with its group, as `timeout` does and a terminal that is closed."""
    port = free_port()
    starter = f"""
import sys, time
from rapport_testkit.engines.ports import listens
from rapport_testkit.engines.process import own_folder, start_server
command = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "{port}"]
server = start_server("web", command, folder=own_folder("web"), answers=lambda: listens({port}))
print(server.folder, flush=True)
time.sleep(60)
"""
    command = [sys.executable, "-c", starter]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stdout
        folder = Path(process.stdout.readline().strip())
        assert listens(port)
        kill(process.pid, signal.SIGKILL)
    assert soon(lambda: not listens(port) and not folder.exists())


def test_what_is_kept_is_made_once_and_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAPPORT_ENGINE_CACHE", str(tmp_path / "cache"))
    made: list[Path] = []

    def make(folder: Path) -> None:
        made.append(folder)
        (folder / "jar").write_text("bytes")

    with pytest.raises(EngineMissing, match="is not what was pinned"):
        kept("thing-1", "0" * 64, make)
    sha256 = digest(made[0])
    assert (kept("thing-1", sha256, make) / "jar").read_text() == "bytes"
    kept("thing-1", sha256, make)
    assert len(made) == 2


A_CHILD_THAT_IS_BURIED_AT_ONCE = """
import os, time
if not os.fork():
    time.sleep(3600)
print("has a child", flush=True)
os.wait()
time.sleep(3600)
"""


def test_a_server_may_lose_a_child_while_it_is_silent() -> None:
    folder = own_folder("parent")
    command = [sys.executable, "-c", A_CHILD_THAT_IS_BURIED_AT_ONCE]
    server = start_server(
        "parent", command, folder=folder, answers=lambda: "has a child" in (folder / "log").read_text()
    )
    try:
        for _ in range(10):  # which of the two goes on first is a race
            (child,) = children(server.pid())
            with server.silent():
                os.kill(child, signal.SIGKILL)
                assert soon(lambda child=child: state(child) == "Z")
            with server.gone():
                pass
    finally:
        server.stop()
