"""A plan as a query of OpenSearch. Nothing is scored: every clause is a filter."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from rapport_search.adapters.opensearch.schema import (
    GRAM,
    SPACE,
    START,
    custom_prefix,
    custom_token,
    inner_grams,
    whole,
)
from rapport_search.domain import plan as p
from rapport_search.domain.entries import TEXT_FACETS

Query = dict[str, Any]
_LEAST, _MOST = -(1 << 63), (1 << 63) - 1
_NOTHING: Final[Query] = {"match_none": {}}
_EVERYTHING: Final[Query] = {"match_all": {}}


def live(plan: p.Plan) -> Query:
    """What the plan takes among the customers that are not gone."""
    return {"bool": {"filter": [compiled(plan)], "must_not": [{"term": {"gone": True}}]}}


def compiled(plan: p.Plan) -> Query:
    """The query of a plan."""
    return _BY_TYPE[type(plan)](plan)


def _and(plan: p.And) -> Query:
    wanted = [compiled(child) for child in plan.children if not isinstance(child, p.Not)]
    refused = [compiled(child.child) for child in plan.children if isinstance(child, p.Not)]
    return {"bool": {"filter": wanted, "must_not": refused}}


def _or(queries: Sequence[Query]) -> Query:
    return queries[0] if len(queries) == 1 else {"bool": {"should": list(queries), "minimum_should_match": 1}}


def _text_is(plan: p.TextIs) -> Query:
    if _is_custom(plan.field):
        return _terms("custom", [custom_token(plan.field, text) for text in plan.texts])
    return _terms(f"is.{plan.field}", [whole(plan.field, text) for text in plan.texts])


def _text_has(plan: p.TextHas) -> Query:
    if plan.field in TEXT_FACETS:
        return _among_values(plan)
    field, prefix = ("custom", custom_prefix(plan.field)) if _is_custom(plan.field) else (plan.field, "")
    starts = {"anywhere": ("",), "start": (START,), "word": (START, SPACE)}[plan.at]
    return _or([_part(f"has.{field}", start + plan.text, prefix) for start in starts])


def _among_values(plan: p.TextHas) -> Query:
    """One walk over the values that the field has (ADR 61)."""
    part = _literal(plan.text)
    patterns = {"anywhere": (f"*{part}*",), "start": (f"{part}*",), "word": (f"{part}*", f"* {part}*")}[plan.at]
    return _or([{"wildcard": {f"is.{plan.field}": {"value": pattern}}} for pattern in patterns])


def _literal(text: str) -> str:
    """What a wildcard query takes for these characters themselves."""
    return re.sub(r"([*?\\])", r"\\\1", text)


def _part(field: str, text: str, prefix: str) -> Query:
    words = inner_grams(text, prefix)
    if len(text) < GRAM:
        return {"prefix": {field: words[0]}}
    return {"term": {field: words[0]}} if len(words) == 1 else {"match_phrase": {field: " ".join(words)}}


def _keyword(plan: p.Keyword) -> Query:
    if plan.field == "id":
        return {"ids": {"values": list(plan.values)}}
    return _terms(f"is.{plan.field}", plan.values)


def _instants(plan: p.Instants) -> Query:
    bounds = {"gte": plan.low, "lt": plan.high}
    return {"range": {plan.field: {name: bound for name, bound in bounds.items() if bound is not None}}}


def _numbers(plan: p.Numbers) -> Query:
    low = _LEAST if plan.low is None else plan.low
    high = _MOST if plan.high is None else plan.high
    if low > high or low > _MOST or high < _LEAST:
        return _NOTHING
    return _between(custom_token(plan.field, max(low, _LEAST)), custom_token(plan.field, min(high, _MOST)))


def _days(plan: p.Days) -> Query:
    low, high = plan.low or "0000-00-00", plan.high or "9999-99-99"
    return _between(custom_token(plan.field, low), custom_token(plan.field, high))


def _between(low: str, high: str) -> Query:
    return _NOTHING if low > high else {"range": {"custom": {"gte": low, "lte": high}}}


def _flag(plan: p.Flag) -> Query:
    return _terms("custom", [custom_token(plan.field, plan.value)])


def _terms(field: str, values: Sequence[str]) -> Query:
    return {"terms": {field: list(values)}}


def _is_custom(field: str) -> bool:
    return field.startswith("custom.")


_BY_TYPE: Final[dict[type, Callable[[Any], Query]]] = {
    p.Everything: lambda _: _EVERYTHING,
    p.Nothing: lambda _: _NOTHING,
    p.And: _and,
    p.Or: lambda plan: _or([compiled(child) for child in plan.children]),
    p.Not: lambda plan: {"bool": {"must_not": [compiled(plan.child)]}},
    p.TextIs: _text_is,
    p.TextHas: _text_has,
    p.Filled: lambda plan: _terms("filled", [plan.field]),
    p.Keyword: _keyword,
    p.Instants: _instants,
    p.Numbers: _numbers,
    p.Days: _days,
    p.Flag: _flag,
}
