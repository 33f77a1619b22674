"""The same query tree gives the same customers on tantivy and on OpenSearch (Q9): generated trees on generated customers.

`RAPPORT_EQUIVALENCE_PAIRS` is how many pairs of a tree and a set of customers are compared: 2,000, or more in a long form.
"""

import asyncio
import contextlib
import itertools
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from rapport_contracts.query import SORTABLE, QueryRefused, parse
from rapport_search.application.ports import Change, Page, Reading, Sort
from rapport_search.domain.entries import FACETS, entry_of
from rapport_search.domain.item import item_of
from rapport_search.domain.plan import Plan, both
from rapport_search.domain.resolve import Asker, resolve, visible
from rapport_testkit import query_data, query_oracle

from .conftest import TECHS

PAIRS = int(os.environ.get("RAPPORT_EQUIVALENCE_PAIRS", "2000"))
TREES = 50
CONTEXT = query_data.context()
NUMBERS = itertools.count()
Document = dict[str, Any]
Pair = tuple[Plan, Sort, list[Document]]


@st.composite
def questions(draw: st.DrawFn, documents: list[Document]) -> list[Pair]:
    """Plans and sorts, each with the customers that brute force finds, in any order."""
    found: list[Pair] = []
    for tree in draw(st.lists(query_data.tree(), min_size=TREES, max_size=TREES)):
        with contextlib.suppress(QueryRefused):
            node = parse(tree, query_data.field_named)
            groups = draw(query_data.view_groups())
            sort = Sort(draw(st.sampled_from(SORTABLE)), draw(st.booleans()))
            seen = query_oracle.visible(documents, groups)
            expected = [one for one in seen if query_oracle.matches(node, one, CONTEXT, groups)]
            asker = Asker(CONTEXT, groups)
            found.append((both([visible(asker), resolve(node, asker)]), sort, expected))
    return found


@contextlib.asynccontextmanager
async def filled(tech: Any, documents: list[Document]) -> AsyncIterator[Reading]:
    engine = tech.open()
    name = f"generated-{next(NUMBERS)}"
    await engine.create(name)
    writer = await engine.write(name)
    try:
        await writer.index([Change(one["id"], one["version"], entry_of(one)) for one in documents])
        yield writer
    finally:
        await writer.close()
        await engine.drop(name)
        await engine.close()


async def answers(index: Reading, pair: Pair) -> tuple[Page, dict[str, Any]]:
    plan, sort, _ = pair
    return await index.search(plan, sort, 100, None, count=True), await index.facets(plan, FACETS, 5)


async def compare(techs: dict[str, Any], documents: list[Document], pairs: list[Pair]) -> None:
    async with contextlib.AsyncExitStack() as stack:
        indexes = [await stack.enter_async_context(filled(tech, documents)) for tech in techs.values()]
        for pair in pairs:
            (page, facets), *others = await asyncio.gather(*(answers(index, pair) for index in indexes))
            for other in others:
                assert other == (page, facets), pair
            _, sort, expected = pair
            ids = [item_of(hit.item)["id"] for hit in page.hits]
            assert ids == query_oracle.ordered(expected, sort.field, descending=sort.descending), pair
            assert page.count == len(expected)


@pytest.mark.timeout(60 + PAIRS // 10)
def test_every_tree_finds_the_same_customers_on_every_engine(tmp_path: Path) -> None:
    """Q9: the same items in the same order, the same tokens, counts, facets and their names; and as brute force says."""
    techs = {name: make(tmp_path / name) for name, make in TECHS.items()}
    compared = 0

    @settings(
        max_examples=10,
        deadline=None,
        database=None,
        phases=[
            Phase.generate
        ],  # the pair is shown as it is: each step of making it smaller would ask a thousand questions
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def check(data: st.DataObject) -> None:
        nonlocal compared
        documents = data.draw(query_data.documents(30))
        pairs = data.draw(questions(documents))
        asyncio.run(compare(techs, documents, pairs))
        compared += len(pairs)

    while compared < PAIRS:
        check()
    for tech in techs.values():
        asyncio.run(tech.clear())
