"""Every engine against brute force, on generated trees and customers (Q9, Q6, R12)."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rapport_contracts.query import SORTABLE, Node, QueryRefused, parse
from rapport_search.application.ports import Change, Page, Reading, Sort
from rapport_search.domain.entries import FACETS, entry_of
from rapport_search.domain.item import item_of
from rapport_search.domain.plan import Plan, both
from rapport_search.domain.resolve import Asker, resolve, visible
from rapport_testkit import query_data, query_oracle

CONTEXT = query_data.context()
NUMBERS = itertools.count()


async def pages(index: Reading, plan: Plan, sort: Sort, size: int) -> tuple[list[Page], list[str]]:
    found: list[Page] = []
    ids: list[str] = []
    after = None
    while True:
        page = await index.search(plan, sort, size, after, count=True)
        found.append(page)
        ids += [item_of(hit.item)["id"] for hit in page.hits]
        if len(page.hits) < size:
            return found, ids
        after = page.hits[-1].token


@contextlib.asynccontextmanager
async def _filled(tech: Any, documents: list[dict[str, Any]], split: int) -> AsyncIterator[Reading]:
    engine = tech.open()
    name = f"generated-{next(NUMBERS)}"
    await engine.create(name)
    writer = await engine.write(name)
    try:
        for part in (documents[:split], documents[split:]):  # two segments
            await writer.index([Change(one["id"], one["version"], entry_of(one)) for one in part])
        yield writer
    finally:
        await writer.close()
        await engine.drop(name)
        await engine.close()


async def _check(
    tech: Any,
    documents: list[dict[str, Any]],
    trees: list[dict[str, Any]],
    groups: frozenset[str] | None,
    sort: Sort,
    split: int,
) -> None:
    async with _filled(tech, documents, split) as index:
        for tree in trees:
            await _same(index, tree, documents, Asker(CONTEXT, groups), sort)


async def _same(
    index: Reading, tree: dict[str, Any], documents: list[dict[str, Any]], asker: Asker, sort: Sort
) -> None:
    node = _parsed(tree)
    if node is None:
        return
    seen = query_oracle.visible(documents, asker.view_groups)
    expected = [one for one in seen if query_oracle.matches(node, one, CONTEXT, asker.view_groups)]
    plan = both([visible(asker), resolve(node, asker)])

    found, ids = await pages(index, plan, sort, 3)
    assert ids == query_oracle.ordered(expected, sort.field, descending=sort.descending)
    assert {page.count for page in found} == {len(expected)}
    assert await index.count(plan) == len(expected)
    scanned = [row async for chunk in index.scan(plan, 2) for row in chunk]
    assert sorted(scanned) == sorted((one["id"], one["version"]) for one in expected)
    for field, buckets in (await index.facets(plan, FACETS, 100)).items():
        assert {one.value: one.count for one in buckets} == dict(query_oracle.facet(expected, field))


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_hits_counts_order_facets_and_scans_equal_brute_force(tech: Any, data: st.DataObject) -> None:
    """Q9, Q6: whatever the tree, the customers and what the asker may see."""
    documents = data.draw(query_data.documents())
    trees = data.draw(st.lists(query_data.tree(), min_size=4, max_size=10))
    groups = data.draw(query_data.view_groups())
    sort = Sort(data.draw(st.sampled_from(SORTABLE)), data.draw(st.booleans()))
    split = data.draw(st.integers(0, len(documents)))
    asyncio.run(_check(tech, documents, trees, groups, sort, split))


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(documents=query_data.documents(20), conditions=query_data.every_condition())
def test_every_op_of_every_field_equals_brute_force(
    tech: Any, documents: list[dict[str, Any]], conditions: list[dict[str, Any]]
) -> None:
    """Q9, Q3."""
    asyncio.run(_check_each(tech, documents, conditions))


async def _check_each(tech: Any, documents: list[dict[str, Any]], conditions: list[dict[str, Any]]) -> None:
    async with _filled(tech, documents, len(documents) // 2) as index:
        asker = Asker(CONTEXT, None)
        for condition in conditions:
            node = _parsed(condition)
            if node is not None:
                found = await index.search(resolve(node, asker), Sort("name"), 50, None, count=True)
                expected = [one for one in documents if query_oracle.matches(node, one, CONTEXT)]
                ids = [item_of(hit.item)["id"] for hit in found.hits]
                assert (condition, ids) == (condition, query_oracle.ordered(expected, "name"))
                assert found.count == len(expected)


def _parsed(tree: dict[str, Any]) -> Node | None:
    try:
        return parse(tree, query_data.field_named)
    except QueryRefused as refused:
        if not {one.code for one in refused.errors} <= {"too_short", "too_long"}:
            raise
        return None
