"""Pages in the order of the sort tokens, whatever the texts look like and however many there are (Q5)."""

import asyncio
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rapport_search.adapters.embedded import EmbeddedEngine, paging
from rapport_search.application.ports import Change, Reading, Sort
from rapport_search.domain.entries import entry_of
from rapport_search.domain.item import item_of
from rapport_search.domain.plan import Everything
from rapport_testkit import query_oracle

LONG = st.tuples(
    st.sampled_from(["", "Mohammad", "Mohammad Alireza Hosseini", "علی", "Иван", "漢"]), st.text("ab 漢И", max_size=12)
)
NAMES = st.one_of(st.none(), st.just(""), LONG.map("".join))


def document(customer_id: str, name: str | None) -> dict[str, Any]:
    times = dict.fromkeys(("created_at", "updated_at"), "2026-01-01T00:00:00Z")
    return {"id": customer_id, "version": 1, "kind": "organization", "groups": ["g1"], "name": name, **times}


async def ids_by_pages(index: Reading, sort: Sort, size: int) -> list[str]:
    ids: list[str] = []
    after = None
    while True:
        page = await index.search(Everything(), sort, size, after, count=False)
        ids += [item_of(hit.item)["id"] for hit in page.hits]
        if len(page.hits) < size:
            return ids
        after = page.hits[-1].token


async def paged(root: Path, documents: list[dict[str, Any]], sort: Sort, size: int) -> list[str]:
    engine = EmbeddedEngine(root)
    await engine.create("ordered")
    writer = await engine.write("ordered")
    try:
        middle = len(documents) // 2
        for part in (documents[:middle], documents[middle:]):  # two segments
            await writer.index([Change(one["id"], 1, entry_of(one)) for one in part])
        return await ids_by_pages(writer, sort, size)
    finally:
        await writer.close()
        await engine.drop("ordered")
        await engine.close()


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ordered")


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    names=st.lists(NAMES, max_size=14),
    descending=st.booleans(),
    size=st.integers(1, 4),
    spare=st.sampled_from([0, 2, 500]),
)
def test_texts_that_differ_late_or_in_another_script_are_in_order(
    root: Path, names: list[str | None], descending: bool, size: int, spare: int
) -> None:
    """Q5: also where the first 24 characters are the same, where a character has no rank of its own, and ties fill a search."""
    documents = [document(f"c{number:02d}", name) for number, name in enumerate(names)]
    with patch.object(paging, "_SPARE", spare):
        ids = asyncio.run(paged(root, documents, Sort("name", descending), size))
    assert ids == query_oracle.ordered(documents, "name", descending=descending)


def test_pages_have_no_end_at_ten_thousand(root: Path) -> None:
    """Q5: every one of them comes, once, also among thousands with one name."""
    documents = [document(f"c{number:05d}", "Branch" if number % 2 else f"Branch {number}") for number in range(10_500)]
    ids = asyncio.run(paged(root, documents, Sort("name"), 500))
    assert ids == query_oracle.ordered(documents, "name")
