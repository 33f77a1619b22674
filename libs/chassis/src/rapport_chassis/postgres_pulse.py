"""Tells a server that is silent from one that is slow, and frees whoever waits for a silent one.

A server that stands still keeps its connections, so a call on one of them has no end of its own. When a call lasts, the server
is asked on a new connection: if it lets one in, the call is left alone, however long it takes (the server's own limits end it).
"""

from __future__ import annotations

import contextlib
import logging
import select
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any, Final

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.pq import PGconn, PollingStatus

from rapport_chassis.db import EngineUnavailable
from rapport_chassis.postgres_pipeline import Connection

_LOOK_SECONDS: Final = 1.0
_LASTS_SECONDS: Final = 2.0  # such a call makes one ask
_ASK_SECONDS: Final = 4.0  # a busy machine may take that long to let one in
_log = logging.getLogger(__name__)


class Pulse:
    """Watches the calls of one database from a thread of its own, which sleeps while there are none."""

    def __init__(self, arguments: dict[str, Any], name: str) -> None:
        self._arguments = arguments
        self._conninfo = make_conninfo("", **arguments).encode()
        self._calls: dict[Any, float] = {}
        self._lock = threading.Lock()  # a connection that is cut is still the one that was watched
        self._called = threading.Event()
        self._ended = threading.Event()
        self._silent = ""
        self._thread = threading.Thread(target=self._run, name=f"{name}-pulse", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def end(self) -> None:
        """Watch no more."""
        self._ended.set()
        self._called.set()

    def refuse_silent(self) -> None:
        """Raises `EngineUnavailable` while the server is silent."""
        if self._silent:
            raise EngineUnavailable(f"PostgreSQL does not answer: {self._silent}")

    def connect(self) -> Connection:
        """A new connection. When the server lets nobody in, who comes next need not wait for that as well."""
        try:
            return Connection.connect(
                **self._arguments, autocommit=True
            )  # transactions are begun by us, in the mode we need
        except psycopg.errors.ConnectionTimeout as error:
            self._silent = str(error)
            self._called.set()
            raise

    @contextlib.contextmanager
    def watching(self, driver: Any) -> Iterator[None]:
        """A call on this connection, which is cut when the server turns out to be silent.

        Raises `EngineUnavailable` at once while it is.
        """
        self.refuse_silent()
        with self._lock:
            self._calls[driver] = time.monotonic()
        self._called.set()
        try:
            yield
        finally:
            with self._lock:
                del self._calls[driver]

    def _run(self) -> None:
        while not self._ended.is_set():
            self._called.clear()
            if not self._calls and not self._ended.is_set():
                self._called.wait()
            self._ended.wait(_LOOK_SECONDS)
            if words := self._silent or (self._lasts() and _silence(self._conninfo)):
                self._until_it_answers(words)

    def _lasts(self) -> bool:
        with self._lock:
            since = min(self._calls.values(), default=time.monotonic())
        return time.monotonic() - since > _LASTS_SECONDS

    def _until_it_answers(self, words: str) -> None:
        _log.warning("PostgreSQL is silent: who waits for it is told", extra={"reason": words})
        while words and not self._ended.is_set():
            self._silent = words
            self._cut()
            self._ended.wait(_LOOK_SECONDS)
            words = _silence(self._conninfo)
        self._silent = ""
        _log.warning("PostgreSQL answers again")

    def _cut(self) -> None:
        with self._lock:
            for driver in self._calls:
                with contextlib.suppress(psycopg.Error, OSError), _socket(driver) as same:
                    same.shutdown(socket.SHUT_RDWR)


def _socket(driver: Any) -> socket.socket:
    return socket.fromfd(driver.fileno(), socket.AF_INET, socket.SOCK_STREAM)


def _silence(conninfo: bytes) -> str:
    """Nothing when the server answers, if only to refuse; otherwise what there was instead.

    Step by step, because `psycopg.connect` leaves what it gave up open until Python's collector comes by.
    """
    asked = PGconn.connect_start(conninfo)
    try:
        until = time.monotonic() + _ASK_SECONDS
        while (step := asked.connect_poll()) in {PollingStatus.READING, PollingStatus.WRITING}:
            left = until - time.monotonic()
            if left <= 0:
                return f"no answer within {_ASK_SECONDS:g} s"
            reading, writing = ([asked.socket], []) if step is PollingStatus.READING else ([], [asked.socket])
            select.select(reading, writing, [], left)
        words = asked.error_message.decode(errors="replace").strip()
        return "" if step is PollingStatus.OK or "FATAL" in words else words
    finally:
        asked.finish()
