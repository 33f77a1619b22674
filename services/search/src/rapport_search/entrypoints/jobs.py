"""What search does every so often."""

from __future__ import annotations

from rapport_chassis.service import Runtime
from rapport_search.application.serving import lag_of
from rapport_search.store import indexes


class IndexAge:
    """The metric `search_index_age_seconds`: how far the serving index is behind its topic, in time (Q8)."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def measure(self) -> None:
        """Set the metric."""
        row = await self._runtime.db.read(indexes.serving)
        if row is not None:
            lag = await lag_of(self._runtime, row.name)
            age = (self._runtime.clock.now() - lag.reached).total_seconds()
            self._runtime.metrics.index_age.set(max(0.0, age) if lag.records else 0.0)
