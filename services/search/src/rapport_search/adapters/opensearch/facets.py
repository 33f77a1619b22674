"""Facets as aggregations: exact, one bucket a folded value, named by its most frequent spelling."""

from __future__ import annotations

from typing import Any, Final

from rapport_search.application.ports import Bucket
from rapport_search.domain.entries import TEXT_FACETS

_EVERY: Final = 50_000  # values a shard tells of, so that counts of several shards add up to exact ones


def asked(field: str, size: int) -> dict[str, Any]:
    """The aggregation of a facet: its most frequent values, ties by value."""
    terms = {
        "field": f"is.{field}",
        "size": size,
        "shard_size": _EVERY,
        "order": [{"_count": "desc"}, {"_key": "asc"}],
    }
    if field not in TEXT_FACETS:
        return {"terms": terms}
    spelling = {"field": f"written.{field}", "size": 1, "order": [{"_count": "desc"}, {"_key": "desc"}]}
    return {"terms": terms | {"collect_mode": "breadth_first"}, "aggs": {"written": {"terms": spelling}}}


def buckets(found: list[dict[str, Any]]) -> list[Bucket]:
    """The buckets of an answer."""
    return [Bucket(one["key"], _label(one), one["doc_count"]) for one in found]


def _label(one: dict[str, Any]) -> str:
    spellings = one.get("written", {}).get("buckets") or [one]
    return str(spellings[0]["key"])
