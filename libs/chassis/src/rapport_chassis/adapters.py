"""What a service opens of its own: technologies behind its ports, which operators want to know to be there."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from rapport_chassis.db import EngineUnavailable, EngineUnfit

_LOOK_SECONDS: Final = 1.0


class WrongSetting(ValueError):  # noqa: N818  it says what the person who set it must do
    """A setting of the environment that cannot be; the message names it and shows no secret."""


class Adapter(Protocol):
    """A technology behind one of a service's ports."""

    async def look(self) -> str:
        """Which it is and where, for operators. Raises `EngineUnavailable` or `EngineUnfit`, with the reason."""

    async def close(self) -> None:
        """Let go of it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An adapter as it was found: there and which, or away or unfit and why."""

    name: str
    ok: bool
    detail: str


async def look_at(adapters: Mapping[str, Adapter]) -> list[Seen]:
    """All of them, side by side, a second at most."""
    return list(await asyncio.gather(*(_look(name, adapter) for name, adapter in adapters.items())))


async def _look(name: str, adapter: Adapter) -> Seen:
    try:
        async with asyncio.timeout(_LOOK_SECONDS):
            return Seen(name, True, await adapter.look())
    except (EngineUnavailable, EngineUnfit, TimeoutError) as away:
        return Seen(name, False, str(away) or "it does not answer in time")
