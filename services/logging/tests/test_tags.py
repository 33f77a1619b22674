"""Tags: known by any part, created by writing them, administered without losing an entry (L5, L6)."""

from __future__ import annotations

from typing import Any

import httpx

from rapport_contracts import topics
from rapport_logging.domain.tags import SYSTEM_TAGS
from rapport_testkit.service import Standing
from rapport_testkit.timeline import note, sql, timeline


async def tag(client: httpx.AsyncClient, q: str) -> dict[str, Any]:
    items = (await client.get("/tags", params={"q": q})).json()["items"]
    assert len(items) == 1, items
    return dict(items[0])


async def names(client: httpx.AsyncClient, **query: Any) -> list[str]:
    return [one["name"] for one in (await client.get("/tags", params=query)).json()["items"]]


async def test_autocomplete_finds_any_part_in_any_spelling_beginnings_first(
    it: Standing, client: httpx.AsyncClient
) -> None:
    """L5."""
    await note(client, "Repaid", "unpaid", "Paid late", "Café", "پیگیری تلفنی", "100% sure")
    assert await names(client, q="PAID") == ["Paid late", "Repaid", "unpaid"]
    assert await names(client, q="cafe") == ["Café"]
    assert await names(client, q="پیگيري") == ["پیگیری تلفنی"]
    assert await names(client, q="%") == ["100% sure"]
    assert await names(client, q="nothing like it") == []
    assert sorted(await names(client, state="system")) == sorted(SYSTEM_TAGS.values())


async def test_every_tag_is_listed_once_over_all_pages(it: Standing, client: httpx.AsyncClient) -> None:
    await note(client, *(f"word {number}" for number in range(23)), "a word")
    for q in ("", "word"):
        found, after = [], None
        while True:
            page = (await client.get("/tags", params={"q": q, "limit": 5} | ({"after": after} if after else {}))).json()
            found += [one["name"] for one in page["items"]]
            after = page["next"]
            if after is None:
                break
        assert len(found) == len(set(found)) == (24 if q else 24 + len(SYSTEM_TAGS))
        assert found[-1] == "a word" if q else found == sorted(found, key=str.lower)


async def test_a_word_is_its_tag_whatever_its_spelling(it: Standing, client: httpx.AsyncClient) -> None:
    """L5: unverified but usable at once by everybody."""
    await note(client, "Refund")
    await it.user("writer", ["entries.view", "entries.create"])
    made = (await note(it.client("writer"), " refund ", "FOLLOW-UP")).json()
    refund, follow_up = made["actions"][0]["tags"]
    assert (refund["name"], refund["state"]) == ("Refund", "unverified")
    assert (follow_up["id"], follow_up["state"]) == ("system-follow-up", "system")
    assert (await tag(client, "refund"))["count"] == 2


async def test_pending_tags_are_counted_for_those_who_verify(it: Standing, client: httpx.AsyncClient) -> None:
    """L6."""
    await note(client, "one", "two")
    assert (await client.get("/tags?limit=1")).json()["pending"] == 2
    one = await tag(client, "one")
    for _ in range(2):
        verified = await client.post(f"/tags/{one['id']}:verify")
        assert (verified.status_code, verified.json()["state"], verified.headers["etag"]) == (200, "verified", '"2"')
    assert (await client.get("/tags?state=unverified")).json()["pending"] == 1
    await it.user("reader", ["entries.view"])
    assert "pending" not in (await it.client("reader").get("/tags")).json()
    assert (await it.client("reader").post(f"/tags/{one['id']}:verify")).status_code == 403


async def test_a_renamed_tag_shows_its_new_name_on_every_entry(it: Standing, client: httpx.AsyncClient) -> None:
    """L6: name_taken on a clash by normalised name."""
    await note(client, "refund", "other")
    refund = await tag(client, "refund")
    at = f"/tags/{refund['id']}"
    clash = await client.patch(at, json={"name": "OTHER"}, headers={"if-match": '"1"'})
    assert (clash.status_code, clash.json()["code"]) == (409, "name_taken")
    renamed = await client.patch(at, json={"name": "Money back"}, headers={"if-match": '"1"'})
    assert (renamed.status_code, renamed.json()["version"]) == (200, 2)
    (entry,) = await timeline(client)
    assert [one["name"] for one in entry["actions"][0]["tags"]] == ["Money back", "other"]
    assert len(await timeline(client, q="money", parts="tags")) == 1
    assert (await client.patch(at, json={"name": "x"}, headers={"if-match": '"1"'})).status_code == 412
    assert (await client.patch(at, json={"name": "x"})).status_code == 428
    same = await client.patch(at, json={"name": "money BACK"}, headers={"if-match": '"2"'})
    assert same.json()["name"] == "money BACK"
    await note(client, "refund")
    assert (await tag(client, "refund"))["id"] != refund["id"]


async def test_entries_stay_when_their_tag_is_deleted(it: Standing, client: httpx.AsyncClient) -> None:
    """L6."""
    made = (await note(client, "refund")).json()
    refund = await tag(client, "refund")
    gone = await client.delete(f"/tags/{refund['id']}", headers={"if-match": '"1"'})
    assert gone.status_code == 204
    (entry,) = await timeline(client)
    assert (entry["id"], entry["actions"][0]["tags"], entry["version"]) == (made["id"], [], 2)
    assert (await client.get(f"/tags/{refund['id']}")).status_code == 404
    await it.drain()
    last = [record["data"] for record in await it.read(topics.TAGS) if record["data"]["id"] == refund["id"]][-1]
    assert last["removed"]
    assert [record["data"]["tags"] for record in await it.read(topics.ENTRIES)][-1] == []
    again = (await note(client, "refund")).json()
    assert again["actions"][0]["tags"][0]["id"] != refund["id"]


async def test_replacing_moves_every_entry_and_can_be_repeated(it: Standing, client: httpx.AsyncClient) -> None:
    """L6: A is gone, an entry that had both has B once, and a chain of replacements leads to the last."""
    await note(client, "money", "refund", said="both")
    await note(client, "refund", said="one")
    refund, money = await tag(client, "refund"), await tag(client, "money")
    for _ in range(2):
        answer = await client.post(f"/tags/{refund['id']}:replace", json={"by": money["id"]})
        assert (answer.status_code, answer.json()["id"], answer.json()["count"]) == (200, money["id"], 2)
    entries = await timeline(client)
    assert [[one["name"] for one in entry["actions"][0]["tags"]] for entry in entries] == [["money"], ["money"]]
    assert {entry["version"] for entry in entries} == {2}
    assert len(await timeline(client, tags=refund["id"])) == 2
    last = await client.post(f"/tags/{money['id']}:replace", json={"by": "system-payment"})
    assert last.json()["count"] == 2
    assert [entry["actions"][0]["tags"][0]["id"] for entry in await timeline(client)] == ["system-payment"] * 2
    assert len(await timeline(client, tags="payment")) == 2
    await it.drain()
    newest = {record["data"]["id"]: record["data"] for record in await it.read(topics.ENTRIES)}
    assert [one["tags"] for one in newest.values()] == [["system-payment"]] * 2
    unknown = await client.post(f"/tags/{money['id']}:replace", json={"by": refund["id"]})
    assert unknown.status_code == 404


async def test_a_tag_is_replaced_only_by_another_one_that_is_there(it: Standing, client: httpx.AsyncClient) -> None:
    await note(client, "refund")
    refund = await tag(client, "refund")
    for by in (refund["id"], "nowhere"):
        answer = await client.post(f"/tags/{refund['id']}:replace", json={"by": by})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "by")
    assert (await tag(client, "refund"))["count"] == 1


async def test_a_tag_created_in_the_administration_is_verified(it: Standing, client: httpx.AsyncClient) -> None:
    """L6."""
    made = await client.post("/tags", json={"name": "  Key   account "})
    assert made.status_code == 201
    assert (made.json()["name"], made.json()["state"], made.json()["count"]) == ("Key account", "verified", 0)
    taken = await client.post("/tags", json={"name": "key account"})
    assert (taken.status_code, taken.json()["code"]) == (409, "name_taken")
    assert (await client.post("/tags", json={"name": "ـ"})).status_code == 422
    assert (await client.post("/tags", json={"name": "x" * 101})).status_code == 422


async def test_the_systems_tags_are_listed_but_not_changed(it: Standing, client: httpx.AsyncClient) -> None:
    """L6."""
    at, seen = "/tags/system-offer", {"if-match": '"1"'}
    await note(client, "mine")
    for answer in (
        await client.patch(at, json={"name": "x"}, headers=seen),
        await client.delete(at, headers=seen),
        await client.post(f"{at}:verify"),
        await client.post(f"{at}:replace", json={"by": (await tag(client, "mine"))["id"]}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert (await client.get(at)).json()["name"] == "Offer"


async def test_a_systems_tag_that_people_had_made_before_becomes_the_systems(it: Standing) -> None:
    from rapport_logging.application.tag_words import ensure_system_tags

    await sql(it, "DELETE FROM tags WHERE id = 'system-offer'")
    client = it.client()
    made = (await client.post("/tags", json={"name": "OFFER"})).json()
    for _ in range(2):
        await it.runtime.db.write(ensure_system_tags)
    offer = await tag(client, "offer")
    assert (offer["id"], offer["state"], offer["version"]) == (made["id"], "system", 2)
