"""The query tree as JSON models: what clients build and what the published JSON Schema says; `parse` is what judges it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AllTree(_Model):
    """Intersection; empty: everything."""

    all: list[QueryTree]


class AnyTree(_Model):
    """Union; empty: nothing."""

    any: list[QueryTree]


class NoneTree(_Model):
    """What no child takes."""

    none: list[QueryTree]


class ConditionTree(_Model):
    """One condition."""

    field: str = Field(examples=["city", "custom.0190…"])
    op: Literal[
        "is",
        "is_not",
        "in",
        "contains",
        "starts_with",
        "gt",
        "gte",
        "lt",
        "lte",
        "between",
        "filled",
        "empty",
        "within_last",
        "within_next",
        "older_than",
    ]
    value: Any = None


class QueryTree(RootModel[AllTree | AnyTree | NoneTree | ConditionTree]):
    """A query tree (Q3)."""


for _model in (AllTree, AnyTree, NoneTree, QueryTree):
    _model.model_rebuild()
