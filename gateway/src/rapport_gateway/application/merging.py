"""Lists that several services keep, as one: jobs, parked messages, the state of the system."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from rapport_chassis.auth import Caller
from rapport_chassis.db import EngineUnavailable
from rapport_chassis.http import decode_cursor, encode_cursor
from rapport_chassis.peers import Peer, PeerRefused
from rapport_chassis.problems import Problem

Services = Mapping[str, Callable[[], Peer]]
_HEALTH_SECONDS = 2.0


async def merged_page(
    services: Services, path: str, caller: Caller, *, limit: int, after: str | None, newest_first: bool
) -> dict[str, Any]:
    """One page over every service's list at `path`, whose ids are `<service>-<time-ordered id>`: `{items, next, missing}`.

    `next` remembers how far each service was shown. `missing` names services that do not answer now; they are asked again on
    the next page from where they were. Raises `Problem` 403 as the services do, 422 for a foreign cursor.
    """
    at: dict[str, str | None] = decode_cursor(after, dict)[0] if after else dict.fromkeys(services, "")
    names = [name for name in services if at.get(name) is not None]  # None: shown to its end
    pages = await asyncio.gather(*(_page(services[name], path, caller, limit, at[name]) for name in names))
    found = {name: page for name, page in zip(names, pages, strict=True) if page is not None}
    every = [(item["id"].partition("-")[2], name, item) for name, page in found.items() for item in page["items"]]
    every.sort(key=lambda row: row[:2], reverse=newest_first)
    shown = every[:limit]
    for bare, name, item in shown:
        at[name] = item["id"] if path == "/jobs" else bare
    left = {name for _, name, _ in every[limit:]} | {name for name, page in found.items() if page["next"]}
    following = {name: at[name] if name in left or name not in found else None for name in names}
    return {
        "items": [item for _, _, item in shown],
        "next": encode_cursor(following) if left else None,
        "missing": [name for name in names if name not in found],
    }


async def health_of(services: Services) -> dict[str, dict[str, Any]]:
    """What each service says of itself (`/internal/health`); `{"ok": false, "detail"}` for one that does not answer."""
    answers = await asyncio.gather(*(_health(peer) for peer in services.values()))
    return dict(zip(services, answers, strict=True))


async def _health(peer: Callable[[], Peer]) -> dict[str, Any]:
    try:
        async with asyncio.timeout(_HEALTH_SECONDS):
            answer: dict[str, Any] = (await peer().request("GET", "/internal/health")).json
    except (EngineUnavailable, PeerRefused, TimeoutError) as error:
        return {"ok": False, "detail": str(error) or "no answer in time"}
    return answer


async def _page(
    peer: Callable[[], Peer], path: str, caller: Caller, limit: int, after: str | None
) -> dict[str, Any] | None:
    query = urlencode({"limit": limit} | ({"after": after} if after else {}))
    try:
        async with asyncio.timeout(_HEALTH_SECONDS * 5):
            answer: dict[str, Any] = (await peer().request("GET", f"{path}?{query}", caller=caller)).json
    except PeerRefused as refused:
        raise _as_problem(refused) from refused
    except (EngineUnavailable, TimeoutError):
        return None
    return answer


def _as_problem(refused: PeerRefused) -> Problem:
    body = refused.body if isinstance(refused.body, dict) else {}
    return Problem(body.get("code", "forbidden"), body.get("detail", "Refused."), status=refused.status)
