"""What logging needs of others, by its role."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from rapport_chassis.auth import Caller


class Sight(Protocol):
    """Knows who may see whom."""

    async def visible(self, caller: Caller, ids: Sequence[str]) -> set[str]:
        """Those of the customers that the caller may see. Raises `EngineUnavailable` when nobody answers."""
