"""One searcher of an index: everything it answers is as of one commit. Synchronous; it runs on the engine's threads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

import tantivy
from tantivy import Occur, Order, Query

from rapport_search.adapters.embedded.compile import Compiler
from rapport_search.adapters.embedded.paging import BY_ID, Pager
from rapport_search.adapters.embedded.schema import LABEL
from rapport_search.application.ports import Bucket, Hit, Page, Sort
from rapport_search.domain.digest import BUCKETS
from rapport_search.domain.item import item_of
from rapport_search.domain.order import token_of
from rapport_search.domain.plan import Plan

_SEGMENT_BUCKETS: Final = 60_000


class Snapshot:
    """A searcher and what compiles for it."""

    def __init__(self, index: tantivy.Index, searcher: tantivy.Searcher) -> None:
        self._searcher = searcher
        self._index = index
        self._compiler = Compiler(index)
        self._schema = index.schema

    def search(self, plan: Plan, sort: Sort, limit: int, after: str | None, count: bool) -> Page:
        """As the port says."""
        query = self._live(plan)
        pager = Pager(self._index, self._searcher, sort, lambda address: self._hit(address, sort).token)
        page = pager.beyond(query, after) if after else query
        addresses, total = pager.first(page, limit, count=count and not after)
        hits = [self._hit(address, sort) for address in addresses]
        hits.sort(key=lambda hit: hit.token, reverse=sort.descending)
        return Page(hits, self._count(query) if count and after else total)

    def _hit(self, address: tantivy.DocAddress, sort: Sort) -> Hit:
        item = bytes(self._searcher.doc(address)["item"][0])
        return Hit(token_of(item_of(item), sort.field), item)

    def count(self, plan: Plan) -> int:
        """As the port says."""
        return self._count(self._live(plan))

    def facets(self, plan: Plan, fields: Sequence[str], size: int) -> dict[str, list[Bucket]]:
        """As the port says."""
        wanted = {
            field: {"terms": {"field": f"f_{field}", "size": _SEGMENT_BUCKETS, "segment_size": _SEGMENT_BUCKETS}}
            for field in fields
        }
        query = self._live(plan)
        found: dict[str, Any] = self._searcher.aggregate(query, wanted) if wanted else {}
        return {field: _buckets(found[field]["buckets"], size) for field in fields}

    def scan(self, plan: Plan, chunk: int) -> Iterator[list[tuple[str, int]]]:
        """(id, version), by id."""
        query = self._live(plan)
        last: str | None = None
        while True:
            page = self._compiler.after_id(query, last) if last else query
            hits = self._searcher.search(page, chunk, False, BY_ID, 0, Order.Asc).hits
            if hits:
                yield self._versions(hits)
            if len(hits) < chunk:
                return
            last = hits[-1][0]

    def versions_of(self, ids: Sequence[str]) -> dict[str, int]:
        """As the port says."""
        if not ids:
            return {}
        query = Query.term_set_query(self._schema, "id", list(ids))
        return dict(self._versions(self._searcher.search(query, len(ids), False, BY_ID, 0, Order.Asc).hits))

    def digest(self, partition: int) -> dict[int, tuple[int, int]]:
        """As the port says."""
        sums = {"terms": {"field": "bucket", "size": BUCKETS}, "aggs": {"sum": {"sum": {"field": "check"}}}}
        first = partition * BUCKETS
        query = self._range(first, first + BUCKETS - 1)
        buckets = self._searcher.aggregate(query, {"buckets": sums})["buckets"]["buckets"]
        return {int(one["key"]): (one["doc_count"], int(one["sum"]["value"])) for one in buckets}

    def held(self, bucket: int) -> dict[str, int]:
        """As the port says."""
        query = self._range(bucket, bucket)
        many = self._count(query)
        found = self._searcher.search(query, max(many, 1), False, BY_ID, 0, Order.Asc)
        return dict(self._versions(found.hits))

    def _range(self, low: int, high: int) -> Query:
        return Query.range_query(self._schema, "bucket", tantivy.FieldType.Unsigned, low, high)

    def _versions(self, hits: Sequence[tuple[Any, tantivy.DocAddress]]) -> list[tuple[str, int]]:
        versions = self._searcher.fast_field_values("version", [address for _, address in hits])
        return [(customer_id, int(version or 0)) for (customer_id, _), version in zip(hits, versions, strict=True)]

    def _live(self, plan: Plan) -> Query:
        query = self._compiler.compile(plan)
        if not self._searcher.doc_freq("gone", 1):
            return query
        gone = Query.term_query(self._schema, "gone", 1)
        return Query.boolean_query([(Occur.Must, query), (Occur.MustNot, gone)])

    def _count(self, query: Query) -> int:
        found = self._searcher.search(query, 1, True, "version", 0, Order.Asc)
        return int(found.count)  # type: ignore[attr-defined]  # the stub forgets it


def _buckets(found: list[dict[str, Any]], size: int) -> list[Bucket]:
    """One bucket a folded value, named by its most frequent spelling."""
    counts: Counter[str] = Counter()
    spellings: dict[str, tuple[int, str]] = {}
    for one in found:
        value, _, written = one["key"].partition(LABEL)
        counts[value] += one["doc_count"]
        if (rival := (one["doc_count"], written or value)) > spellings.get(value, (0, "")):
            spellings[value] = rival
    first = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:size]
    return [Bucket(value, spellings[value][1], count) for value, count in first]
