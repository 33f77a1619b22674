"""An index that finds no room says so, keeps what it has, and takes the same again when there is room (Q8)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rapport_chassis.db import EngineUnavailable
from rapport_search.adapters.embedded import EmbeddedEngine
from rapport_search.application.ports import Change
from rapport_search.domain.entries import entry_of
from rapport_search.domain.plan import Everything
from rapport_testkit.small_disk import fill, make_room, small_disk


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", 16) as folder:
        yield folder


def change(number: int) -> Change:
    times = {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
    document = {
        "id": f"c{number}",
        "version": 1,
        "kind": "person",
        "groups": ["g1"],
        "last_name": f"Name {number}",
        **times,
    }
    return Change(f"c{number}", 1, entry_of(document))


async def test_tantivy_on_a_full_disk(disk: Path) -> None:
    engine = EmbeddedEngine(disk / "search")
    await engine.create("one")
    index = await engine.write("one")
    assert await index.index([change(0)]) == 1
    fill(disk)
    for _ in range(3):
        with pytest.raises(EngineUnavailable):
            await index.index(map(change, range(1, 2_000)))
    assert await index.count(Everything()) == 1
    make_room(disk)
    assert await index.index(map(change, range(2_000))) == 1_999
    assert await index.count(Everything()) == 2_000
    await index.close()
    await engine.close()


@pytest.mark.parametrize("tech", ["opensearch"], indirect=True)
async def test_opensearch_that_has_shut_an_index_for_want_of_room(engine: Any) -> None:
    """The block is what the cluster itself sets beyond its flood stage, and takes away below the high watermark."""
    await engine.create("one")
    index = await engine.write("one")
    index._bulk._pause = 0.001
    assert await index.index([change(0)]) == 1
    block = "index.blocks.read_only_allow_delete"
    settings = engine._client.api.indices.put_settings
    await settings(index=engine._prefix + "one", body={block: True})
    with pytest.raises(EngineUnavailable, match="flood-stage"):
        await index.index([change(1)])
    assert await index.count(Everything()) == 1
    await settings(index=engine._prefix + "one", body={block: None})
    assert await index.index([change(1)]) == 1
    await index.close()
