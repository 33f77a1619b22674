"""System entries: what events become, once each, and that nobody can change them (L1, L3, L8)."""

from __future__ import annotations

import httpx

from rapport_contracts import topics
from rapport_testkit.service import Standing
from rapport_testkit.timeline import fact, imported, message, sql, timeline


async def test_facts_about_a_customer_become_its_entries_newest_first(it: Standing, client: httpx.AsyncClient) -> None:
    """L1."""
    await fact(it, "created", "c1", version=1)
    await fact(it, "group_added", "c1", group_id="g1")
    it.runtime.clock.advance(seconds=5)  # type: ignore[attr-defined]
    await fact(it, "changed", "c1", version=2, fields=["first_name", "contacts"])
    await fact(it, "enabled", "c1", enabled=False)
    await fact(it, "group_removed", "c1", group_id="g1")
    entries = await timeline(client)
    assert [entry["kind"] for entry in entries] == [
        "group_removed", "customer_changed", "customer_changed", "group_added", "customer_created",
    ]  # fmt: skip
    assert entries[1]["data"] == {"fields": ["enabled"], "enabled": False, "via": "form"}
    assert entries[2]["data"]["fields"] == ["first_name", "contacts"]
    assert entries[3]["data"]["group_id"] == "g1"
    assert all(entry["system"] and entry["recorded_by"] == "master" for entry in entries)
    assert entries[0]["recorded_by_name"] == "master"
    assert entries[0]["link"] == {"type": "customer", "id": "c1", "url": "/customers/c1"}


async def test_an_event_told_twice_makes_one_entry(it: Standing, client: httpx.AsyncClient) -> None:
    """R2."""
    for _ in range(3):
        await fact(it, "created", "c1", event_id="e1", version=1)
    assert len(await timeline(client)) == 1
    assert await sql(it, "SELECT sum(length) FROM chain_heads") == [(1,)]


async def test_an_import_batch_makes_one_entry_and_one_a_group_linked_to_all_its_customers(
    it: Standing, client: httpx.AsyncClient
) -> None:
    """L1: no customer_created for imported ones. L8: linked to the import."""
    people = [f"p{number}" for number in range(250)]
    for _ in range(2):
        await imported(it, people, groups={"g1": people, "g2": people[:3]})
    await imported(it, [], batch=1)
    assert await sql(it, "SELECT kind, count(*) FROM entries GROUP BY kind ORDER BY kind") == [
        ("group_added", 2),
        ("imported", 1),
    ]
    assert await sql(it, "SELECT count(*) FROM entry_customers") == [(250 + 250 + 3,)]
    assert await sql(it, "SELECT count(*) FROM parked_messages") == [(0,)]
    first, last = await timeline(client, "p0"), await timeline(client, "p249")
    assert sorted(entry["kind"] for entry in first) == ["group_added", "group_added", "imported"]
    assert sorted(entry["kind"] for entry in last) == ["group_added", "imported"]
    assert {entry["link"]["url"] for entry in first} == {"/imports/i1"}
    (whole,) = [entry for entry in last if entry["kind"] == "imported"]
    assert whole["data"]["created"] == 250
    assert whole["more_customers"]
    one = (await client.get(f"/log-entries/{whole['id']}")).json()
    assert one["customer_ids"] == people


async def test_an_sms_is_one_entry_whose_delivery_follows_the_newest_version(
    it: Standing, client: httpx.AsyncClient
) -> None:
    """L3: delivery beside the entry; an older report changes nothing."""
    await message(it, "m1", 1)
    await message(it, "m1", 4, state="failed", reason="no such number", at="2026-11-22T09:31:00Z")
    await message(it, "m1", 3, state="sent")
    (entry,) = await timeline(client)
    assert entry["kind"] == "sms_sent"
    assert entry["actions"] == [{"text": "Your order is ready", "tags": []}]
    assert entry["delivery"] == {"state": "failed", "reason": "no such number", "at": "2026-11-22T09:31:00Z"}
    assert entry["link"]["type"] == "message"
    assert entry["occurred_at"] == "2026-11-22T09:29:00Z"
    assert entry["version"] == 2
    assert [one["version"] for one in (record["data"] for record in await it.read(topics.ENTRIES))] == [1, 2]


async def test_of_several_states_in_one_batch_the_newest_version_counts(
    it: Standing, client: httpx.AsyncClient
) -> None:
    """R2."""
    for version, state in ((2, "sending"), (4, "delivered"), (3, "sent")):
        await message(it, "m1", version, arrive=False, state=state)
    await it.drain()
    (entry,) = await timeline(client)
    assert (entry["delivery"]["state"], entry["version"]) == ("delivered", 1)


async def test_an_incoming_sms_has_no_entry_until_it_is_matched(it: Standing, client: httpx.AsyncClient) -> None:
    await message(it, "m1", 1, direction="incoming", state="received", customer_id=None, by=None)
    assert await timeline(client) == []
    await message(it, "m1", 2, direction="incoming", state="received", by=None)
    (entry,) = await timeline(client)
    assert (entry["kind"], entry["delivery"], entry["recorded_by"]) == ("sms_received", None, None)


async def test_an_event_that_is_not_known_here_is_passed_over(it: Standing, client: httpx.AsyncClient) -> None:
    await fact(it, "merged", "c1", into="c2")
    await message(it, "m1", 1, channel="fax")
    assert await timeline(client) == []
    assert await sql(it, "SELECT count(*) FROM parked_messages") == [(0,)]


async def test_nobody_edits_or_deletes_what_the_system_wrote(it: Standing, client: httpx.AsyncClient) -> None:
    """L1: 403 system_entry, with every permission there is, with or without If-Match."""
    await fact(it, "created", "c1", version=1)
    (entry,) = await timeline(client)
    at = f"/log-entries/{entry['id']}"
    changed = {"actions": [{"text": "It never happened"}]}
    for headers in ({}, {"if-match": '"1"'}):
        for answer in (
            await client.patch(at, json=changed, headers=headers),
            await client.patch(at, json={"text": "no field of an entry"}, headers=headers),
            await client.delete(at, headers=headers),
        ):
            assert (answer.status_code, answer.json()["code"]) == (403, "system_entry")
    assert await timeline(client) == [entry]


async def test_entries_are_published_as_state_without_a_word_of_anybody(it: Standing) -> None:
    await message(it, "m1", 1, body="secret words")
    (record,) = await it.read(topics.ENTRIES)
    assert record["data"]["kind"] == "sms_sent"
    assert record["data"]["customer_ids"] == ["c1"]
    assert "secret" not in str(record)
