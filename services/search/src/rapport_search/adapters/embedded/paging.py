"""Pages in the order of the sort tokens, by columns of numbers; what these leave open, tokens or ids decide."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from typing import Final

import tantivy
from tantivy import FieldType, Occur, Order, Query

from rapport_search.adapters.embedded.ranks import ranks_of_key, settled
from rapport_search.adapters.embedded.schema import RANKS, range_expression
from rapport_search.application.ports import Sort
from rapport_search.domain.order import INSTANTS, split_token

BY_ID: Final = "id"
_SPARE: Final = 500  # hits beyond a page that one search brings, so that ties at its end seldom need another
Address = tantivy.DocAddress
Ranked = Sequence[tuple[int, Address]]
TokenOf = Callable[[Address], str]


class Pager:
    """Finds the first of a query in an order, and what lies beyond a token. `token_of` looks a token up, which costs more."""

    def __init__(self, index: tantivy.Index, searcher: tantivy.Searcher, sort: Sort, token_of: TokenOf) -> None:
        self._index = index
        self._schema = index.schema
        self._searcher = searcher
        self._token_of = token_of
        self._field = sort.field
        self._descending = sort.descending
        self._order = Order.Desc if sort.descending else Order.Asc
        self._columns = (sort.field,) if sort.field in INSTANTS else RANKS[sort.field]

    def first(self, query: Query, limit: int, *, count: bool) -> tuple[list[Address], int | None]:
        """Addresses of the first `limit`, in no certain order, and how many there are.

        Column by column: what one leaves tied beyond what a search brings is asked for again, in the order of the next.
        """
        found: list[Address] = []
        total: int | None = None
        tied = query
        for level, column in enumerate(self._columns):
            wanted = limit - len(found)
            result = self._searcher.search(tied, wanted + _SPARE, count and level == 0, column, 0, self._order)
            total = result.count if level == 0 else total  # type: ignore[attr-defined]  # the stub forgets it
            hits: Ranked = result.hits
            last = hits[-1][0] if len(hits) == wanted + _SPARE else None
            whole = [hit for hit in hits if hit[0] != last]
            if last is None or len(whole) >= wanted:
                return found + self._foremost(whole, wanted, level), total
            found += [address for _, address in whole]
            tied = _both(tied, self._equal(column, last))
            if self._settled(last):
                return found + self._by(BY_ID, tied, limit - len(found)), total
        return found + self._by(f"s_{self._field}", tied, limit - len(found)), total

    def _foremost(self, hits: Ranked, wanted: int, level: int) -> list[Address]:
        """The first `wanted` of hits in the order of the column of that level, its ties decided by the columns that follow."""
        if len(hits) <= wanted:
            return [address for _, address in hits]
        last = hits[wanted - 1][0]
        found = [address for rank, address in hits[:wanted] if rank != last]
        tied = [address for rank, address in hits if rank == last]
        if len(found) + len(tied) == wanted:
            return found + tied
        return found + self._foremost_tied(tied, wanted - len(found), level + 1)

    def _foremost_tied(self, tied: list[Address], wanted: int, level: int) -> list[Address]:
        if level >= len(self._columns):
            return sorted(tied, key=self._token_of, reverse=self._descending)[:wanted]
        ranks = self._searcher.fast_field_values(self._columns[level], tied)
        hits = [(int(rank or 0), address) for rank, address in zip(ranks, tied, strict=True)]
        hits.sort(key=itemgetter(0), reverse=self._descending)
        return self._foremost(hits, wanted, level)

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
