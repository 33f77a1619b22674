"""Runs a server as long as its starter lives: `python guard.py FOLDER COMMAND…`, watching a pipe only the starter holds.

When the pipe closes (the starter stopped it, or was killed), the server and what it started are ended and FOLDER is
removed. It is a program of its own, of the standard library only, so that it starts fast and outlives what goes wrong.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading

_PATIENCE_SECONDS = 10.0


def main(folder: str, command: list[str]) -> int:
    """Run the command in a process group of its own; its exit status."""
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    threading.Thread(target=_end_with_the_starter, args=(server,), daemon=True).start()
    status = server.wait()
    if _starter_is_gone.is_set():
        _signal(server, signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)
    return status


_starter_is_gone = threading.Event()


def _end_with_the_starter(server: subprocess.Popen[bytes]) -> None:
    while os.read(0, 1_024):
        pass
    _starter_is_gone.set()
    _signal(server, signal.SIGTERM)
    try:
        server.wait(_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        _signal(server, signal.SIGKILL)


def _signal(server: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(server.pid, number)
    except ProcessLookupError:
        return


if __name__ == "__main__":
    for _number in (
        signal.SIGINT,
        signal.SIGTERM,
        signal.SIGHUP,
    ):  # the pipe alone decides; the server inherits nothing
        signal.signal(_number, lambda _number, _frame: None)
    sys.exit(main(sys.argv[1], sys.argv[2:]))
