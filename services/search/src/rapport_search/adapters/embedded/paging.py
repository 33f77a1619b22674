"""Pages in the order of the sort tokens, by columns of numbers; what these leave open, tokens or ids decide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import tantivy
from tantivy import FieldType, Occur, Order, Query

from rapport_search.adapters.embedded.ranks import ranks_of_key, settled
from rapport_search.adapters.embedded.schema import RANKS, range_expression
from rapport_search.application.ports import Sort
from rapport_search.domain.order import INSTANTS, split_token

BY_ID: Final = "id"
Found = tuple[list[tantivy.DocAddress], int | None]


class Pager:
    """Finds the first of a query in an order, and what lies beyond a token."""

    def __init__(self, index: tantivy.Index, searcher: tantivy.Searcher, sort: Sort) -> None:
        self._index = index
        self._schema = index.schema
        self._searcher = searcher
        self._field = sort.field
        self._descending = sort.descending
        self._order = Order.Desc if sort.descending else Order.Asc
        self._columns = (sort.field,) if sort.field in INSTANTS else RANKS[sort.field]

    def first(self, query: Query, limit: int, *, count: bool) -> Found:
        """Addresses of the first `limit`, in the order of the columns, and how many there are.

        Ties within it are in no order; those at its end are decided.
        """
        found: list[tantivy.DocAddress] = []
        total: int | None = None
        tied = query
        for column in self._columns:
            counting = count and total is None
            result = self._searcher.search(tied, limit - len(found), counting, column, 0, self._order)
            total = result.count if counting else total  # type: ignore[attr-defined]  # the stub forgets it
            hits = result.hits
            last = hits[-1][0] if len(hits) == limit - len(found) else None
            found += [address for rank, address in hits if rank != last]
            if last is None:
                return found, total
            tied = _both(tied, self._equal(column, last))
            if self._settled(last):
                return found + self._by(BY_ID, tied, limit - len(found)), total
        return found + self._by(f"s_{self._field}", tied, limit - len(found)), total

    def beyond(self, query: Query, token: str) -> Query:
        """What of a query sorts after a token. Raises `ValueError` for what is no token."""
        return _both(query, Query.boolean_query([(Occur.Should, one) for one in self._after(token)]))

    def _after(self, token: str) -> Iterator[Query]:
        """Either a higher first rank, or the same and a higher second one, …, or the same all and a higher id (token)."""
        key, customer_id = split_token(self._field, token)
        ranks = (key,) if isinstance(key, int) else ranks_of_key(key)
        equal: list[Query] = []
        for column, rank in zip(self._columns, ranks, strict=False):
            yield _both(*equal, self._past(column, rank))
            equal.append(self._equal(column, rank))
        field, value = (BY_ID, customer_id) if self._settled(ranks[-1]) else (f"s_{self._field}", token)
        low, high = ("*", value) if self._descending else (value, "*")
        yield _both(*equal, self._index.parse_query(range_expression(field, low, high, exclusive=True)))

    def _settled(self, rank: int) -> bool:
        return self._field in INSTANTS or settled(rank)

    def _by(self, column: str, query: Query, limit: int) -> list[tantivy.DocAddress]:
        hits: Sequence[tuple[object, tantivy.DocAddress]]
        hits = self._searcher.search(query, limit, False, column, 0, self._order).hits
        return [address for _, address in hits]

    def _equal(self, column: str, rank: int) -> Query:
        return Query.range_query(self._schema, column, self._type, rank, rank)

    def _past(self, column: str, rank: int) -> Query:
        low, high = (None, rank) if self._descending else (rank, None)
        bound = {"include_upper": False} if self._descending else {"include_lower": False}
        return Query.range_query(self._schema, column, self._type, low, high, **bound)

    @property
    def _type(self) -> FieldType:
        return FieldType.Integer if self._field in INSTANTS else FieldType.Unsigned


def _both(*queries: Query) -> Query:
    return queries[0] if len(queries) == 1 else Query.boolean_query([(Occur.Must, query) for query in queries])
