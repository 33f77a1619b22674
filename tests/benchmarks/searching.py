"""P3 and P4: search through the gateway as somebody who sees three of eight groups, beside the raw engine on the same files.

100,000 customers; 1,000,000 with RAPPORT_BENCH_LARGE=1. RAPPORT_BENCH_FOLDER keeps what was filled for the next run.
One client; ours and the floor take turns, and must agree on every count.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import product
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

from rapport_testkit.command import PASSWORD
from rapport_testkit.installation import Client, Installation, installed
from rapport_testkit.people import Person, generate
from rapport_testkit.topology import REAL, environment
from tests.benchmarks.filling import RATE_FREE, fill, quiet
from tests.benchmarks.floor_search import Plans, RawEngine, RawOpenSearch, RawTantivy
from tests.benchmarks.table import Row, percentile
from tests.benchmarks.wire import Wire

COUNT = 1_000_000 if os.environ.get("RAPPORT_BENCH_LARGE") else int(os.environ.get("RAPPORT_BENCH_ROWS", "100000"))
SEEN = 3
ASKED = 120  # of each shape
WARM_UP = 15
FACETS = ("group", "city", "position")
_ORIGINS = {"group": "groups"}
Tree = dict[str, Any]


async def run(folder: Path) -> list[Row]:
    """A row for each shape with and without facets, then what is typed."""
    people = [one for one in generate(4_000, seed=7) if one.first_name and one.last_name and one.city]
    async with installed(folder / "data", RATE_FREE) as installation:
        master = await installation.client()
        groups = await fill(installation, master, COUNT)
        member = await _member(installation, master, groups[:SEEN])
        await quiet(installation)
        me = await member.get("/auth/me")
        raw = _raw(installation)
        plans = Plans(groups[:SEEN], me["settings"], me["user"]["id"])
        wire = await Wire.open(installation.port, member)
        shapes = product(SHAPES.items(), ((), FACETS))
        rows = [await _shape(wire, raw, plans, people, name, shape, facets) for (name, shape), facets in shapes]
        rows += [await _typed(wire, "a name's beginning", [_name(one) for one in people])]
        rows += [await _typed(wire, "a phone's digits", [one.mobile for one in people if one.mobile])]
        wire.close()
    return rows


def _raw(installation: Installation) -> RawEngine:
    if REAL:
        return RawOpenSearch(environment(installation.data)["RAPPORT_SEARCH_URL"])
    return RawTantivy(installation.data / "search")


async def _member(installation: Installation, master: Client, groups: list[str]) -> Client:
    if any(user["username"] == "looker" for user in (await master.get("/users"))["items"]):
        return await installation.client("looker")
    access = [{"group_id": group, "view": True} for group in groups]
    role = {"name": "Looks", "permissions": ["customers.view"], "group_access": access}
    made = await master.post("/roles", role, expect=201)
    first = "a slow harbour of tin 3"
    await master.post("/users", {"username": "looker", "roles": [made["id"]], "password": first}, expect=201)
    member = await installation.client("looker", first)
    await member.post("/auth/password", {"old": first, "new": PASSWORD}, expect=204)
    return await installation.client("looker")


def _and(person: Person, chance: Random) -> Tree:
    month = 1 + chance.randrange(6)
    return {
        "all": [
            {"field": "kind", "op": "is", "value": "person"},
            {"field": "city", "op": "is", "value": person.city},
            {"field": "created_at", "op": "between", "value": [f"2025-0{month}-01", f"2025-1{month % 3}-15"]},
            {"field": "email", "op": "filled"},
        ]
    }


def _or(person: Person, chance: Random) -> Tree:
    return {
        "any": [
            {"field": "city", "op": "is", "value": person.city},
            {"field": "last_name", "op": "starts_with", "value": str(person.last_name)[:3]},
            {"field": "position", "op": "is", "value": person.position or "Engineer"},
            {"field": "phone", "op": "contains", "value": f"{chance.randrange(100, 1_000)}"},
        ]
    }


def _nested(person: Person, chance: Random) -> Tree:
    return {
        "all": [
            {"any": [{"field": "city", "op": "is", "value": person.city}, {"field": "company_name", "op": "filled"}]},
            {"field": "name", "op": "contains", "value": str(person.last_name)[1:4]},
            {
                "none": [
                    {"field": "position", "op": "is", "value": person.position or "Engineer"},
                    {"field": "email", "op": "contains", "value": chance.choice(("gmail", "yahoo", "example"))},
                ]
            },
            {
                "any": [
                    {"field": "created_at", "op": "gte", "value": "2025-06-01"},
                    {"field": "phone", "op": "contains", "value": f"{chance.randrange(100, 1_000)}"},
                ]
            },
        ]
    }


SHAPES: dict[str, Callable[[Person, Random], Tree]] = {
    "AND of 4": _and,
    "OR of 4": _or,
    "nested, contains, NOT": _nested,
}


async def _shape(
    wire: Wire,
    raw: RawEngine,
    plans: Plans,
    people: list[Person],
    name: str,
    shape: Callable[[Person, Random], Tree],
    facets: tuple[str, ...],
) -> Row:
    chance = Random(len(facets))
    ours, floor = [], []
    for number in range(ASKED + WARM_UP):
        tree = shape(chance.choice(people), chance)
        body = {"query": tree, "limit": 50, "facets": [_ORIGINS.get(one, one) for one in facets]}
        answer = await wire.ask("POST", "/customers:search", body)
        assert answer.status == 200, answer.body
        seconds, count = raw.ask(plans.of(tree), facets)
        assert answer.json["count"] == count, (tree, answer.json["count"], count)
        if number >= WARM_UP:
            ours.append(answer.seconds)
            floor.append(seconds)
    return _row(name + (", facets" if facets else ""), percentile(ours, 0.95) * 1000, percentile(floor, 0.95) * 1000)


def _row(name: str, ours: float, floor: float) -> Row:
    return Row(
        "P3",
        f"search, {name}, {COUNT:,} customers, p95",
        f"{ours:.1f} ms",
        f"{floor:.1f} ms (raw engine)",
        f"+{ours - floor:.1f} ms",
        "≤ raw + 15 ms",
        "≤ raw + 5 ms",
        met=ours <= floor + 15,
        goal_reached=ours <= floor + 5,
    )


def _name(person: Person) -> str:
    return f"{person.first_name} {person.last_name}"


async def _typed(wire: Wire, name: str, texts: list[str]) -> Row:
    """Every text is typed letter by letter, from the second on, as a person does until the list is short enough."""
    chance = Random(9)
    latencies: list[float] = []
    while len(latencies) < ASKED * 2:
        text = chance.choice(texts)
        for end in range(2, min(len(text), 9) + 1):
            answer = await wire.ask("GET", f"/customers:quick?q={quote(text[:end])}")
            assert answer.status == 200, answer.body
            latencies.append(answer.seconds)
    p95, p50 = percentile(latencies, 0.95) * 1000, percentile(latencies, 0.5) * 1000
    return Row(
        "P4",
        f"quick search as typed, {name}, {COUNT:,} customers, p95",
        f"{p95:.1f} ms (p50 {p50:.1f} ms)",
        "—",
        "—",
        "≤ 60 ms",
        "≤ 20 ms",
        met=p95 <= 60,
        goal_reached=p95 <= 20,
    )
