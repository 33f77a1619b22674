"""Rate limits: token buckets per user, key or address; each gateway process counts for itself (R14)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

_SWEEP_AT = 20_000


@dataclass(frozen=True, slots=True)
class Rate:
    """`per_second` on the long run, `burst` at once. A burst of 0 means: no limit."""

    per_second: float
    burst: int

    @staticmethod
    def parse(text: str) -> Rate:
        """From `"per_second/burst"`, such as `1000/5000`. Raises `ValueError`."""
        per_second, _, burst = text.partition("/")
        return Rate(float(per_second), int(burst or per_second))


class Limiter:
    """Buckets of one rate, by key; a bucket that is full again is forgotten."""

    def __init__(self, rate: Rate, clock: Callable[[], float]) -> None:
        self._rate = rate
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}  # key -> (tokens, as of)

    def take(self, key: str) -> int:
        """Take one token: 0 when there was one, else the whole seconds until there is (`Retry-After`)."""
        rate = self._rate
        if not rate.burst:
            return 0
        now = self._clock()
        tokens, at = self._buckets.get(key, (float(rate.burst), now))
        tokens = min(rate.burst, tokens + (now - at) * rate.per_second)
        if tokens < 1:
            self._buckets[key] = (tokens, now)
            return max(1, math.ceil((1 - tokens) / rate.per_second))
        self._buckets[key] = (tokens - 1, now)
        if len(self._buckets) > _SWEEP_AT:
            self._sweep(now)
        return 0

    def give_back(self, key: str) -> None:
        """Undo one `take`: what it was for shall not count."""
        if key in self._buckets:
            tokens, at = self._buckets[key]
            self._buckets[key] = (min(self._rate.burst, tokens + 1), at)

    def _sweep(self, now: float) -> None:
        rate = self._rate
        held = self._buckets.items()
        kept = {key: (n, at) for key, (n, at) in held if n + (now - at) * rate.per_second < rate.burst}
        # Still too many: an attack from many addresses. Forget the oldest half rather than grow.
        self._buckets = dict(list(kept.items())[-_SWEEP_AT // 2 :]) if len(kept) > _SWEEP_AT // 2 else kept
