"""How fast a provider is given messages: a token bucket that a provider's “too many” empties for a while (M4)."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Final

_BURST_SECONDS: Final = 0.1
_FIRST_HOLD, _LONGEST_HOLD = 0.5, 60.0


class Pace:
    """At most `per_second`, evenly; `monotonic` is the machine's steady clock in seconds."""

    def __init__(self, per_second: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._burst = max(1.0, per_second * _BURST_SECONDS)
        self._monotonic = monotonic
        self._tokens = self._burst
        self._at = monotonic()
        self._held_until = 0.0
        self._refusals = 0

    def available(self) -> int:
        """How many may be sent right now."""
        now = self._monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._per_second)
        self._at = now
        return 0 if now < self._held_until else int(self._tokens)

    def take(self, count: int) -> None:
        """`count` messages are being sent."""
        self._tokens -= count

    def wait_seconds(self) -> float:
        """How long until one may be sent."""
        held = max(0.0, self._held_until - self._monotonic())
        return max(held, (1.0 - self._tokens) / self._per_second, 0.0)

    def hold(self, asked: float | None) -> float:
        """The provider takes nothing now: send nothing for `asked` seconds, longer at each refusal in a row; how long.

        Calls that were under way together are refused together: that is one refusal.
        """
        now = self._monotonic()
        if now >= self._held_until:
            grown = min(_LONGEST_HOLD, _FIRST_HOLD * 2.0 ** min(self._refusals, 10))
            self._held_until = now + grown * random.uniform(0.75, 1.25)  # noqa: S311  a spread, not a secret
            self._refusals += 1
        self._held_until = max(self._held_until, now + (asked or 0.0))
        return self._held_until - now

    def went_well(self) -> None:
        """The provider took one: the next hold begins short again."""
        self._refusals = 0
