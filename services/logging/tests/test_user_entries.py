"""User entries: written by hand, for one or many, edited with history, described by others (L2, L3, L4)."""

from __future__ import annotations

import httpx

from rapport_contracts import permissions, topics
from rapport_testkit.service import Standing
from rapport_testkit.timeline import CustomersFake, fact, imported, message, note, timeline


async def test_an_entry_with_several_actions_and_a_new_tag_stands_in_the_timeline(
    it: Standing, client: httpx.AsyncClient
) -> None:
    """L2: event time by hand, record time by the system; L5: the unknown word is a tag at once, unverified."""
    actions = [{"text": "Asked for an offer", "tags": ["offer", "Big Fish"]}, {"text": "", "tags": ["big  fish"]}]
    body = {"customer_ids": ["c1"], "occurred_at": "2026-11-20T10:00:00+03:30", "actions": actions}
    answer = await client.post("/log-entries", json=body)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert answer.headers["location"] == f"/api/v1/log-entries/{made['id']}"
    assert (answer.headers["etag"], made["version"]) == ('"1"', 1)
    assert "x-position" not in answer.headers  # no index follows entries: a search would wait in vain
    assert (made["kind"], made["system"], made["recorded_by"]) == ("note", False, "master")
    assert (made["occurred_at"], made["recorded_at"]) == ("2026-11-20T06:30:00Z", "2026-11-22T09:30:00Z")
    first, second = made["actions"]
    assert [(tag["name"], tag["state"]) for tag in first["tags"]] == [("Offer", "system"), ("Big Fish", "unverified")]
    assert second["tags"] == [first["tags"][1]]
    assert await timeline(client) == [made]
    assert (await client.get(f"/log-entries/{made['id']}")).json() == made


async def test_one_entry_is_written_for_many_customers_when_all_of_them_are_visible(
    it: Standing, client: httpx.AsyncClient, customers: CustomersFake
) -> None:
    """L4, R12."""
    many = [f"p{number}" for number in range(230)]
    made = (await note(client, customer_ids=many)).json()
    assert made["customer_ids"] == many
    assert [len(ids) for ids in customers.asked] == [100, 100, 30]
    assert (await timeline(client, "p229"))[0]["id"] == made["id"]
    customers.hidden = {"p7"}
    refused = await note(client, customer_ids=many)
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
    assert len(await timeline(client, "p0")) == 1


async def test_an_entry_shows_only_the_customers_that_its_reader_may_see(
    it: Standing, client: httpx.AsyncClient, customers: CustomersFake
) -> None:
    """R12: unknown means invisible."""
    made = (await note(client, customer_ids=["c1", "c2", "c3"])).json()
    await it.user("clerk", permissions.ALL)
    customers.only["clerk"] = {"c2"}
    clerk = it.client("clerk")
    at = f"/log-entries/{made['id']}"
    seen = (await clerk.get(at)).json()
    assert (seen["customer_ids"], seen["more_customers"]) == (["c2"], True)
    (shown,) = await timeline(clerk, "c2")
    assert shown["customer_ids"] == ["c2"]
    assert (await clerk.get("/customers/c1/timeline")).status_code == 404
    edited = await clerk.patch(at, json={"actions": [{"text": "x"}]}, headers={"if-match": '"1"'})
    assert (edited.status_code, edited.json()["code"]) == (403, "forbidden")
    customers.only["clerk"] = set()
    for answer in (
        await clerk.get(at),
        await clerk.get(f"{at}/history"),
        await clerk.delete(at, headers={"if-match": '"1"'}),
        await clerk.put(f"{at}/description", json={"text": "x"}, headers={"if-match": '"1"'}),
    ):
        assert answer.status_code == 404


async def test_an_edit_keeps_what_was_said_before(it: Standing, client: httpx.AsyncClient) -> None:
    """L2."""
    made = (await note(client, "offer", "urgent")).json()
    at = f"/log-entries/{made['id']}"
    patch = {"occurred_at": "2026-11-01T00:00:00Z", "actions": [{"text": "Called twice", "tags": ["calm"]}]}
    edited = await client.patch(at, json=patch, headers={"if-match": '"1"'})
    assert (edited.status_code, edited.headers["etag"]) == (200, '"2"')
    assert edited.json()["actions"][0]["text"] == "Called twice"
    assert [entry["occurred_at"] for entry in await timeline(client)] == ["2026-11-01T00:00:00Z"]
    (change,) = (await client.get(f"{at}/history")).json()["items"]
    assert (change["change"], change["by"], change["version"]) == ("edited", "master", 2)
    assert change["before"]["occurred_at"] == made["occurred_at"]
    assert change["before"]["actions"] == made["actions"]
    assert await timeline(client, tags="urgent") == []
    assert len(await timeline(client, tags="calm")) == 1
    unchanged = await client.patch(at, json={}, headers={"if-match": '"2"'})
    assert unchanged.json()["version"] == 2


async def test_a_stale_edit_changes_nothing_and_shows_what_is_there(it: Standing, client: httpx.AsyncClient) -> None:
    """C9's rule for entries."""
    made = (await note(client)).json()
    at = f"/log-entries/{made['id']}"
    body = {"actions": [{"text": "Mine"}]}
    assert (await client.patch(at, json=body, headers={"if-match": '"1"'})).status_code == 200
    for method, to, json in (("PATCH", at, body), ("PUT", f"{at}/description", {"text": "x"}), ("DELETE", at, None)):
        missing = await client.request(method, to, json=json)
        assert (missing.status_code, missing.json()["code"]) == (428, "precondition_required")
        stale = await client.request(method, to, json=json, headers={"if-match": '"1"'})
        assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
        current = stale.json()["current"]
        assert (current["actions"][0]["text"], current["customer_ids"]) == ("Mine", ["c1"])
        assert (current["recorded_by_name"], current["version"]) == ("master", 2)
    ahead = await client.patch(at, json=body, headers={"if-match": '"9"'})
    assert ahead.status_code == 412


async def test_a_deleted_entry_is_gone_but_for_its_history(it: Standing, client: httpx.AsyncClient) -> None:
    """L2."""
    made = (await note(client, "urgent")).json()
    at = f"/log-entries/{made['id']}"
    assert (await client.delete(at, headers={"if-match": '"1"'})).status_code == 204
    assert await timeline(client) == []
    assert (await client.get(at)).status_code == 404
    assert (await client.delete(at, headers={"if-match": '"2"'})).status_code == 404
    (change,) = (await client.get(f"{at}/history")).json()["items"]
    assert (change["change"], change["before"]["actions"][0]["text"]) == ("deleted", "Called back")
    await it.user("reader", ["entries.view"])
    assert (await it.client("reader").get(f"{at}/history")).status_code == 404
    await it.drain()
    published = [record["data"] for record in await it.read(topics.ENTRIES)]
    assert [(one["version"], one["removed"]) for one in published][-1] == (2, True)
    (urgent,) = (await client.get("/tags?q=urgent")).json()["items"]
    assert urgent["count"] == 0


async def test_a_description_stands_beside_the_delivery_and_survives_its_progress(
    it: Standing, client: httpx.AsyncClient
) -> None:
    """L3: any permitted user; what a provider reports meanwhile makes no writer's ETag stale."""
    await message(it, "m1", 1)
    (entry,) = await timeline(client)
    await message(it, "m1", 2, state="sent", at="2026-11-22T09:31:00Z")
    await it.user("clerk", ["entries.view", "entries.describe"])
    at = f"/log-entries/{entry['id']}/description"
    written = await it.client("clerk").put(at, json={"text": " She was glad "}, headers={"if-match": '"1"'})
    assert written.status_code == 200, written.text
    await message(it, "m1", 3, state="delivered", at="2026-11-22T09:32:00Z")
    (shown,) = await timeline(client)
    assert (shown["description"], shown["described_by"]) == ("She was glad", "clerk")
    assert shown["delivery"]["state"] == "delivered"
    assert shown["version"] == 4
    assert len(await timeline(client, q="glad", parts="description")) == 1
    stale = await client.put(at, json={"text": "No"}, headers={"if-match": '"2"'})
    assert stale.status_code == 412
    cleared = await client.put(at, json={"text": ""}, headers={"if-match": '"4"'})
    assert cleared.json()["description"] is None
    assert len(await timeline(client, q="delivered", parts="description")) == 1
    assert (await client.get("/customers/c1/timeline:verify")).json() == {"valid": True, "entries": 1}


async def test_only_master_writes_entries_until_it_is_opened_to_others(it: Standing, client: httpx.AsyncClient) -> None:
    """L4."""
    made = (await note(client)).json()
    await fact(it, "created", "c1", version=1)
    at = f"/log-entries/{made['id']}"
    for role in ("manager", "member"):
        await it.user(role, sorted(permissions.BUILT_IN_ROLES[role]))
        someone = it.client(role)
        for answer in (
            await note(someone),
            await someone.patch(at, json={}, headers={"if-match": '"1"'}),
            await someone.delete(at, headers={"if-match": '"1"'}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
        assert len(await timeline(someone)) == 2
    await it.user("writer", ["entries.view", "entries.create"])
    assert (await note(it.client("writer"))).status_code == 201


async def test_a_repeated_post_with_its_key_writes_once(it: Standing, client: httpx.AsyncClient) -> None:
    """R5."""
    body = {"customer_ids": ["c1"], "actions": [{"text": "Once", "tags": ["fresh"]}]}
    answers = [await client.post("/log-entries", json=body, headers={"idempotency-key": "k"}) for _ in range(3)]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(await timeline(client)) == 1


async def test_what_is_no_entry_is_refused_with_its_place(it: Standing, client: httpx.AsyncClient) -> None:
    good = {"customer_ids": ["c1"], "actions": [{"text": "x"}]}
    bad = {
        "customer_ids": good | {"customer_ids": []},
        "actions": good | {"actions": []},
        "actions.0": good | {"actions": [{"text": " ", "tags": []}]},
        "actions.0.tags.0": good | {"actions": [{"text": "x", "tags": ["\u200c"]}]},
        "occurred_at": good | {"occurred_at": "2026-11-20T10:00:00"},
        "attachments": good | {"attachments": []},
    }
    for place, body in bad.items():
        answer = await client.post("/log-entries", json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")
        assert [error["field"] for error in answer.json()["errors"]] == [place]
    far = await client.post("/log-entries", json=good | {"occurred_at": "0001-01-01T00:00:00+14:00"})
    assert far.status_code == 422
    assert await timeline(client) == []
    at = f"/log-entries/{(await note(client)).json()['id']}"
    bad_patches: list[dict[str, object]] = [{"actions": None}, {"occurred_at": None}, {"actions": []}, {"text": "x"}]
    for patch in bad_patches:
        assert (await client.patch(at, json=patch, headers={"if-match": '"1"'})).status_code == 422
    assert (await client.get(at)).json()["version"] == 1


async def test_an_import_entry_on_a_page_names_a_hundred_customers_at_most(
    it: Standing, client: httpx.AsyncClient, customers: CustomersFake
) -> None:
    people = [f"p{number}" for number in range(300)]
    for batch in range(3):
        await imported(it, people, batch=batch)
    customers.asked.clear()
    page = await timeline(client, "p299")
    assert len(page) == 3
    assert all(len(entry["customer_ids"]) <= 100 and entry["more_customers"] for entry in page)
    assert all("p299" in entry["customer_ids"] for entry in page)
    assert [len(ids) for ids in customers.asked] == [1, 100]
