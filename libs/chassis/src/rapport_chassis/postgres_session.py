"""The one connection of a process that lasts: it hears of others' commits, tells them of ours, and holds the leaders' locks.

Its thread looks at the server every second while it leads or wants to, and the server ends a session that says nothing for
four: so a leader that is killed, stopped or cut off has a successor within five seconds.
"""

from __future__ import annotations

import logging
import os
import select
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

import psycopg

from rapport_chassis.leading import Lead
from rapport_chassis.wake import Signal

_CHANNEL: Final = "rapport_changed"
_TELL_SECONDS: Final = 0.02  # between two words to the others: a busy service commits more often than they look
_LOOK_SECONDS: Final = 1.0
_SILENCE: Final = "4s"
_CALM_SECONDS: Final = 30.0
_PAUSES: Final = (0.2, 0.5, 1.0)
_log = logging.getLogger(__name__)


class LastingSession:
    """Runs in a thread of its own from `start` to `end`, and connects again whenever the server was away."""

    def __init__(self, arguments: dict[str, Any], changed: Signal, name: str) -> None:
        self._arguments = arguments
        self._changed = changed
        self._me = f"{os.getpid()}-{os.urandom(6).hex()}"
        self._told = False
        self._ended = threading.Event()
        self._leads: list[Lead] = []
        self._woken, self._wake = os.pipe()
        self._thread = threading.Thread(target=self._run, name=f"{name}-session", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def end(self) -> None:
        """Tell what is still to be told, give back what is held and close."""
        self._ended.set()
        os.write(self._wake, b".")
        if self._thread.is_alive():
            self._thread.join(_CALM_SECONDS)
        os.close(self._wake)
        os.close(self._woken)

    def tell(self) -> None:
        """Others shall look: something was committed. Any thread; costs a round trip of this session, not of the caller."""
        if not self._told:
            self._told = True
            self._poke()

    async def lead(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """See `Database.lead`."""
        lead = Lead(name)
        self._leads.append(lead)
        self._poke()
        try:
            await lead.run(work)
        finally:
            lead.over = True
            self._poke()

    def _poke(self) -> None:
        if not self._ended.is_set():
            os.write(self._wake, b".")

    def _run(self) -> None:
        failures = 0
        while True:
            try:
                with psycopg.connect(**self._arguments, autocommit=True) as conn:
                    failures = 0
                    self._serve(conn)
            except (psycopg.Error, OSError):
                _log.warning("the session that listens was lost and is opened again", exc_info=True)
            for lead in self._leads:
                lead.lost()
            if self._ended.wait(_PAUSES[min(failures, len(_PAUSES) - 1)]):
                return
            failures += 1

    def _serve(self, conn: psycopg.Connection[Any]) -> None:
        conn.add_notify_handler(lambda said: self._heard(said.payload))  # what comes before an answer
        conn.execute(f"LISTEN {_CHANNEL}")
        self._changed.set()  # whatever was said while nobody listened
        look_at = 0.0
        while not self._ended.is_set():
            if time.monotonic() >= look_at or any(lead.over for lead in self._leads):
                self._look(conn)
                look_at = time.monotonic() + (_LOOK_SECONDS if self._leads else _CALM_SECONDS)
            self._hear(conn)
            ready, _, _ = select.select([conn.fileno(), self._woken], [], [], max(0.0, look_at - time.monotonic()))
            if self._woken in ready:
                os.read(self._woken, 4_096)
                look_at = self._answer(conn, look_at)
        if self._told:
            self._tell_others(conn)

    def _hear(self, conn: psycopg.Connection[Any]) -> None:
        """Also what came in one packet with an answer, which the socket does not show any more."""
        conn.pgconn.consume_input()
        while said := conn.pgconn.notifies():
            self._heard(said.extra.decode())

    def _heard(self, by: str) -> None:
        if by != self._me:
            self._changed.set()

    def _answer(self, conn: psycopg.Connection[Any], look_at: float) -> float:
        """Do what it was woken for; when to look at the leads next."""
        if self._told:
            self._tell_others(conn)
            time.sleep(_TELL_SECONDS)
        return 0.0 if any(lead.new for lead in self._leads) else look_at

    def _tell_others(self, conn: psycopg.Connection[Any]) -> None:
        self._told = False
        conn.execute("SELECT pg_notify(%s, %s)", (_CHANNEL, self._me))

    def _look(self, conn: psycopg.Connection[Any]) -> None:
        """Take the locks that are free, give back those that are over; at the least, let the server hear from us."""
        conn.execute(f"SET idle_session_timeout = '{_SILENCE if self._leads else 0}'")
        for lead in list(self._leads):
            lead.new = False
            if lead.over:
                self._leads.remove(lead)
                if lead.held:
                    conn.execute("SELECT pg_advisory_unlock(%s)", (lead.key,))
            elif not lead.held and conn.execute("SELECT pg_try_advisory_lock(%s)", (lead.key,)).fetchone() == (True,):
                lead.won()
