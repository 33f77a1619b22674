"""One index of the cluster, to be read and written by any number of processes: versions keep writers from undoing each other."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from itertools import islice
from typing import Any, Final

from rapport_chassis.db import EngineUnavailable
from rapport_search.adapters.opensearch.bulk import Action, Bulk, indexing, removing
from rapport_search.adapters.opensearch.client import Client
from rapport_search.adapters.opensearch.compile import Query, live
from rapport_search.adapters.opensearch.facets import asked, buckets
from rapport_search.application.ports import Bucket, Change, Hit, Page, Sort
from rapport_search.domain.digest import BUCKETS
from rapport_search.domain.order import INSTANTS, key_and_id, token
from rapport_search.domain.plan import Plan

_MOST_HITS: Final = 10_000  # the engine's own limit of a page
_SLICE: Final = 300  # customers of a request
_TOGETHER: Final = 3  # requests under way: a shard writes each with one thread
_KEPT: Final = "2m"  # a point in time, from one page of a scan to the next
_SCANNED: Final = "pit_id,hits.hits._id,hits.hits._version,hits.hits.sort"


class Reader:
    """Reads an index; sees what was written as soon as its writer has refreshed it, in whichever process."""

    def __init__(self, client: Client, index: str) -> None:
        self._client = client
        self._index = index

    async def search(self, plan: Plan, sort: Sort, limit: int, after: str | None, *, count: bool) -> Page:
        """As the port says."""
        body = {
            "query": live(plan),
            "sort": _sorted_by(sort.field, "desc" if sort.descending else "asc"),
            "size": limit,
            "track_total_hits": count,
            "stored_fields": "item",
        }
        beyond = {"search_after": key_and_id(sort.field, after)} if after else {}
        found = (await self._search(body | beyond))["hits"]
        hits = [Hit(token(*hit["sort"]), hit["fields"]["item"][0].encode()) for hit in found["hits"]]
        return Page(hits, found["total"]["value"] if count else None)

    async def count(self, plan: Plan) -> int:
        """As the port says."""
        found = await self._search({"query": live(plan), "size": 0, "track_total_hits": True})
        return int(found["hits"]["total"]["value"])

    async def facets(self, plan: Plan, fields: Sequence[str], size: int) -> dict[str, list[Bucket]]:
        """As the port says."""
        if not fields:
            return {}
        wanted = {field: asked(field, size) for field in fields}
        found = await self._search({"query": live(plan), "size": 0, "track_total_hits": False, "aggs": wanted})
        return {field: buckets(found["aggregations"][field]["buckets"]) for field in fields}

    async def scan(self, plan: Plan, chunk: int) -> AsyncIterator[list[tuple[str, int]]]:
        """As the port says; the oldest first."""
        async for some in self._all(live(plan), min(chunk, _MOST_HITS)):
            yield some

    async def versions_of(self, ids: Sequence[str]) -> dict[str, int]:
        """As the port says: what a search would find, not what the log of the index knows already."""
        if not ids:
            return {}
        body = {"ids": list(ids)}
        params = {"realtime": "false", "_source": "false"}
        found = await self._ask(self._client.api.mget(body=body, index=self._index, params=params))
        return {one["_id"]: one["_version"] for one in found["docs"] if _there(one)}

    async def digest(self, partition: int) -> dict[int, tuple[int, int]]:
        """As the port says."""
        first = partition * BUCKETS
        sums = {"terms": {"field": "bucket", "size": BUCKETS}, "aggs": {"sum": {"sum": {"field": "check"}}}}
        query = {"range": {"bucket": {"gte": first, "lt": first + BUCKETS}}}
        found = await self._search({"query": query, "size": 0, "track_total_hits": False, "aggs": {"buckets": sums}})
        listed = found["aggregations"]["buckets"]["buckets"]
        return {one["key"]: (one["doc_count"], int(one["sum"]["value"])) for one in listed}

    async def held(self, bucket: int) -> dict[str, int]:
        """As the port says."""
        chunks = self._all({"term": {"bucket": bucket}}, _MOST_HITS)
        return {customer_id: version async for some in chunks for customer_id, version in some}

    async def _all(self, query: Query, chunk: int) -> AsyncIterator[list[tuple[str, int]]]:
        """(id, version) of everything, as of a point in time that is let go at the end, however it comes."""
        body: dict[str, Any] = {
            "query": query,
            "sort": _sorted_by("created_at", "asc"),
            "size": chunk,
            "track_total_hits": False,
            "_source": False,
            "version": True,
        }
        async with self._point_in_time() as point:
            while True:
                page = body | {"pit": {"id": point, "keep_alive": _KEPT}}
                answer = await self._ask(self._client.api.search(body=page, params={"filter_path": _SCANNED}))
                hits = answer.get("hits", {}).get("hits", [])
                if hits:
                    yield [(hit["_id"], hit["_version"]) for hit in hits]
                if len(hits) < chunk:
                    return
                body["search_after"] = hits[-1]["sort"]

    @contextlib.asynccontextmanager
    async def _point_in_time(self) -> AsyncIterator[str]:
        made = self._client.api.create_pit(
            index=self._index, params={"keep_alive": _KEPT, "allow_partial_pit_creation": "false"}
        )
        point = (await self._ask(made))["pit_id"]
        try:
            yield point
        finally:
            with contextlib.suppress(EngineUnavailable):  # it ends by itself
                await self._ask(self._client.api.delete_pit(body={"pit_id": [point]}))

    async def _search(self, body: dict[str, Any]) -> dict[str, Any]:
        params = {"allow_partial_search_results": "false"}
        found: dict[str, Any] = await self._ask(self._client.api.search(body=body, index=self._index, params=params))
        return found

    async def _ask(self, answer: Any) -> Any:
        try:
            return await self._client.ask(answer)
        except LookupError as error:
            raise EngineUnavailable(f"the index {self._index} was removed") from error


def _sorted_by(field: str, order: str) -> list[dict[str, Any]]:
    """By the field, and customers who have the same there by their ids: as their tokens do."""
    return [{one: {"order": order}} for one in (field if field in INSTANTS else f"sort.{field}", "id")]


def _there(found: dict[str, Any]) -> bool:
    if "error" in found:
        raise EngineUnavailable(f"OpenSearch cannot read it now: {found['error']}")
    return bool(found["found"])


class Writer(Reader):
    """Writes an index. A second writer does no harm: of two versions the newer stays, whoever comes last."""

    patience = 10.0  # its node asks for processors with the same right as who imports (ADR 54)
    rest = 0.1  # a refresh takes as long as a hundred documents: to wait saves little (ADR 176)

    def __init__(self, client: Client, index: str) -> None:
        super().__init__(client, index)
        self._bulk = Bulk(client, index)

    async def index(self, changes: Iterable[Change]) -> int:
        """As the port says."""
        return await self._write(indexing, changes)

    async def remove(self, ids: Sequence[str]) -> None:
        """As the port says."""
        await self._write(removing, ids)

    async def close(self) -> None:
        """Nothing is held."""

    async def _write(self, action: Callable[[Any], Action], of: Iterable[Any]) -> int:
        """Written in slices, and found by whoever asks; also when another writer was killed before it could say so."""
        slices = _Slices(action, of)
        ended = await asyncio.gather(*(self._send(slices) for _ in range(_TOGETHER)), return_exceptions=True)
        done = 0
        for one in ended:
            if isinstance(one, BaseException):
                raise one
            done += one
        if slices.some:
            await self._ask(self._client.api.indices.refresh(index=self._index))
        return done

    async def _send(self, slices: _Slices) -> int:
        """Send one slice after the other until there are no more; how many were carried out."""
        done = 0
        try:
            while actions := await slices.next():
                done += len(await self._bulk.write(actions))
        except LookupError as error:
            raise EngineUnavailable(f"the index {self._index} was removed") from error
        finally:
            slices.end()
        return done


class _Slices:
    """What is to be written, made a slice at a time for whoever sends next. Of two versions the newer stays: no order is kept."""

    def __init__(self, action: Callable[[Any], Action], of: Iterable[Any]) -> None:
        self._action = action
        self._rest = iter(of)
        self._making = asyncio.Lock()
        self._ended = False
        self.some = False

    async def next(self) -> list[Action]:
        """Some more; [] when there are none, or one who sends has failed."""
        async with self._making:
            made = [] if self._ended else await asyncio.to_thread(self._make)
        self.some = self.some or bool(made)
        return made

    def _make(self) -> list[Action]:
        return [self._action(one) for one in islice(self._rest, _SLICE)]

    def end(self) -> None:
        """Make no more."""
        self._ended = True
