"""Where consumers go on after a move: positions on the new log, and parked messages that stay before everything new."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rapport_chassis.bus.port import Bus
from rapport_contracts.topics import ALL

_OLD_LOG = 1 << 40
"""Offsets of the embedded log are smaller (its records' places keep 40 bits for them)."""
_INDEXING = "search"


@dataclass(frozen=True)
class Positions:
    """`incarnations` and `ends` of the new log's topics; empty when the bus stays where it is.

    With `refill` what search's indexes had read is forgotten, so that they are filled from the start of their topic.
    """

    incarnations: Mapping[str, str] = field(default_factory=dict)
    ends: Mapping[tuple[str, int], int] = field(default_factory=dict)
    refill: bool = False

    def moved(self, service: str, table: str, row: dict[str, Any]) -> dict[str, Any] | None:
        """The row as it is after the move; None: it is left behind."""
        if table == "offsets" and service == _INDEXING and self.refill:
            return None
        if table == "offsets" and row["topic"] in self.incarnations:
            place = (row["topic"], row["partition"])
            return row | {"next": self.ends[place], "incarnation": self.incarnations[row["topic"]]}
        if table == "parked_messages" and self.incarnations and row["offset"] >= 0:
            return row | {
                "offset": row["offset"] - _OLD_LOG
            }  # or one of the new log could have its place, or come before it
        return row


TABLES = ("offsets", "parked_messages")
"""The tables that positions are in."""


async def positions_on(bus: Bus, *, refill: bool) -> Positions:
    """The ends of a started bus."""
    incarnations = {topic.name: await bus.incarnation(topic) for topic in ALL}
    ends = {(topic.name, number): end for topic in ALL for number, end in (await bus.ends(topic)).items()}
    return Positions(incarnations, ends, refill)
