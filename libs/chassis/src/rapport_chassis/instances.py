"""A service's instances: asked in turn; another is asked only where the first cannot have done anything yet."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

import aiohttp

from rapport_chassis.db import EngineUnavailable

_NOT_CONNECTED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)
_REPEATABLE = frozenset({"GET", "HEAD"})
_PASSED_OVER_SECONDS = 1.0

Ask = Callable[[str], Awaitable[aiohttp.ClientResponse]]


class Instances:
    """The URLs of a service's instances, separated by commas. One URL may be a balancer's, so it is tried a second time."""

    def __init__(self, urls: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._urls = [url.strip().rstrip("/") for url in urls.split(",") if url.strip()]
        self._clock = clock
        self._turn = 0
        self._refused: dict[str, float] = {}

    async def asked(self, method: str, ask: Ask) -> aiohttp.ClientResponse:
        """The answer of the first instance that gives one. Raises `EngineUnavailable` with the last one's failure.

        Where there was no connection nothing was asked: the next one is. A connection that broke may have been after
        the deed: the next one is asked only what changes nothing, and nobody is asked twice for being slow.
        """
        for url in (urls := self._in_turn()):
            try:
                return await ask(url)
            except _NOT_CONNECTED as error:
                self._refused[url] = self._clock()
                failed: Exception = error
            except (aiohttp.ClientError, TimeoutError) as error:
                failed = error
                if method not in _REPEATABLE or isinstance(error, TimeoutError):
                    break
        raise EngineUnavailable(f"{', '.join(dict.fromkeys(urls))} does not answer: {failed!r}") from failed

    def _in_turn(self) -> list[str]:
        """Each, another one first each time; those that refused a moment ago are last."""
        self._turn += 1
        at, since = self._turn % len(self._urls), self._clock() - _PASSED_OVER_SECONDS
        turned = self._urls[at:] + self._urls[:at]
        return sorted(turned, key=lambda url: self._refused.get(url, since) > since) * (1 if len(turned) > 1 else 2)
