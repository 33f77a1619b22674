"""What every search engine must do, written once against the port and run on each of them (Q8, Q9, R2)."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from rapport_chassis.db import EngineUnavailable, EngineUnfit
from rapport_search.application.ports import Change, SearchEngine, Sort, Writing
from rapport_search.domain.digest import BUCKETS, bucket_of, digest_of
from rapport_search.domain.entries import entry_of
from rapport_search.domain.item import item_of
from rapport_search.domain.plan import Everything, Keyword, TextHas, TextIs

BY_NAME, ALL = Sort("name"), Everything()


def change(customer_id: str, version: int = 1, **more: Any) -> Change:
    times = {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
    document = {"id": customer_id, "version": version, "kind": "person", "groups": ["g1"], **times, **more}
    return Change(customer_id, version, entry_of(document))


def gone(customer_id: str, version: int) -> Change:
    return Change(customer_id, version, None)


async def ids(index: Any, plan: Any = ALL) -> list[str]:
    page = await index.search(plan, BY_NAME, 1_000, None, count=True)
    assert page.count == len(page.hits)
    return [item_of(hit.item)["id"] for hit in page.hits]


async def scanned(index: Any, chunk: int = 100) -> list[tuple[str, int]]:
    return [row async for some in index.scan(ALL, chunk) for row in some]


@pytest.fixture
async def index(engine: SearchEngine) -> AsyncIterator[Writing]:
    await engine.create("one")
    it = await engine.write("one")
    yield it
    await it.close()


async def test_an_index_is_made_listed_and_dropped_as_often_as_one_likes(engine: SearchEngine) -> None:
    assert await engine.names() == []
    assert not await engine.usable("one")
    for _ in range(2):
        await engine.create("one")
    await engine.create("two")
    assert await engine.names() == ["one", "two"]
    assert await engine.usable("one")
    for _ in range(2):
        await engine.drop("one")
    assert await engine.names() == ["two"]
    assert not await engine.usable("one")


async def test_what_was_made_stays_as_it_is_when_it_is_made_again(engine: SearchEngine, index: Writing) -> None:
    await index.index([change("c1")])
    await engine.create("one")
    assert await ids(await engine.read("one")) == ["c1"]


async def test_an_index_that_is_not_there_or_of_an_older_schema_is_not_opened(engine: SearchEngine, tech: Any) -> None:
    for name in ("never", "old"):
        if name == "old":
            await engine.create(name)
            await tech.age(name)
            assert not await engine.usable(name)
        for opening in (engine.read, engine.write):
            with pytest.raises(EngineUnavailable, match=name):
                await opening(name)


async def test_what_another_installation_made_is_claimed_by_nobody_else(tech: Any) -> None:
    """Each would take the other's indexes for left over, and drop them."""
    ours, theirs = tech.open(), tech.open()
    for _ in range(2):
        await ours.claim("ours")
    await ours.create("one")
    with pytest.raises(EngineUnfit, match=r"RAPPORT_SEARCH_URL: .* (are|is) another installation's"):
        await theirs.claim("theirs")
    await ours.claim("ours")
    assert await ours.names() == ["one"]
    await ours.close()
    await theirs.close()


async def test_an_empty_index_answers_everything_with_nothing(index: Writing) -> None:
    assert await ids(index) == []
    assert await index.count(ALL) == 0
    assert await index.facets(ALL, ["city", "group"], 10) == {"city": [], "group": []}
    assert await index.facets(ALL, [], 10) == {}
    assert await scanned(index) == []
    assert await index.versions_of(["c1"]) == {}
    assert await index.versions_of([]) == {}
    assert await index.digest(0) == {}
    assert await index.held(0) == {}
    assert await index.index([]) == 0
    await index.remove([])
    await index.remove(["c1"])


async def test_what_is_not_newer_is_left_out(index: Writing) -> None:
    """R2: external versions, whoever sends and in whichever order."""
    assert await index.index([change("c1", 2, last_name="Two"), change("c2", 1)]) == 2
    assert await index.index([change("c1", 2, last_name="Same"), change("c1", 1, last_name="One")]) == 0
    assert await ids(index, TextIs("last_name", ("two",))) == ["c1"]
    assert await index.index([change("c1", 1), change("c2", 2)]) == 1
    assert await index.versions_of(["c1", "c2", "c3"]) == {"c1": 2, "c2": 2}


async def test_of_several_versions_in_one_batch_the_newest_counts(index: Writing) -> None:
    batch = [change("c1", version, last_name=f"Number {version}") for version in (2, 5, 3)]
    assert await index.index(batch) == 1
    assert await ids(index, TextIs("last_name", ("number 5",))) == ["c1"]


async def test_who_is_gone_is_found_by_nothing_but_a_sweep(index: Writing) -> None:
    """R2: the version stays known, so that an older one that comes late brings nobody back."""
    await index.index([change("c1", 1, last_name="Ahmadi"), change("c2", 1)])
    assert await index.index([gone("c1", 2), gone("c3", 4)]) == 2
    assert await index.index([change("c1", 1, last_name="Ahmadi"), change("c3", 3)]) == 0
    assert await ids(index) == ["c2"]
    assert await index.count(ALL) == 1
    assert await ids(index, Keyword("id", ("c1", "c3"))) == []
    assert await scanned(index) == [("c2", 1)]
    assert {one.value: one.count for one in (await index.facets(ALL, ["kind"], 9))["kind"]} == {"person": 1}
    assert await index.versions_of(["c1", "c2", "c3"]) == {"c1": 2, "c2": 1, "c3": 4}
    assert await index.index([change("c1", 3)]) == 1
    assert await ids(index) == ["c1", "c2"]


async def test_what_is_removed_is_forgotten_with_its_version(index: Writing) -> None:
    """Q8: a sweep puts the right version, an older one, in the place of a wrong one at once."""
    await index.index([change("c1", 7, last_name="Wrong"), change("c2", 1)])
    await index.remove(["c1", "never"])
    assert await index.versions_of(["c1", "c2"]) == {"c2": 1}
    assert await ids(index) == ["c2"]
    assert await index.index([change("c1", 3, last_name="Right")]) == 1
    assert await ids(index, TextIs("last_name", ("right",))) == ["c1"]
    assert await index.versions_of(["c1"]) == {"c1": 3}


async def test_a_reader_elsewhere_sees_what_was_written_as_soon_as_it_is(tech: Any, engine: Any, index: Any) -> None:
    """Q8: the web process has the index open before the worker writes; a version that is known is found, too."""
    web = tech.open()
    reading = await web.read("one")
    assert await ids(reading) == []
    for version in range(1, 6):
        await index.index([change("c1", version, last_name=f"Number {version}")])
        assert await reading.versions_of(["c1"]) == {"c1": version}
        assert await ids(reading, TextIs("last_name", (f"number {version}",))) == ["c1"]
    await index.remove(["c1"])
    assert await ids(reading) == []
    await web.close()


async def test_a_scan_gives_what_was_there_when_it_began(index: Writing) -> None:
    """Q7: also when customers come, change and go meanwhile."""
    await index.index([change(f"c{number}", 1, created_at=f"2026-01-0{number}T00:00:00Z") for number in range(1, 8)])
    rows: list[tuple[str, int]] = []
    async for some in index.scan(ALL, 3):
        assert len(some) <= 3
        if not rows:
            await index.index([change("c6", 2), gone("c5", 2), change("c0", 1)])
            await index.remove(["c7"])
        rows += some
    assert sorted(rows) == [(f"c{number}", 1) for number in range(1, 8)]
    assert sorted(await scanned(index)) == [("c0", 1), ("c1", 1), ("c2", 1), ("c3", 1), ("c4", 1), ("c6", 2)]


async def test_a_scan_may_be_left_before_its_end(index: Writing) -> None:
    await index.index([change(f"c{number}") for number in range(5)])
    scan = index.scan(ALL, 2)
    assert len(await anext(scan)) == 2
    await scan.aclose()  # type: ignore[attr-defined]
    assert len(await scanned(index)) == 5


async def test_pages_are_ranges_on_the_token_whoever_comes_and_goes(index: Writing) -> None:
    """Q5."""
    await index.index([change(f"c{number}", last_name="Same") for number in range(6)])
    first = await index.search(ALL, BY_NAME, 2, None, count=True)
    await index.index([gone("c0", 2), change("c9", last_name="Zed")])
    second = await index.search(ALL, BY_NAME, 9, first.hits[-1].token, count=True)
    assert [item_of(hit.item)["id"] for hit in second.hits] == ["c2", "c3", "c4", "c5", "c9"]
    assert (first.count, second.count) == (6, 6)
    assert (await index.search(ALL, BY_NAME, 1, None, count=False)).count is None
    back = await index.search(ALL, Sort("name", descending=True), 3, second.hits[2].token, count=True)
    assert [item_of(hit.item)["id"] for hit in back.hits] == ["c3", "c2", "c1"]


async def test_a_facet_has_its_most_frequent_values_named_as_most_write_them(index: Writing) -> None:
    """Q5: ties by value; of spellings that are as frequent the greater."""
    cities = ["Tehrān", "Tehran", "tehran", "Tehran", "Ilam", "Shiraz", "shiraz", None]
    await index.index([change(f"c{place}", address={"city": city}) for place, city in enumerate(cities)])
    (found,) = (await index.facets(ALL, ["city"], 2)).values()
    assert [(one.value, one.label, one.count) for one in found] == [("tehran", "Tehran", 4), ("shiraz", "shiraz", 2)]
    everything = (await index.facets(ALL, ["city", "kind"], 10))["city"]
    assert [(one.value, one.count) for one in everything] == [("tehran", 4), ("shiraz", 2), ("ilam", 1)]


async def test_checksums_tell_which_buckets_differ(index: Writing) -> None:
    """Q8: gone customers count; what is removed does not."""
    await index.index([change(f"c{number}") for number in range(300)])
    await index.index([change("c7", 3), gone("c8", 2)])
    await index.remove(["c9"])
    versions = {f"c{number}": 1 for number in range(300) if number != 9} | {"c7": 3, "c8": 2}
    expected = digest_of(versions)
    found: dict[int, tuple[int, int]] = {}
    for partition in range(12):
        found |= await index.digest(partition)
    assert found == expected
    for bucket in (bucket_of("c7"), bucket_of("c8"), bucket_of("c9")):
        assert await index.held(bucket) == {one: at for one, at in versions.items() if bucket_of(one) == bucket}
    assert all(bucket // BUCKETS in range(12) for bucket in found)


async def test_a_long_text_is_compared_whole_and_found_by_its_parts(index: Writing) -> None:
    """C1: a description of 20,000 characters; a custom text of 10,000."""
    long, other = "begin " + "ab " * 6_600 + "end", "begin " + "ab " * 6_600 + "fin"
    await index.index([change("c1", description=long), change("c2", fields={"f1": other[:9_998]})])
    assert await ids(index, TextIs("description", (long,))) == ["c1"]
    assert await ids(index, TextIs("description", (other,))) == []
    assert await ids(index, TextHas("description", "ab end")) == ["c1"]
    assert await ids(index, TextIs("custom.f1", (other[:9_998],))) == ["c2"]
    assert await ids(index, TextHas("custom.f1", "begin ab", "start")) == ["c2"]


async def test_letters_that_mean_something_to_an_engine_are_letters(index: Writing) -> None:
    """Q3: wildcards, quotes, operators, colons and emoji are found as what they are, and only so."""
    names = ['a*b?c"d', "a\\b", "AND OR NOT", "x:y [1 TO 2]", "😀😃", "100% (sure)", "~^+-"]
    said = [{"last_name": name, "position": name, "fields": {"f1": name}} for name in names]
    await index.index([change(f"c{place}", **one) for place, one in enumerate(said)])
    for place, name in enumerate(names):
        for field in ("last_name", "position", "custom.f1"):
            for start in range(len(name)):
                for size in (1, 2, 3, 5):
                    part = name[start : start + size].lower().strip()
                    wanted = [f"c{number}" for number, one in enumerate(names) if part in one.lower()]
                    if part:
                        assert sorted(await ids(index, TextHas(field, part))) == wanted, (field, part)
            assert await ids(index, TextIs(field, (name.lower(),))) == [f"c{place}"]
