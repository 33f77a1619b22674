"""Bulk writes: requests of bounded size, tried again with a growing pause while the cluster says that it has too much to do."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from rapport_search.adapters.opensearch.client import Client, Overloaded
from rapport_search.adapters.opensearch.documents import document_of
from rapport_search.application.ports import Change

_REQUEST_BYTES: Final = 1_000_000  # more at once would hold up the event loop
_SECONDS: Final = 60
_TRIES: Final = 8
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0
_CONFLICT, _MISSING, _TOO_MANY, _LEAST_ERROR = 409, 404, 429, 300
_AGAIN: Final = frozenset({_TOO_MANY, 503})
_SHOWN: Final = "items.*.status,items.*.error.type,items.*.error.reason"


@dataclass(frozen=True, slots=True)
class Action:
    """One line or two of a bulk request."""

    id: str
    lines: bytes


def indexing(change: Change) -> Action:
    """Index a change by its external version."""
    head = {"index": {"_id": change.id, "version": change.version, "version_type": "external"}}
    return Action(change.id, orjson.dumps(head) + b"\n" + orjson.dumps(document_of(change)) + b"\n")


def removing(customer_id: str) -> Action:
    """Remove a document of whichever version."""
    return Action(customer_id, orjson.dumps({"delete": {"_id": customer_id}}) + b"\n")


class Bulk:
    """Writes to one index. `pause` scales the pauses."""

    def __init__(self, client: Client, index: str, pause: float = _FIRST_PAUSE) -> None:
        self._client = client
        self._index = index
        self._pause = pause

    async def write(self, actions: Sequence[Action]) -> set[str]:
        """The ids of those that were carried out; those that an equal or newer version forbids are not.

        Raises `EngineUnavailable` when the cluster is away or stays overloaded, `LookupError` when the index is not there, and
        `ValueError` when it refuses a document, with the reason; the others are written then.
        """
        done: set[str] = set()
        for request in _requests(actions):
            done |= await self._insist(request)
        return done

    async def _insist(self, actions: Sequence[Action]) -> set[str]:
        done: set[str] = set()
        left = list(actions)
        for attempt in range(_TRIES):
            if attempt:
                await asyncio.sleep(_after(attempt, self._pause))
            results = await self._send(left)
            pairs = list(zip(left, results, strict=True))
            done |= {action.id for action, result in pairs if result["status"] < _LEAST_ERROR}
            refused = [pair for pair in pairs if pair[1]["status"] in _AGAIN]
            left = [action for action, _ in refused]
            if not left:
                return done
        reason = refused[-1][1]["error"]["reason"]
        raise Overloaded(f"OpenSearch refused {len(left)} of {len(actions)} writes {_TRIES} times: {reason}")

    async def _send(self, actions: Sequence[Action]) -> list[dict[str, Any]]:
        """`status` and perhaps `error` of each action. A request that is refused as a whole is each of them refused."""
        body = b"".join(action.lines for action in actions)
        sent = self._client.api.bulk(
            body=body, index=self._index, params={"filter_path": _SHOWN, "request_timeout": _SECONDS}
        )
        try:
            items: list[dict[str, Any]] = (await self._client.ask(sent))["items"]
        except Overloaded as overloaded:
            return [{"status": _TOO_MANY, "error": {"reason": str(overloaded)}}] * len(actions)
        results = [next(iter(item.values())) for item in items]
        for action, result in zip(actions, results, strict=True):
            _refuse(action, result)
        return results


def _refuse(action: Action, result: dict[str, Any]) -> None:
    status, error = result["status"], result.get("error")
    if error is None or status == _CONFLICT or status in _AGAIN:
        return
    words = f"{error.get('type')}: {error.get('reason')}"
    if status == _MISSING:
        raise LookupError(words)
    raise ValueError(f"OpenSearch refuses {action.id}: {words}")


def _requests(actions: Sequence[Action]) -> Iterator[list[Action]]:
    request: list[Action] = []
    size = 0
    for action in actions:
        if request and size + len(action.lines) > _REQUEST_BYTES:
            yield request
            request, size = [], 0
        request.append(action)
        size += len(action.lines)
    if request:
        yield request


def _after(attempt: int, pause: float) -> float:
    """Twice as long each time, up to a limit; at least half of it, so that many who were refused do not come back together."""
    longest: float = min(pause * 2 ** (attempt - 1), _LONGEST_PAUSE)
    return longest * random.uniform(0.5, 1)  # noqa: S311  no secret
