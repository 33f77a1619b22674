"""Random queries of a workspace, and what brute force says that the clerk may be answered."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, Phase, given, seed, settings

from rapport_contracts.query import BUILT_IN, SORTABLE, Field, QueryContext, QueryRefused, custom_field, parse
from rapport_testkit import query_data, query_oracle
from tests.contract.rights_world import World

TYPES = {"c1": "text", "c2": "integer", "c3": "boolean", "c4": "date", "c5": "list"}
FACETS = ("groups", "kind", "city", "created_by", "enabled")


@dataclass(frozen=True)
class Asked:
    """A search as the API takes it."""

    query: dict[str, Any]
    sort: str
    descending: bool

    def body(self, **more: Any) -> dict[str, Any]:
        """The request's body."""
        direction = "desc" if self.descending else "asc"
        return {"query": self.query, "sort": [{"field": self.sort, "direction": direction}], **more}


@dataclass(frozen=True)
class Answer:
    """What must be answered; None where the query is refused."""

    ids: list[str]
    facets: dict[str, Counter[str]]


def random_queries(world: World, count: int) -> list[Asked]:
    """The same ones at every run: trees of the testkit with this workspace's fields, groups, users, options and instants."""
    trees: list[dict[str, Any]] = []

    @seed(12)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(query_data.tree())
    def draw(tree: dict[str, Any]) -> None:
        trees.append(tree)

    draw()
    rng = Random(13)
    return [Asked(_real(world, rng, tree), rng.choice(SORTABLE), rng.random() < 0.5) for tree in trees[:count]]


def brute_force(world: World, asked: Asked) -> Answer | None:
    """What the clerk may be told, one customer at a time."""
    try:
        node = parse(asked.query, lambda name: _field(world, name))
    except QueryRefused:
        return None
    groups = world.seen_groups
    context = _context(world)
    found = [
        one for one in query_oracle.visible(world.customers, groups) if query_oracle.matches(node, one, context, groups)
    ]
    facets = {name: query_oracle.facet(found, "group" if name == "groups" else name) for name in FACETS}
    facets["groups"] = Counter({group: count for group, count in facets["groups"].items() if group in groups})
    return Answer(query_oracle.ordered(found, asked.sort, descending=asked.descending), facets)


def _field(world: World, name: str) -> Field | None:
    for key, kind in TYPES.items():
        if name == f"custom.{world.fields[key]}":
            return custom_field(world.fields[key], kind)
    return BUILT_IN.get(name)


def _context(world: World) -> QueryContext:
    north, harbour = world.groups["north"], world.groups["harbour"]
    trees = {north: frozenset({north, harbour})}
    zone = ZoneInfo("Asia/Tehran")
    return QueryContext(
        datetime.now(UTC), zone, "IR", world.users["clerk"], lambda group: trees.get(group, frozenset({group}))
    )


def _real(world: World, rng: Random, node: dict[str, Any]) -> dict[str, Any]:
    for name in ("all", "any", "none"):
        if name in node:
            return {name: [_real(world, rng, child) for child in node[name]]}
    made = dict(node)
    if made["field"].startswith("custom."):
        key = made["field"].removeprefix("custom.")
        made["field"] = f"custom.{world.fields[key]}"
        if key == "c5" and "value" in made:
            made["value"] = _each(made["value"], lambda _: rng.choice([*world.options, "nothing"]))
    elif made["field"] == "group" and "value" in made:
        made["value"] = _each(made["value"], lambda value: _group(world, value))
    elif made["field"] == "created_by" and "value" in made:
        made["value"] = _each(made["value"], lambda value: _user(world, value))
    elif made["field"].endswith("_at") and "value" in made:
        made["value"] = _each(made["value"], lambda value: _instant(world, rng, value))
    return made


def _each(value: Any, change: Any) -> Any:
    return [change(one) for one in value] if isinstance(value, list) else change(value)


def _group(world: World, value: Any) -> Any:
    if isinstance(value, dict):
        return value | {"id": _group(world, value["id"])}
    names = {"g1": "north", "g2": "harbour", "g3": "harbour", "g4": "south"}
    return world.groups[names[value]] if value in names else value


def _user(world: World, value: str) -> str:
    return {"u1": world.users["clerk"], "u2": world.customers[0]["created_by"]}.get(value, value)


def _instant(world: World, rng: Random, value: Any) -> Any:
    """Around what really is: the instant of one of the customers, or its day."""
    if not isinstance(value, str):
        return value
    at = datetime.fromisoformat(rng.choice(world.customers)["created_at"])
    if len(value) == len("YYYY-MM-DD"):
        return str((at + timedelta(days=rng.choice((-1, 0, 1)))).date())
    return (at + timedelta(microseconds=rng.choice((-1, 0, 1)))).isoformat().replace("+00:00", "Z")
