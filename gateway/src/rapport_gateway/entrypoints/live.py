"""GET /live: an endless answer per browser tab, ended within seconds when its session or its user ends."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Iterator
from urllib.parse import parse_qs

from rapport_chassis.auth import Caller, Directory
from rapport_chassis.db import EngineUnavailable
from rapport_chassis.problems import FieldError, Invalid, Problem
from rapport_gateway.application.authentication import FRESH_SECONDS, Authentication
from rapport_gateway.application.live import Live, Reset, Subscriber
from rapport_gateway.domain import sse
from rapport_gateway.domain.changes import TOPIC_WORDS, TYPES
from rapport_gateway.entrypoints.exchange import Exchange, Header
from rapport_gateway.entrypoints.gateway import Visitor

PING_SECONDS = 15.0
_WRITE_SECONDS = 20.0
_MOST_PER_USER = 50
_HEADERS: tuple[Header, ...] = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
)


class LiveStreams:
    """Opens streams; `stop()` ends them all, so that a server that shuts down need not wait for browsers."""

    def __init__(self, live: Live, authentication: Authentication, directory: Directory) -> None:
        self._live = live
        self._authentication = authentication
        self._directory = directory
        self._per_user: Counter[str] = Counter()
        self._streams: set[_Stream] = set()

    async def serve(self, visitor: Visitor) -> None:
        """Stream until the browser goes away or its session ends. 422 for unknown topics, 429 for too many streams."""
        types = wanted_types(visitor.exchange.scope["query_string"])
        with self._counted(visitor.signed.subject):
            async with self._live.subscribed(types) as subscriber:
                stream = _Stream(visitor.exchange, subscriber)
                self._streams.add(stream)
                try:
                    await self._run(visitor, stream)
                finally:
                    self._streams.discard(stream)

    def stop(self) -> None:
        """End every stream; browsers come back by themselves."""
        for stream in self._streams:
            stream.end()

    async def _run(self, visitor: Visitor, stream: _Stream) -> None:
        await stream.open()
        while not stream.over:
            try:
                frames = await self._next_frames(visitor, stream)
            except Problem:  # signed out, disabled, key deleted
                break
            if not await stream.write(frames):
                return
        await stream.close()

    async def _next_frames(self, visitor: Visitor, stream: _Stream) -> bytes:
        try:
            waiting = await stream.subscriber.next(FRESH_SECONDS)
            caller = await self._caller(visitor)
            seen = await self._live.visible(caller, waiting) if waiting else []
        except Reset:
            return stream.frame("reset", {})
        except EngineUnavailable:  # whether the caller may know cannot be said now: let it ask when it can
            await asyncio.sleep(1)
            return stream.frame("reset", {})
        return b"".join(stream.frame("job" if one.type == "job" else "change", one.frame()) for one in seen)

    async def _caller(self, visitor: Visitor) -> Caller:
        signed = await self._authentication.identify(visitor.credential)
        return await self._directory.authenticate(signed.token)

    @contextlib.contextmanager
    def _counted(self, subject: str) -> Iterator[None]:
        if self._per_user[subject] >= _MOST_PER_USER:
            words = f"There are {_MOST_PER_USER} open streams of this user already."
            raise Problem("rate_limited", words, status=429, headers={"Retry-After": "10"})
        self._per_user[subject] += 1
        try:
            yield
        finally:
            self._per_user[subject] -= 1
            if not self._per_user[subject]:
                del self._per_user[subject]


class _Stream:
    """One answer that does not end by itself."""

    def __init__(self, exchange: Exchange, subscriber: Subscriber) -> None:
        self.subscriber = subscriber
        self._exchange = exchange
        self._gone: asyncio.Task[None] | None = None
        self._ended = False
        self._last_id = 0
        self._written_at = time.monotonic()

    @property
    def over(self) -> bool:
        return self._ended or (self._gone is not None and self._gone.done())

    def end(self) -> None:
        self._ended = True
        self.subscriber.wake()

    async def open(self) -> None:
        await self._exchange.start(200, _HEADERS)
        came_back = self._exchange.header(b"last-event-id") is not None
        self._gone = asyncio.create_task(self._until_gone())
        await self.write(sse.READY + (self.frame("reset", {}) if came_back else b""))

    def frame(self, event: str, data: object) -> bytes:
        self._last_id = max(self._last_id + 1, time.time_ns() // 1_000_000)
        return sse.frame(event, data, self._last_id)

    async def write(self, content: bytes) -> bool:
        """Write, or a heartbeat when it is time; whether the client still takes it."""
        if not content:
            if time.monotonic() - self._written_at < PING_SECONDS:
                return True
            content = sse.PING
        self._written_at = time.monotonic()
        try:
            async with asyncio.timeout(_WRITE_SECONDS):
                await self._exchange.send({"type": "http.response.body", "body": content, "more_body": True})
        except TimeoutError:
            return False
        return True

    async def close(self) -> None:
        if self._gone is not None:
            self._gone.cancel()
        await self._exchange.send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _until_gone(self) -> None:
        while (await self._exchange.receive())["type"] != "http.disconnect":
            pass
        self.subscriber.wake()


def wanted_types(query: bytes) -> frozenset[str]:
    """The types that `?topics=` asks for; all without it. Raises 422 for an unknown word."""
    said = [word for value in parse_qs(query.decode("latin-1")).get("topics", []) for word in value.split(",") if word]
    unknown = [word for word in said if word not in TOPIC_WORDS]
    if unknown:
        words = f"There is no topic {unknown[0][:50]}; there are: {', '.join(sorted(TOPIC_WORDS))}."
        raise Invalid(words, FieldError("topics", "unknown_topic", words))
    return frozenset(TOPIC_WORDS[word] for word in said) or frozenset(TYPES)
