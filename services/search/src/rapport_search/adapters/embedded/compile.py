"""A plan as a tantivy query."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import tantivy
from tantivy import FieldType, Occur, Query

from rapport_contracts.query import BUILT_IN
from rapport_search.adapters.embedded.schema import (
    FEW_VALUES,
    GRAM,
    SPACE,
    START,
    code_of,
    inner_grams,
    range_expression,
    term,
)
from rapport_search.domain import plan as p
from rapport_search.domain.order import number_token

_FEW: Final = 4
_LEAST, _MOST = -(1 << 63), (1 << 63) - 1


class Compiler:
    """Compiles plans for one index."""

    def __init__(self, index: tantivy.Index) -> None:
        self._index = index
        self._schema = index.schema
        self._by_type: dict[type, Callable[[Any], Query]] = {
            p.Everything: lambda _: Query.all_query(),
            p.Nothing: lambda _: Query.empty_query(),
            p.And: self._and,
            p.Or: lambda plan: self._or(plan.children),
            p.Not: lambda plan: _without(Query.all_query(), self.compile(plan.child)),
            p.TextIs: self._text_is,
            p.TextHas: self._text_has,
            p.Filled: lambda plan: self.one("filled", plan.field),
            p.Keyword: self._keyword,
            p.Instants: self._instants,
            p.Numbers: self._numbers,
            p.Days: self._days,
            p.Flag: lambda plan: self.one("terms", term(code_of(plan.field), plan.value)),
        }

    def compile(self, plan: p.Plan) -> Query:
        """The query."""
        return self._by_type[type(plan)](plan)

    def after_id(self, query: Query, customer_id: str) -> Query:
        """What of a query has a higher id."""
        beyond = self._index.parse_query(range_expression("id", customer_id, "*", exclusive=True))
        return Query.boolean_query([(Occur.Must, query), (Occur.Must, beyond)])

    def one(self, field: str, value: str) -> Query:
        """Documents with a value."""
        return Query.term_query(self._schema, field, value, "basic")

    def several(self, field: str, values: tuple[str, ...]) -> Query:
        """Documents with one of the values."""
        if len(values) <= _FEW:
            return _union([self.one(field, value) for value in values])
        return Query.term_set_query(self._schema, field, list(values))

    def _and(self, plan: p.And) -> Query:
        wanted = [child for child in plan.children if not isinstance(child, p.Not)]
        refused = [child.child for child in plan.children if isinstance(child, p.Not)]
        clauses = [(Occur.Must, self.compile(child)) for child in wanted] or [(Occur.Must, Query.all_query())]
        return Query.boolean_query(clauses + [(Occur.MustNot, self.compile(child)) for child in refused])

    def _or(self, children: tuple[p.Plan, ...]) -> Query:
        return _union([self.compile(child) for child in children])

    def _text_is(self, plan: p.TextIs) -> Query:
        code = code_of(plan.field)
        return self.several("terms", tuple(term(code, text) for text in plan.texts))

    def _text_has(self, plan: p.TextHas) -> Query:
        code = code_of(plan.field)
        if plan.field in FEW_VALUES:
            head = {"anywhere": ".*", "start": "", "word": f"(.*{SPACE})?"}[plan.at]
            pattern = re.escape(term(code, "")) + head + re.escape(plan.text.replace(" ", SPACE)) + ".*"
            return Query.regex_query(self._schema, "terms", pattern)
        if plan.at == "anywhere":
            return self._part(code, plan.text)
        at_start = self._part(code, START + plan.text)
        return at_start if plan.at == "start" else _union([at_start, self._part(code, SPACE + plan.text)])

    def _part(self, code: str, text: str) -> Query:
        part = text.replace(" ", SPACE)
        if len(part) < GRAM:
            open_end = re.escape(code + part) + "." * (GRAM - len(part))
            return Query.regex_query(self._schema, "grams", open_end)
        words = inner_grams(code, part)
        if len(words) == 1:
            return Query.term_query(self._schema, "grams", words[0], "basic")
        return Query.phrase_query(self._schema, "grams", words)  # type: ignore[arg-type]  # a list of str is one

    def _keyword(self, plan: p.Keyword) -> Query:
        field = "id" if plan.field == "id" else f"f_{plan.field}"
        return self.several(field, plan.values)

    def _instants(self, plan: p.Instants) -> Query:
        assert plan.field in BUILT_IN  # noqa: S101  instants are built-in fields alone
        low = _LEAST if plan.low is None else plan.low
        high = _MOST if plan.high is None else plan.high - 1
        if low > high:
            return Query.empty_query()
        return Query.range_query(self._schema, plan.field, FieldType.Integer, low, high)

    def _numbers(self, plan: p.Numbers) -> Query:
        low = _LEAST if plan.low is None else plan.low
        high = _MOST if plan.high is None else plan.high
        if low > high or low > _MOST or high < _LEAST:
            return Query.empty_query()
        return self._terms(plan.field, "i", number_token(low), number_token(high))

    def _days(self, plan: p.Days) -> Query:
        low, high = plan.low or "0000-00-00", plan.high or "9999-99-99"
        return Query.empty_query() if low > high else self._terms(plan.field, "s", low, high)

    def _terms(self, field: str, tag: str, low: str, high: str) -> Query:
        head = f"{code_of(field)}!{tag}"
        return self._index.parse_query(range_expression("terms", head + low, head + high))


def _union(queries: list[Query]) -> Query:
    return queries[0] if len(queries) == 1 else Query.boolean_query([(Occur.Should, query) for query in queries])


def _without(query: Query, refused: Query) -> Query:
    return Query.boolean_query([(Occur.Must, query), (Occur.MustNot, refused)])
