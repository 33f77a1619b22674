"""Starts a server in a folder of its own, waits until it really answers, and ends it, also when the starter dies."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rapport_testkit.engines import guard

_TAIL_BYTES = 4_000
# the checkout, with the engines and the Java in it, may lie below a folder that only root enters; access(2) asks for the third
_READS_WHAT_ROOT_HAS = (
    "--inh-caps=+dac_read_search",
    "--ambient-caps=+dac_read_search",
    "--securebits=+no_setuid_fixup",
)


class EngineDidNotStart(Exception):  # noqa: N818
    """A server ended, or did not answer in time; the message holds the end of its log."""


@dataclass
class Server:
    """A server that runs. `folder` is its own (data, configuration, `log`) and goes with it.

    `launch` starts it, `answers` says whether it is there, which takes at most `seconds`.
    """

    name: str
    folder: Path
    launch: Callable[[], subprocess.Popen[bytes]]
    answers: Callable[[], bool]
    seconds: float

    def __post_init__(self) -> None:
        self.guard = self.launch()

    @property
    def log(self) -> Path:
        """What it printed."""
        return self.folder / "log"

    def tail(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-_TAIL_BYTES:] if self.log.exists() else "(no log)"

    def pid(self) -> int:
        """The server's process id, for tests that pause or kill it. Raises `ProcessLookupError` when it ended."""
        children = Path(f"/proc/{self.guard.pid}/task/{self.guard.pid}/children").read_text().split()
        if not children:
            raise ProcessLookupError(f"{self.name} does not run")
        return int(children[0])

    @contextlib.contextmanager
    def silent(self) -> Iterator[None]:
        """Meanwhile it answers nobody, and hangs up on nobody either; all of its processes stand still."""
        first, others = self._stand_still()
        try:
            yield
        finally:
            for pid in (*others, first):  # it goes last: who of the others had ended is there until it looks
                os.kill(pid, signal.SIGCONT)

    @contextlib.contextmanager
    def gone(self) -> Iterator[None]:
        """Meanwhile it is not there: killed, and then started again on what it had written. Raises `EngineDidNotStart`."""
        first, others = self._stand_still()
        for pid in (*others, first):
            os.kill(pid, signal.SIGKILL)
        with self.ended(10):
            yield

    @contextlib.contextmanager
    def ended(self, seconds: float) -> Iterator[None]:
        """Meanwhile it is not there: it ends within `seconds`, and is started again. Raises as `gone`, and `TimeoutExpired`."""
        self.guard.wait(seconds)
        self._let_go()
        try:
            yield
        finally:
            self.log.rename(self.log.with_suffix(".before"))  # it is asked whether it started
            self.guard = self.launch()
            _wait(self)

    def _stand_still(self) -> tuple[int, list[int]]:
        """Stop it, then the processes that it has (PostgreSQL one a connection): meanwhile it makes and buries none."""
        first = self.pid()
        _stop(first)
        others = [int(pid) for pid in Path(f"/proc/{first}/task/{first}/children").read_text().split()]
        for pid in others:
            _stop(pid)
        return first, others

    def _let_go(self) -> None:
        """Close the pipe that the guard watches."""
        if self.guard.stdin is not None:
            self.guard.stdin.close()

    def stop(self) -> None:
        """End it and remove its folder. May be called twice."""
        self._let_go()
        self.guard.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def _stop(pid: int) -> None:
    """Returns when all of its threads stand still, or have ended."""
    os.kill(pid, signal.SIGSTOP)
    while not all(_stands_still(thread) for thread in Path(f"/proc/{pid}/task").iterdir()):
        time.sleep(0.001)  # the signal reaches a busy thread when it may


def _stands_still(thread: Path) -> bool:
    try:
        state = (thread / "stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True  # it ended since it was listed
    return state in "TZ"


def own_folder(name: str) -> Path:
    """A new folder for a server, outside the checkout: sockets want short paths, other users want to reach theirs."""
    return Path(tempfile.mkdtemp(prefix=f"rapport-{name}-"))


def start_server(
    name: str,
    command: Sequence[str | Path],
    *,
    folder: Path,
    answers: Callable[[], bool],
    seconds: float = 60,
    env: Mapping[str, str] = {},
    cwd: Path | None = None,
    refuses_root: bool = False,
) -> Server:
    """Run `command` (in the foreground) and wait until `answers()`, at most `seconds`.

    `folder` comes from `own_folder`, with whatever was put there. With `refuses_root` the server of a root starter runs
    as `nobody`, who then owns the folder. Raises `EngineDidNotStart`, with nothing left running.
    """
    words = [*as_nobody(folder)] if refuses_root else []
    words += [str(word) for word in command]

    def launch() -> subprocess.Popen[bytes]:
        with (folder / "log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-I", guard.__file__, str(folder), *words],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=os.environ | dict(env),
                cwd=cwd or folder,
                start_new_session=True,  # or who kills the starter's group kills the guard, and the server outlives both
            )

    server = Server(name, folder, launch, answers, seconds)
    _wait(server)
    return server


def as_nobody(folder: Path) -> list[str]:
    """What to put before a command that root must not run; gives `folder` with all in it to `nobody`. [] for others."""
    if os.geteuid() != 0:
        return []
    nobody = pwd.getpwnam("nobody")
    for path in (folder, *folder.rglob("*")):
        os.chown(path, nobody.pw_uid, nobody.pw_gid, follow_symlinks=False)
    as_user = [f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]
    return ["setpriv", *as_user, *_READS_WHAT_ROOT_HAS]


def _wait(server: Server) -> None:
    end = time.monotonic() + server.seconds
    wrong = ""
    try:
        while not wrong and not server.answers():
            time.sleep(0.05)
            if server.guard.poll() is not None:
                wrong = f"{server.name} ended with {server.guard.returncode}:\n{server.tail()}"
            elif time.monotonic() > end:
                wrong = f"{server.name} does not answer after {server.seconds} s:\n{server.tail()}"
    except BaseException:
        server.stop()
        raise
    if wrong:
        server.stop()
        raise EngineDidNotStart(wrong)
