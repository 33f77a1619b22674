"""The live stream: one reader of the state topics a process, many subscribers, each told only what it may see (G2, R12).

Changes of one thing that wait together become one frame; what a slow subscriber cannot take any more becomes `reset`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Sequence

from rapport_chassis.auth import Caller
from rapport_chassis.broadcast import Broadcast
from rapport_chassis.bus.port import Bus
from rapport_chassis.peers import Peer, PeerRefused
from rapport_contracts.envelope import Message
from rapport_contracts.topics import Topic
from rapport_gateway.domain.changes import EVERY, SOURCES, TYPES, Change, changes_of, may_see

_log = logging.getLogger(__name__)
_TOGETHER_SECONDS = 0.05  # changes within this become one batch of frames, one question to customers
_MANY = 200  # more changes of one type in a batch become one frame for all of them
_MOST_WAITING = 5_000
_ASK_AT_ONCE = 100
_RESTART_SECONDS = 1.0


class Reset(Exception):  # noqa: N818
    """Something was missed: the subscriber must reload what it shows."""


class Subscriber:
    """One open stream: the types it wants, and what waits for it."""

    def __init__(self, types: frozenset[str]) -> None:
        self.types = types
        self._waiting: dict[tuple[str, str], Change] = {}
        self._missed = False
        self._woken = asyncio.Event()

    def offer(self, changes: Iterable[Change]) -> None:
        """Take in changes; a newer one of the same thing replaces the older."""
        for change in changes:
            if change.type in self.types:
                self._waiting[change.type, change.id] = change
        if len(self._waiting) > _MOST_WAITING:
            self.miss()
        if self._waiting:
            self._woken.set()

    def miss(self) -> None:
        """What waits is given up: the subscriber gets `reset`."""
        self._missed = True
        self._waiting.clear()
        self._woken.set()

    def wake(self) -> None:
        """Let `next` return, whether or not something came."""
        self._woken.set()

    async def next(self, seconds: float) -> list[Change]:
        """What came since the last time; [] after `seconds` without anything. Raises `Reset`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()
                await asyncio.sleep(_TOGETHER_SECONDS)
        self._woken.clear()
        if self._missed:
            self._missed = False
            raise Reset
        taken, self._waiting = self._waiting, {}
        return _condensed(list(taken.values()))


class Live:
    """Reads the topics while anybody listens."""

    def __init__(self, bus: Bus, customers: Callable[[], Peer]) -> None:
        self._bus = bus
        self._customers = customers
        self._subscribers: set[Subscriber] = set()
        self._reading: asyncio.Task[None] | None = None
        self._open = asyncio.Event()

    @property
    def count(self) -> int:
        """How many streams are open."""
        return len(self._subscribers)

    @contextlib.asynccontextmanager
    async def subscribed(self, types: Iterable[str]) -> AsyncIterator[Subscriber]:
        """A subscriber that gets everything from the moment this is entered."""
        subscriber = Subscriber(frozenset(types))
        self._subscribers.add(subscriber)
        try:
            if self._reading is None or self._reading.done():
                self._reading = asyncio.create_task(self._read(), name="live")
            await self._open.wait()
            yield subscriber
        finally:
            self._subscribers.discard(subscriber)
            if not self._subscribers:
                await self.close()

    async def visible(self, caller: Caller, changes: Sequence[Change]) -> list[Change]:
        """Those of `changes` that `caller` may be told; when customers does not answer, nothing that depends on it."""
        verdicts = [(change, may_see(caller, change)) for change in changes]
        asked = sorted({change.about for change, verdict in verdicts if verdict == "ask" and change.about})
        seen = await self._seen(caller, asked) if asked else set()
        return [
            change for change, verdict in verdicts if verdict == "yes" or (verdict == "ask" and change.about in seen)
        ]

    async def close(self) -> None:
        """Stop reading."""
        reading, self._reading = self._reading, None
        self._open.clear()
        if reading is not None:
            reading.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await reading

    async def _seen(self, caller: Caller, ids: list[str]) -> set[str]:
        parts = [ids[start : start + _ASK_AT_ONCE] for start in range(0, len(ids), _ASK_AT_ONCE)]
        found: set[str] = set()
        for part in parts:
            found |= await self._ask(caller, part)
        return found

    async def _ask(self, caller: Caller, ids: list[str]) -> set[str]:
        try:
            answer = await self._customers().request(
                "POST", "/internal/customers/visible", json={"ids": ids}, caller=caller
            )
        except PeerRefused:
            return set()
        return {one["id"] for one in answer.json["items"]}

    async def _read(self) -> None:
        while True:
            try:
                await self._follow()
            except Exception:  # noqa: BLE001  whatever it was: watch on from the new end, and say that something was missed
                _log.exception("the live stream lost the topics and starts again at their end")
            self._tell(Subscriber.miss)
            await asyncio.sleep(_RESTART_SECONDS)

    async def _follow(self) -> None:
        topics: list[Topic] = list(dict.fromkeys(topic for kind in TYPES for topic in SOURCES[kind]))
        broadcast = Broadcast(self._bus, topics, "end")
        await broadcast.open()
        self._open.set()
        async for messages in broadcast:
            changes = _read_changes(messages)
            self._tell(lambda one, changes=changes: one.offer(changes))  # type: ignore[misc]

    def _tell(self, what: Callable[[Subscriber], None]) -> None:
        for subscriber in self._subscribers:
            what(subscriber)


def _read_changes(messages: Sequence[Message]) -> list[Change]:
    changes: list[Change] = []
    for message in messages:
        try:
            changes.extend(changes_of(message))
        except (KeyError, TypeError, ValueError):
            _log.warning("a record that is not shown live", extra={"topic": message.topic, "offset": message.offset})
    return changes


def _condensed(changes: list[Change]) -> list[Change]:
    counts: dict[str, int] = {}
    for change in changes:
        counts[change.type] = counts.get(change.type, 0) + 1
    crowded = {kind for kind, count in counts.items() if count > _MANY and kind in ("customer", "timeline", "message")}
    if not crowded:
        return changes
    rest = [change for change in changes if change.type not in crowded]
    return rest + [Change(kind, EVERY, 0) for kind in sorted(crowded)]
