"""One searcher of an index: everything it answers is as of one commit. Synchronous; it runs on the engine's threads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

import orjson
import tantivy
from tantivy import Occur, Order, Query

from rapport_search.adapters.embedded.compile import Compiler
from rapport_search.adapters.embedded.schema import INSTANTS, LABEL
from rapport_search.application.ports import Bucket, Hit, Page, Sort
from rapport_search.domain.digest import BUCKETS
from rapport_search.domain.entries import token_of
from rapport_search.domain.plan import Plan

_KEY_SIZE: Final = 16  # of the token of an instant; the id follows it
_SEGMENT_BUCKETS: Final = 60_000
BY_AGE: Final = "s_created_at"


class Snapshot:
    """A searcher and what compiles for it."""

    def __init__(self, index: tantivy.Index, searcher: tantivy.Searcher) -> None:
        self._searcher = searcher
        self._compiler = Compiler(index)
        self._schema = index.schema

    def search(self, plan: Plan, sort: Sort, limit: int, after: str | None, count: bool) -> Page:
        """As the port says."""
        query = self._live(plan)
        page = self._compiler.beyond(query, sort.field, after, descending=sort.descending) if after else query
        hits, total = self._ranked(page, sort, limit, count and not after)
        if not count:
            return Page(hits, None)
        return Page(hits, total if not after else self._count(query))

    def _ranked(self, query: Query, sort: Sort, limit: int, count: bool) -> tuple[list[Hit], int]:
        """The first by token. Numbers decide what they can; tokens, which cost a look into a dictionary each, only the ties."""
        order = Order.Desc if sort.descending else Order.Asc
        column = sort.field if sort.field in INSTANTS else f"k_{sort.field}"
        found = self._searcher.search(query, limit, count, column, 0, order)
        last = found.hits[-1][0] if len(found.hits) == limit else None
        items = [self._stored(address) for rank, address in found.hits if rank != last]
        hits = [Hit(token_of(orjson.loads(item), sort.field), item) for item in items]
        hits.sort(key=lambda hit: hit.token, reverse=sort.descending)
        if last is not None:
            tied = Query.boolean_query([(Occur.Must, query), (Occur.Must, self._equal(column, last))])
            ties = self._searcher.search(tied, limit - len(hits), False, f"s_{sort.field}", 0, order).hits
            hits += [Hit(token, self._stored(address)) for token, address in ties]
        return hits, int(found.count or 0)  # type: ignore[attr-defined]  # the stub forgets it

    def _equal(self, column: str, rank: int) -> Query:
        type_ = tantivy.FieldType.Integer if column in INSTANTS else tantivy.FieldType.Unsigned
        return Query.range_query(self._schema, column, type_, rank, rank)

    def _stored(self, address: tantivy.DocAddress) -> bytes:
        return bytes(self._searcher.doc(address)["item"][0])

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
        """(id, version), by age."""
        query = self._live(plan)
        token: str | None = None
        while True:
            page = self._compiler.beyond(query, "created_at", token, descending=False) if token else query
            hits = self._searcher.search(page, chunk, False, BY_AGE, 0, Order.Asc).hits
            if hits:
                yield self._versions(hits)
            if len(hits) < chunk:
                return
            token = hits[-1][0]

    def versions_of(self, ids: Sequence[str]) -> dict[str, int]:
        """As the port says."""
        if not ids:
            return {}
        query = Query.term_set_query(self._schema, "id", list(ids))
        return dict(self._versions(self._searcher.search(query, len(ids), False, BY_AGE, 0, Order.Asc).hits))

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
        found = self._searcher.search(query, max(many, 1), False, BY_AGE, 0, Order.Asc)
        return dict(self._versions(found.hits))

    def _range(self, low: int, high: int) -> Query:
        return Query.range_query(self._schema, "bucket", tantivy.FieldType.Unsigned, low, high)

    def _versions(self, hits: Sequence[tuple[Any, tantivy.DocAddress]]) -> list[tuple[str, int]]:
        versions = self._searcher.fast_field_values("version", [address for _, address in hits])
        return [(token[_KEY_SIZE:], int(version or 0)) for (token, _), version in zip(hits, versions, strict=True)]

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
