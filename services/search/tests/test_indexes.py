"""Indexes follow their topic, survive what happens to them, and are replaced without a gap (Q8, R1, R2, R11)."""

import asyncio
import contextlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rapport_chassis.consumer import ConsumerLoop
from rapport_contracts import topics
from rapport_search.application.feeding import Feeder
from rapport_search.application.ports import Change
from rapport_search.application.sweeping import Sweeper
from rapport_search.domain.entries import entry_of
from rapport_search.domain.plan import Everything
from rapport_search.store import indexes
from rapport_testkit.topology import throw_log_away

EMBEDDED = pytest.mark.parametrize("tech", ["embedded"], indirect=True)  # folders and locks


async def serving_name(search: Any) -> str:
    row = await search.standing.runtime.db.read(indexes.serving)
    return str(row.name)


async def follows_no_more(search: Any, name: str) -> None:
    """Soon nobody is shown the lag of a retired index."""
    async with asyncio.timeout(20):
        while indexes.group_of(name) in str((await search.client().get("/internal/health")).json()["consumers"]):
            await asyncio.sleep(0.05)


async def finish(search: Any, job: Any) -> Any:
    client = search.client()
    for _ in range(1_200):
        found = (await client.get(f"/jobs/{job['id']}")).json()
        if found["state"] in {"done", "failed", "cancelled"}:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(found)


async def test_reindex_fills_a_new_index_and_swaps_it_in_without_a_gap(search: Any) -> None:
    """Q8: searches go on all the while; writes of the meantime are in the new index too."""
    for number in range(20):
        await search.publish(f"c{number:02d}")
    await search.put("last")
    before = await serving_name(search)
    answer = await search.client().post("/search:reindex")
    assert answer.status_code == 202
    ended = asyncio.create_task(finish(search, answer.json()))
    counts = set()
    while not ended.done():
        counts.add((await search.search(limit=0))["count"])
        await asyncio.sleep(0.01)
    assert counts == {21}
    job = await ended
    assert (job["state"], job["result"]["index"]) == ("done", await serving_name(search))
    assert await serving_name(search) != before
    await follows_no_more(search, before)
    await search.put("after")
    assert (await search.search(limit=0))["count"] == 22


async def test_a_cancelled_reindex_leaves_the_serving_index_and_nothing_else(search: Any) -> None:
    await search.put("c1")
    before = await serving_name(search)
    db = search.standing.runtime.db
    from rapport_search.application.reindexing import start_reindex

    job = await db.write(start_reindex, "master")
    await search.client().post(f"/jobs/{job.id}:cancel")
    await finish(search, {"id": job.id})
    for _ in range(1_200):
        rows = await db.read(indexes.fed)
        if [row.name for row in rows] == [before]:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(rows)


async def test_a_missing_index_is_built_anew_from_the_topic(standing: Any, engine: Any, tmp_path: Path) -> None:
    """Q8, R11: after a restore there is none."""
    async with standing(tmp_path) as search:
        await search.put("c1", last_name="Ahmadi")
        before = await serving_name(search)
        await engine.drop(before)
    async with standing(tmp_path) as search:
        search.versions = {"c1": 1}
        await _until_count(search, 1)
        assert await serving_name(search) != before
        await follows_no_more(search, before)
        await search.put("c1", last_name="Karimi")
        assert await search.ids({"field": "last_name", "op": "is", "value": "karimi"}) == ["c1"]


async def test_an_index_that_goes_away_while_it_is_fed_is_built_anew(search: Any, engine: Any) -> None:
    """Q8: somebody removed it by hand; the worker notices and nobody has to start anything."""
    await search.put("c1", last_name="Ahmadi")
    before = await serving_name(search)
    await engine.drop(before)
    await _until_count(search, 1)
    assert await serving_name(search) != before
    await search.put("c2", last_name="Karimi")
    assert await search.ids() == ["c1", "c2"]


async def test_an_index_of_another_schema_is_built_anew(standing: Any, tech: Any, tmp_path: Path) -> None:
    async with standing(tmp_path) as search:
        await search.put("c1")
        before = await serving_name(search)
    await tech.age(before)
    async with standing(tmp_path) as search:
        await _until_count(search, 1)
        assert await serving_name(search) != before


@EMBEDDED
async def test_a_torn_index_is_built_anew(standing: Any, tmp_path: Path) -> None:
    async with standing(tmp_path) as search:
        await search.put("c1")
        before = await serving_name(search)
    (tmp_path / "search" / before / "meta.json").write_text("{")
    async with standing(tmp_path) as search:
        await _until_count(search, 1)
        assert await serving_name(search) != before


async def _until_count(search: Any, count: int) -> None:
    client = search.client()
    for _ in range(1_200):
        answer = await client.post("/customers:search", json={"limit": 0})
        if answer.status_code == 200 and answer.json()["count"] == count:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(answer.text)


async def test_a_kill_between_index_and_position_changes_nothing(standing: Any, tmp_path: Path) -> None:
    """R1: the batch is indexed, the position is not moved; it comes again and is recognised by its versions."""
    async with standing(tmp_path, feeding=False) as search:
        runtime = search.standing.runtime
        name = await serving_name(search)
        engine = search.standing.app.state.search.serving._engine
        index = await engine.write(name)
        feeder = Feeder(runtime, name, index)
        await search.publish("c1", last_name="One")
        await search.publish("c2", last_name="Two")
        await search.publish("c1", last_name="Three")

        class Killed(BaseException):
            pass

        async def take_and_die(messages: Any) -> None:
            await feeder._take(messages)
            raise Killed

        killed = replace(feeder.loop.consumer, prepare=take_and_die)
        with contextlib.suppress(Killed):
            await ConsumerLoop(killed, runtime.db, runtime.bus).once()
        assert await index.count(Everything()) == 2
        again = Feeder(runtime, name, index)
        while await again.loop.once():
            pass
        assert await index.versions_of(["c1", "c2"]) == {"c1": 2, "c2": 1}
        assert await index.count(Everything()) == 2
        assert await search.ids({"field": "last_name", "op": "is", "value": "three"}) == ["c1"]
        await index.close()


async def test_an_older_version_that_comes_late_changes_nothing(search: Any) -> None:
    """R2: also after the customer was purged."""
    await search.put("c1", last_name="Old")
    await search.put("c1", last_name="New")
    documents = {"id": "c1", "version": 1, "kind": "person", "groups": ["g1"], "contacts": [], "fields": {}}
    times = {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z", "created_by": "u1"}
    await search.standing.publish(topics.CUSTOMERS, "c1", documents | times | {"last_name": "Old"})
    await search.put("c2")
    assert await search.ids({"field": "last_name", "op": "is", "value": "new"}) == ["c1"]

    await search.standing.publish(topics.CUSTOMERS, "c1", {"id": "c1", "version": 3, "purged": True})
    await search.until_indexed("c1@3")
    await search.standing.publish(topics.CUSTOMERS, "c1", documents | times | {"version": 2})
    await search.put("c3")
    assert await search.ids() == ["c2", "c3"]
    assert (await search.search(query={"none": []}, facets=["kind"]))["facets"]["kind"][0]["count"] == 2


async def test_a_record_that_is_no_customer_is_parked_and_blocks_nobody(search: Any) -> None:
    """R7."""
    await search.standing.publish(topics.CUSTOMERS, "bad", {"id": "bad", "version": 1, "kind": "person"})
    await search.put("c1")
    assert await search.ids() == ["c1"]
    parked: list[str] = []
    for _ in range(200):  # what is found is found before the position is written, and the parking with it
        parked = [one["key"] for one in (await search.client().get("/parked-messages")).json()["items"]]
        if parked:
            break
        await asyncio.sleep(0.02)
    assert parked == ["bad"]


async def test_a_sweep_finds_and_mends_what_was_lost_gained_or_left_behind(standing: Any, tmp_path: Path) -> None:
    """Q8: against the state that the topic holds."""
    async with standing(tmp_path, feeding=False) as search:
        runtime = search.standing.runtime
        name = await serving_name(search)
        index = await search.standing.app.state.search.serving._engine.write(name)
        feeder = Feeder(runtime, name, index)
        for number in range(30):
            await search.publish(f"c{number}", last_name="First")
        await search.publish("c7", last_name="Second")
        while await feeder.loop.once():
            pass
        sweeper = Sweeper(runtime, name, index)
        assert await sweeper.sweep() == indexes.Sweep(30, 0, 0, 0)

        await index.remove(["c3", "c4", "c7"])
        old = {"id": "c7", "version": 1, "kind": "person", "groups": ["g1"], "last_name": "First"}
        times = {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
        await index.index([Change(one, 1, entry_of(old | times | {"id": one})) for one in ("c7", "ghost")])
        assert await sweeper.sweep() == indexes.Sweep(30, 2, 1, 1)
        assert await sweeper.sweep() == indexes.Sweep(30, 0, 0, 0)
        assert (await index.versions_of(["c3", "c7", "ghost"])) == {"c3": 1, "c7": 2}
        await index.close()


@EMBEDDED
async def test_an_index_held_by_another_worker_is_waited_for(standing: Any, engine: Any, tmp_path: Path) -> None:
    """R1: the new worker takes over when the old one lets go, and nothing is rebuilt."""
    async with standing(tmp_path) as search:
        await search.put("c1")
        before = await serving_name(search)
    old = await engine.write(before)
    async with standing(tmp_path) as search:
        search.versions = {"c1": 1}
        await search.publish("c1", last_name="New")
        assert (await search.search())["items"][0]["version"] == 1
        await old.close()
        await search.until_indexed("c1@2")
        assert await serving_name(search) == before


async def test_an_index_without_a_record_is_cleared_away(standing: Any, engine: Any, tmp_path: Path) -> None:
    """R1: a kill between making an index and recording it leaves one."""
    async with standing(tmp_path) as search:
        await search.put("c1")
        name = await serving_name(search)
    await engine.create("customers-orphan")
    async with standing(tmp_path) as search:
        search.versions = {"c1": 1}
        await search.put("c1")
        assert await engine.names() == [name]


async def test_the_age_of_the_index_is_a_metric(standing: Any, tmp_path: Path) -> None:
    """Q8."""
    from rapport_search.entrypoints.jobs import IndexAge

    async with standing(tmp_path, feeding=False) as search:
        runtime = search.standing.runtime
        age = IndexAge(runtime)
        await age.measure()
        assert runtime.metrics.registry.get_sample_value("search_index_age_seconds") == 0
        await search.publish("c1")
        await age.measure()
        assert runtime.metrics.registry.get_sample_value("search_index_age_seconds") > 0


async def test_a_log_made_anew_means_an_index_made_anew(standing: Any, tmp_path: Path) -> None:
    """R11: positions of another log mean nothing."""
    async with standing(tmp_path) as search:
        await search.put("gone")
        before = await serving_name(search)
    throw_log_away(tmp_path)
    async with standing(tmp_path) as search:
        await search.put("c1")
        await _until_count(search, 1)
        assert await search.ids() == ["c1"]
        assert await serving_name(search) != before


async def test_scan_gives_every_result_once_to_the_end(search: Any) -> None:
    """Q7: NDJSON of ids and versions."""
    for number in range(5):
        await search.publish(f"c{number}", last_name="Ahmadi" if number % 2 else "Karimi")
    await search.put("c1", last_name="Ahmadi")
    query = {"field": "last_name", "op": "is", "value": "ahmadi"}
    answer = await search.client().post("/customers:scan", json={"query": query})
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    assert sorted(answer.text.splitlines()) == ['{"id":"c1","version":2}', '{"id":"c3","version":1}']
    refused = await search.client().post("/customers:scan", json={"query": {"field": "x"}})
    assert refused.status_code == 422
