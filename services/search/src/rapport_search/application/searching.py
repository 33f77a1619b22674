"""Searching: a query, the caller's visibility, one sort, exact counts, facets, and pages without end (Q1, Q3, Q5, Q6)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from zoneinfo import ZoneInfo

from rapport_chassis.auth import Caller, Directory
from rapport_chassis.clock import Clock
from rapport_chassis.problems import FieldError, Invalid
from rapport_contracts.query import SORTABLE, QueryContext, QueryRefused, parse
from rapport_search.application.catalog import Catalog, Catalogs
from rapport_search.application.ports import Bucket, Reading, Sort
from rapport_search.domain.entries import FACETS
from rapport_search.domain.item import item_of
from rapport_search.domain.plan import Keyword, Plan, both
from rapport_search.domain.quick import tiers
from rapport_search.domain.resolve import Asker, resolve, visible

FACET_NAMES: Final = {("groups" if name == "group" else name): name for name in FACETS}
_FACET_SIZE: Final = 100
_SCAN_CHUNK: Final = 20_000
BY_NAME: Final = Sort("name")


@dataclass(frozen=True, slots=True)
class SearchCommand:
    """What is asked for; `ids` cuts the result to these customers."""

    query: Any = None
    sort: Sort = BY_NAME
    limit: int = 50
    after: str | None = None
    count: bool = True
    facets: Sequence[str] = ()
    ids: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A page of results; `next` is the token to go on from."""

    items: list[dict[str, Any]]
    count: int | None
    next: str | None
    facets: dict[str, list[Bucket]] = field(default_factory=dict)


class Searching:
    """Searches of one process, on whichever index is given."""

    def __init__(self, directory: Directory, clock: Clock) -> None:
        self._directory = directory
        self._clock = clock
        self._catalogs = Catalogs(directory)

    def check(self, query: Any, caller: Caller, path: str = "query") -> None:
        """Raises `Invalid` 422 `validation_failed` or `query_too_complex` for a query the caller cannot ask."""
        self._plan(query, caller, path)

    async def search(self, index: Reading, command: SearchCommand, caller: Caller) -> Found:
        """The page, its exact count and its facets. Raises `Invalid` as `check` does, and for unknown sorts and facets."""
        catalog = self._catalogs.of(caller)
        plan = self._seen(command, caller)
        _refuse_unknown(command)
        counted = [FACET_NAMES[name] for name in command.facets]
        (rows, count), facets = await asyncio.gather(
            self._rows(index, plan, command), index.facets(plan, counted, _FACET_SIZE) if counted else _no_facets()
        )
        shown = rows[: command.limit]
        return Found(
            items=[self._item(item, catalog, caller) for _, item in shown],
            count=count,
            next=shown[-1][0] if len(rows) > command.limit and shown else None,
            facets={name: self._buckets(name, facets[FACET_NAMES[name]], caller) for name in command.facets},
        )

    async def quick(self, index: Reading, text: str, limit: int, caller: Caller) -> list[dict[str, Any]]:
        """The best few (Q1): names that begin with the text, then words that do, then any part of name, company, phone, email."""
        catalog = self._catalogs.of(caller)
        seen = visible(self._asker(caller, catalog))
        found: dict[str, dict[str, Any]] = {}
        for tier in tiers(text):
            page = await index.search(both([seen, tier]), BY_NAME, limit + len(found), None, count=False)
            for hit in page.hits:
                item = self._item(hit.item, catalog, caller)
                found.setdefault(item["id"], item)
            if len(found) >= limit:
                break
        return list(found.values())[:limit]

    async def scan(self, index: Reading, query: Any, caller: Caller) -> AsyncIterator[list[tuple[str, int]]]:
        """(id, version) of every result, in chunks, all as of the beginning (Q7). Raises `Invalid` as `check` does."""
        plan = self._seen(SearchCommand(query), caller)
        return index.scan(plan, _SCAN_CHUNK)

    async def _rows(
        self, index: Reading, plan: Plan, command: SearchCommand
    ) -> tuple[list[tuple[str, bytes]], int | None]:
        if command.limit == 0:
            return [], await index.count(plan) if command.count else None
        page = await index.search(plan, command.sort, command.limit + 1, command.after, count=command.count)
        return [(hit.token, hit.item) for hit in page.hits], page.count

    def _seen(self, command: SearchCommand, caller: Caller) -> Plan:
        catalog = self._catalogs.of(caller)
        plans = [visible(self._asker(caller, catalog)), self._plan(command.query, caller)]
        if command.ids is not None:
            plans.append(Keyword("id", tuple(command.ids)))
        return both(plans)

    def _plan(self, query: Any, caller: Caller, path: str = "query") -> Plan:
        catalog = self._catalogs.of(caller)
        try:
            node = parse(query, catalog.field, path)
        except QueryRefused as refused:
            errors = [FieldError(one.path, one.code, one.detail) for one in refused.errors]
            raise Invalid(str(refused), *errors, code=refused.code) from refused
        return resolve(node, self._asker(caller, catalog))

    def _asker(self, caller: Caller, catalog: Catalog) -> Asker:
        settings = self._directory.settings
        zone = ZoneInfo(settings.time_zone)
        context = QueryContext(self._clock.now(), zone, settings.region, caller.id, self._directory.subtree)
        return Asker(context, caller.view_groups, catalog.scopes)

    def _item(self, stored: bytes, catalog: Catalog, caller: Caller) -> dict[str, Any]:
        item = item_of(stored)
        if item["fields"]:
            item["fields"] = catalog.shown(item["fields"], item["groups"])
        if caller.view_groups is not None:
            item["groups"] = [group for group in item["groups"] if group in caller.view_groups]
        return item

    def _buckets(self, name: str, buckets: list[Bucket], caller: Caller) -> list[Bucket]:
        if name != "groups" or caller.view_groups is None:
            return buckets
        return [bucket for bucket in buckets if bucket.value in caller.view_groups]


async def _no_facets() -> dict[str, list[Bucket]]:
    return {}


def sort_of(field_name: str, direction: str) -> Sort:
    """The sort. Raises `Invalid` 422 for a field that one cannot sort by."""
    if field_name not in SORTABLE:
        detail = f"One sorts by {', '.join(SORTABLE)}."
        raise Invalid(detail, FieldError("sort.0.field", "unknown_field", detail))
    return Sort(field_name, direction == "desc")


def _refuse_unknown(command: SearchCommand) -> None:
    for number, name in enumerate(command.facets):
        if name not in FACET_NAMES:
            detail = f"Facets are {', '.join(FACET_NAMES)}."
            raise Invalid(detail, FieldError(f"facets.{number}", "unknown_field", detail))
