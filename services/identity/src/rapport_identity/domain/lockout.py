"""When guessing is stopped: failures counted per user and per address, waits that double (G1, measures R14)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Policy:
    """`allowed` failures within `window` are free; the next waits are `first_wait`, then twice as long, up to `longest_wait`."""

    allowed: int
    window: timedelta = timedelta(minutes=15)
    first_wait: timedelta = timedelta(seconds=30)
    longest_wait: timedelta = timedelta(minutes=15)


PER_USER = Policy(allowed=5)
PER_ADDRESS = Policy(allowed=50)  # a whole office may sit behind one address


@dataclass(frozen=True, slots=True)
class Attempts:
    """What is remembered of one key's failures (`user:<key>`, `ip:<address>`)."""

    failures: int = 0
    last_at: datetime | None = None
    locked_until: datetime | None = None

    def seconds_locked(self, now: datetime) -> int:
        """Whole seconds until the next attempt is heard, at least 1 while locked; 0 when it is heard now."""
        if self.locked_until is None or self.locked_until <= now:
            return 0
        return max(1, int((self.locked_until - now).total_seconds() + 0.999))

    def failed(self, now: datetime, policy: Policy) -> Attempts:
        """What is remembered after one more failure at `now`."""
        forgotten = self.last_at is None or now - self.last_at > policy.window + _wait(self.failures, policy)
        failures = 1 if forgotten else self.failures + 1
        wait = _wait(failures, policy)
        return replace(self, failures=failures, last_at=now, locked_until=now + wait if wait else None)


def _wait(failures: int, policy: Policy) -> timedelta:
    over = failures - policy.allowed
    if over < 0:
        return timedelta()
    doubled: int = 2 ** min(over, 16)
    return min(policy.longest_wait, policy.first_wait * doubled)
