"""Reading topics without a group: every process sees every record (live streams, the directory)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Literal

from rapport_chassis.bus.port import Bus, TopicPartition
from rapport_contracts.envelope import Message
from rapport_contracts.topics import Topic

_LIMIT = 1_000


class Broadcast:
    """An endless iterator of batches of `topics`, from their start or from where their end is now.

    Iterated again after trouble of the bus it goes on where it was.
    """

    def __init__(self, bus: Bus, topics: Sequence[Topic], start: Literal["start", "end"]) -> None:
        self._bus = bus
        self._topics = topics
        self._start = start
        self._positions: dict[TopicPartition, int] = {}

    async def __aiter__(self) -> AsyncIterator[list[Message]]:
        """Batches, as they come."""
        await self.open()
        while True:
            messages = await self._next()
            if messages:
                yield messages
            else:
                await self._bus.wait(self._positions, 5.0)

    async def until_end(self, apply: Callable[[Sequence[Message]], None]) -> None:
        """Give everything up to the present end to `apply`."""
        await self.open()
        while messages := await self._next():
            apply(messages)

    async def open(self) -> None:
        """Fix the positions to begin at (once)."""
        if self._positions:
            return
        positions: dict[TopicPartition, int] = {}
        for topic in self._topics:
            firsts = await (self._bus.starts(topic) if self._start == "start" else self._bus.ends(topic))
            positions |= {TopicPartition(topic.name, partition): at for partition, at in firsts.items()}
        self._positions = positions

    async def _next(self) -> list[Message]:
        messages = await self._bus.read(self._positions, _LIMIT)
        for message in messages:
            self._positions[TopicPartition(message.topic, message.partition)] = message.offset + 1
        return messages
