"""Time as a port: what is asked for the present instant, so that tests can move it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Says what time it is."""

    def now(self) -> datetime:
        """The present instant, UTC, with microseconds."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant, UTC."""
        return datetime.now(UTC)


class SetClock:
    """A clock that stands still until told otherwise (tests, replays)."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        """The instant that was set."""
        return self._at

    def advance(self, **delta: float) -> None:
        """Move forward by `timedelta(**delta)`."""
        self._at += timedelta(**delta)


def to_micros(at: datetime) -> int:
    """Microseconds since the epoch: how instants are stored."""
    return int(at.timestamp()) * 1_000_000 + at.microsecond


def from_micros(micros: int) -> datetime:
    """The instant stored as `micros`."""
    return datetime.fromtimestamp(micros // 1_000_000, UTC).replace(microsecond=micros % 1_000_000)
