"""The timeline: paged by place, searched in its parts, filtered by kind and tag (L9)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from rapport_logging.store import timeline as stored
from rapport_testkit.databases import on_real_engines
from rapport_testkit.plans import plan_of
from rapport_testkit.service import Standing
from rapport_testkit.timeline import fact, message, note, timeline


async def texts(client: httpx.AsyncClient, **query: Any) -> list[str]:
    return [entry["actions"][0]["text"] for entry in await timeline(client, **query)]


async def pages(client: httpx.AsyncClient, **query: Any) -> list[list[str]]:
    found: list[list[str]] = []
    after: dict[str, str] = {}
    while True:
        body = (await client.get("/customers/c1/timeline", params=query | after)).json()
        found.append([entry["id"] for entry in body["items"]])
        if body["next"] is None:
            return found
        after = {"after": body["next"]}


async def test_pages_show_every_entry_once_newest_first_also_those_of_the_same_instant(
    it: Standing, client: httpx.AsyncClient
) -> None:
    made = []
    for number in range(23):
        body = {"occurred_at": f"2026-11-{1 + number // 5:02}T00:00:00Z"}
        made.append((await note(client, said=str(number), **body)).json())
    newest_first = [one["id"] for one in sorted(made, key=lambda one: (one["occurred_at"], one["id"]), reverse=True)]
    found = await pages(client, limit=5)
    assert [len(page) for page in found] == [5, 5, 5, 5, 3]
    assert [one for page in found for one in page] == newest_first
    assert [one for page in await pages(client, limit=5, kinds="note") for one in page] == newest_first


async def test_entries_written_while_somebody_pages_move_nothing(it: Standing, client: httpx.AsyncClient) -> None:
    for number in range(6):
        await note(client, said=str(number))
    first = (await client.get("/customers/c1/timeline?limit=3")).json()
    await note(client, said="meanwhile")
    second = (await client.get("/customers/c1/timeline", params={"limit": 3, "after": first["next"]})).json()
    seen = [entry["actions"][0]["text"] for entry in first["items"] + second["items"]]
    assert seen == ["5", "4", "3", "2", "1", "0"]


async def test_text_is_found_in_every_part_or_only_in_the_chosen_ones(it: Standing, client: httpx.AsyncClient) -> None:
    """L9: text, description, tags, kind, user."""
    made = (await note(client, "Émigré", said="Asked for an OFFER")).json()
    await message(it, "m1", 1, body="پیشنهاد قیمت")
    await client.put(f"/log-entries/{made['id']}/description", json={"text": "glad"}, headers={"if-match": '"1"'})
    mine, sms = "Asked for an OFFER", "پیشنهاد قیمت"
    everywhere = {
        "offer": [mine], "پيشنهاد": [sms], "glad": [mine], "emigre": [mine], "sms sent": [sms], "پیامک": [sms],
        "queued": [sms], "master": [sms, mine], "asked glad": [mine], "asked queued": [], "100%": [], "": [sms, mine],
    }  # fmt: skip
    for q, found in everywhere.items():
        assert sorted(await texts(client, q=q)) == sorted(found), q
    parts = {"offer": "text", "glad": "description", "emigre": "tags", "note": "kind", "master": "user"}
    for q, own in parts.items():
        for part in set(parts.values()):
            assert (mine in await texts(client, q=q, parts=part)) == (part == own), (q, part)
    assert await texts(client, q="glad", parts="tags,description") == [mine]


async def test_kinds_and_tags_are_chips_of_which_one_must_fit(it: Standing, client: httpx.AsyncClient) -> None:
    await fact(it, "created", "c1", version=1)
    await message(it, "m1", 1)
    made = (await note(client, "offer")).json()
    await note(client, "visit", said="Seen")
    kinds = [entry["kind"] for entry in await timeline(client, kinds="sms_sent,customer_created")]
    assert sorted(kinds) == ["customer_created", "sms_sent"]
    repeated = await client.get("/customers/c1/timeline?kinds=sms_sent&kinds=note&limit=500")
    assert len(repeated.json()["items"]) == 3
    offer = made["actions"][0]["tags"][0]["id"]
    assert await texts(client, tags=offer) == ["Called back"]
    assert sorted(await texts(client, tags="OFFER,visit")) == ["Called back", "Seen"]
    assert await texts(client, tags="no-such-tag") == []
    assert await texts(client, tags="offer", q="seen") == []


async def test_a_search_that_reaches_its_bound_goes_on_behind_the_cursor(
    it: Standing, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """L9: what a filtered page costs is bounded, whatever the timeline's length."""
    monkeypatch.setattr(stored, "PORTIONS", (2, 3))
    for number in range(12):
        await note(client, said="needle" if number in {0, 6, 7} else "hay")
    found = await pages(client, q="needle")
    assert [len(page) for page in found] == [1, 1, 1]
    assert [len(page) for page in await pages(client, q="nothing")] == [0, 0, 0]
    assert [len(page) for page in await pages(client, q="hay", limit=2)] == [2, 2, 2, 2, 1]


async def test_what_is_no_question_is_refused(it: Standing, client: httpx.AsyncClient) -> None:
    for query, field in (
        ({"kinds": "sms_snet"}, "kinds"),
        ({"kinds": "call_incoming"}, "kinds"),
        ({"parts": "attachments"}, "parts"),
        ({"q": "a b c d e f g h i j k", "parts": "text"}, "q"),
        ({"limit": 501}, "limit"),
        ({"after": "nonsense"}, "after"),
        ({"after": "WzkyMjMzNzIwMzY4NTQ3NzU4MDcsIngiXQ"}, "after"),
    ):
        answer = await client.get("/customers/c1/timeline", params=query)
        assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed"), query
        assert answer.json()["errors"][0]["field"] == field


async def test_a_page_is_one_range_of_the_link_table_however_long_the_timeline(it: Standing) -> None:
    """P12: no sort, no scan, no offset."""
    for query in (
        stored._unfiltered("c1", (it.runtime.clock.now(), "x"), 50),
        stored._places("c1", (it.runtime.clock.now(), "x"), 50),
        stored._unfiltered("c1", None, 50),
    ):
        plan = await it.runtime.db.read(plan_of, lambda conn, query=query: conn.execute(query).all())
        if on_real_engines():
            assert "using entry_customers_pkey on entry_customers\n" in plan, plan
            assert "Index Cond: ((customer_id = 'c1'::text)" in plan or "Index Cond: (customer_id = 'c1'::text)" in plan
            assert "Seq Scan" not in plan, plan
            assert "Sort" not in plan, plan
            continue
        first, *rest = plan.splitlines()
        assert first.startswith("SEARCH entry_customers USING PRIMARY KEY (customer_id=?"), plan
        assert not [step for step in plan.splitlines() if "TEMP B-TREE" in step or step.startswith("SCAN")], plan
        assert all("entries USING INDEX sqlite_autoindex_entries" in step for step in rest), plan


async def test_an_unknown_customer_has_no_timeline(it: Standing, client: httpx.AsyncClient, customers: Any) -> None:
    customers.hidden = {"c1"}
    answer = await client.get("/customers/c1/timeline")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert (await it.client(None).get("/customers/c1/timeline")).status_code == 401
