"""Whom an audience names: ids from search or customers, as the caller sees them, with what messaging knows of each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

import orjson

from rapport_chassis.auth import Caller
from rapport_chassis.peers import PeerRefused
from rapport_chassis.problems import FieldError, Invalid, Problem
from rapport_chassis.service import Runtime
from rapport_messaging.store import customers

from .take_in import copy_of

CHUNK: Final = 1_000
_AT_MOST = 100  # ids that customers answers for in one call

Source = Mapping[str, Any]
"""{"query": tree} | {"group": id | {"id", "subgroups"}} | {"customer_ids": [id, …]}"""


async def chunks(runtime: Runtime, caller: Caller, source: Source) -> AsyncIterator[list[str]]:
    """The ids of the audience's customers that the caller sees, each once, up to 1,000 at a time.

    Raises `Problem` as search or customers refuse (an unknown field of the query: 422 with its path below `audience.query`).
    """
    ids = (
        _named(runtime, caller, source["customer_ids"]) if "customer_ids" in source else _found(runtime, caller, source)
    )
    seen: set[str] = set()
    chunk: list[str] = []
    async for customer_id in ids:
        if customer_id not in seen:
            seen.add(customer_id)
            chunk.append(customer_id)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


async def check(runtime: Runtime, caller: Caller, source: Source) -> None:
    """Refuse at once what the job would fail with: a group that is not there, a query that search cannot answer.

    Raises `Problem` 422 as `chunks` does; `EngineUnavailable` when search is away.
    """
    if "group" in source:
        group_query(runtime, caller, source["group"])
    if "query" in source:
        asked = {"query": source["query"], "limit": 0, "count": False}
        try:
            await runtime.peers.get("search").request("POST", "/customers:search", json=asked, caller=caller)
        except PeerRefused as refused:
            raise _as_ours(refused, "audience") from refused


async def visible_of(runtime: Runtime, caller: Caller, ids: Sequence[str]) -> list[str]:
    """Those of `ids` that the caller sees, in their order."""
    seen = {one["id"] for one in await _asked(runtime, caller, "/internal/customers/visible", ids)}
    return [customer_id for customer_id in ids if customer_id in seen]


async def known_rows(
    runtime: Runtime, caller: Caller, ids: Sequence[str], until: float | None = None
) -> dict[str, Any]:
    """What the copy keeps, by id; those too new for it are waited for (to the loop's time `until`), then asked for."""
    rows = await runtime.db.read(customers.load, ids)
    while len(rows) < len(ids) and asyncio.get_running_loop().time() < (until or 0.0):
        await runtime.db.changed.wait(runtime.db.changed.count, 0.25)
        rows = await runtime.db.read(customers.load, ids)
    missing = [customer_id for customer_id in ids if customer_id not in rows]
    return rows | {one["id"]: copy_of(one) for one in await _asked(runtime, caller, "/customers:batch-get", missing)}


async def _asked(runtime: Runtime, caller: Caller, path: str, ids: Sequence[str]) -> list[dict[str, Any]]:
    """What customers answers about these ids, a hundred a call."""
    found: list[dict[str, Any]] = []
    for start in range(0, len(ids), _AT_MOST):
        some = {"ids": list(ids[start : start + _AT_MOST])}
        try:
            reply = await runtime.peers.get("customers").request("POST", path, json=some, caller=caller)
        except PeerRefused as refused:
            raise _as_ours(refused, "audience.customer_ids") from refused
        found.extend(reply.json["items"])
    return found


async def _named(runtime: Runtime, caller: Caller, ids: Sequence[str]) -> AsyncIterator[str]:
    for customer_id in await visible_of(runtime, caller, list(dict.fromkeys(ids))):
        yield customer_id


async def _found(runtime: Runtime, caller: Caller, source: Source) -> AsyncIterator[str]:
    query = source["query"] if "query" in source else group_query(runtime, caller, source["group"])
    try:
        lines = runtime.peers.get("search").stream("POST", "/customers:scan", json={"query": query}, caller=caller)
        async for line in lines:
            yield orjson.loads(line)["id"]
    except PeerRefused as refused:
        raise _as_ours(refused, "audience") from refused


def group_query(runtime: Runtime, caller: Caller, group: str | Mapping[str, Any]) -> dict[str, Any]:
    """The query that means the group. Raises `Invalid` 422 for one that is not there, or that the caller does not see."""
    wanted: dict[str, Any] = {"id": group, "subgroups": False} if isinstance(group, str) else dict(group)
    if not runtime.directory.group_exists(wanted["id"]) or not _sees_group(runtime, caller, wanted["id"]):
        detail = "There is no such group."
        raise Invalid(detail, FieldError("audience.group", "not_found", detail))
    return {"all": [{"field": "group", "op": "is", "value": wanted}]}


def _sees_group(runtime: Runtime, caller: Caller, group_id: str) -> bool:
    return caller.sees_any(runtime.directory.subtree(group_id))


def _as_ours(refused: PeerRefused, place: str) -> Problem:
    """The other service's refusal as ours; paths of its body stand below `place`."""
    body = refused.body if isinstance(refused.body, dict) else {}
    errors = [
        FieldError(f"{place}.{one['field']}", one["code"], one["detail"])
        for one in body.get("errors", [])
        if {"field", "code", "detail"} <= one.keys()
    ]
    code, detail = str(body.get("code", "validation_failed")), str(body.get("detail", "This was refused."))
    return Problem(code, detail, status=refused.status, errors=errors)
