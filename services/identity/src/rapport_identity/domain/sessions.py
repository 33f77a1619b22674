"""How long a sign-in lasts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class SessionPolicy:
    """A session ends `lifetime` after the sign-in, or after `idle` without a request, whichever is first."""

    lifetime: timedelta = timedelta(days=14)
    idle: timedelta = timedelta(hours=24)
    seen_every: timedelta = timedelta(minutes=1)  # how often `last_seen_at` is written
    most_per_user: int = 50

    def is_over(self, *, now: datetime, expires_at: datetime, last_seen_at: datetime) -> bool:
        """Whether a session with these times is over at `now`."""
        return now >= expires_at or now - last_seen_at >= self.idle
