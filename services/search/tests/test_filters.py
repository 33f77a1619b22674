"""/filters and /recently-viewed (Q2)."""

from typing import Any

QUERY = {"field": "city", "op": "is", "value": "Tehran"}


async def create(client: Any, **more: Any) -> Any:
    return await client.post("/filters", json={"name": "Mine", "query": QUERY} | more)


async def test_the_fixed_filters_are_there_from_the_first_day(search: Any) -> None:
    """Q2: all, persons, organizations, newly added, recently viewed, mine."""
    await search.put("p1", created_by="master")
    await search.put("o1", kind="organization", name="Alpha")
    now = search.standing.runtime.clock.now().isoformat()
    await search.put("p2", created_at=now)
    listed = (await search.client().get("/filters")).json()["items"]
    assert [one["id"] for one in listed] == [
        "all",
        "persons",
        "organizations",
        "newly_added",
        "recently_viewed",
        "mine",
    ]
    assert all(one["fixed"] for one in listed)
    found = {one["id"]: sorted(await search.ids(filter=one["id"])) for one in listed}
    assert found == {
        "all": ["o1", "p1", "p2"],
        "persons": ["p1", "p2"],
        "organizations": ["o1"],
        "newly_added": ["p2"],
        "recently_viewed": [],
        "mine": ["p1"],
    }


async def test_recently_viewed_is_per_user_in_the_order_of_viewing(search: Any) -> None:
    for customer_id in ("c1", "c2", "c3"):
        await search.put(customer_id)
    client = search.client()
    for customer_id in ("c3", "c1", "c2", "c1", "hidden"):
        assert (await client.post("/recently-viewed", json={"customer_id": customer_id})).status_code == 204
    assert await search.ids(filter="recently_viewed") == ["c1", "c2", "c3"]
    assert await search.ids(filter="recently_viewed", limit=1) == ["c1"]
    assert await search.ids(filter="recently_viewed", sort=[{"field": "name"}]) == ["c1", "c2", "c3"]
    await search.standing.user("other", ["customers.view"])
    assert await search.ids(filter="recently_viewed", user="other") == []


async def test_only_a_hundred_views_are_kept(search: Any) -> None:
    client = search.client()
    for number in range(105):
        await client.post("/recently-viewed", json={"customer_id": f"c{number}"})
    from rapport_search.store import views

    kept = await search.standing.runtime.db.read(views.recent, "master")
    assert len(kept) == 100
    assert kept[0] == "c104"


async def test_a_saved_filter_stays_live(search: Any) -> None:
    """Q2."""
    saved = await create(search.client(), sort=[{"field": "created_at", "direction": "desc"}], columns=["city"])
    assert saved.status_code == 201
    assert saved.headers["etag"] == '"1"'
    assert saved.headers["location"] == f"/api/v1/filters/{saved.json()['id']}"
    assert await search.ids(filter=saved.json()["id"]) == []
    await search.put("c1", address={"city": "tehran"}, last_name="A")
    await search.put("c2", address={"city": "tehran"}, last_name="B")
    await search.put("c3", address={"city": "Shiraz"})
    assert await search.ids(filter=saved.json()["id"]) == ["c2", "c1"]
    narrowed = {"field": "last_name", "op": "is", "value": "a"}
    assert await search.ids(narrowed, filter=saved.json()["id"]) == ["c1"]


async def test_a_filter_changes_under_its_etag_only(search: Any) -> None:
    client = search.client()
    saved = (await create(client)).json()
    place = f"/filters/{saved['id']}"
    assert (await client.patch(place, json={"name": "X"})).status_code == 428
    changed = await client.patch(place, json={"name": "Renamed", "query": None}, headers={"if-match": '"1"'})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert changed.json()["query"] is None
    stale = await client.patch(place, json={"name": "Y"}, headers={"if-match": '"1"'})
    assert (stale.status_code, stale.json()["code"], stale.json()["current"]["name"]) == (
        412,
        "stale_version",
        "Renamed",
    )
    read = await client.get(place)
    assert (read.json()["name"], read.headers["etag"]) == ("Renamed", '"2"')
    assert (await client.delete(place, headers={"if-match": '"1"'})).status_code == 412
    assert (await client.delete(place, headers={"if-match": '"2"'})).status_code == 204
    assert (await client.get(place)).status_code == 404


async def test_a_filter_is_shared_with_a_role_by_who_may_share(search: Any) -> None:
    """Q2."""
    for user in ("ann", "bob"):
        await search.standing.user(user, ["customers.view"])
    ann, bob, master = (search.client(user) for user in ("ann", "bob", "master"))
    assert (await create(ann, shared_with=["role-bob"])).status_code == 403
    shared = (await create(master, shared_with=["role-bob"])).json()
    assert [one["id"] for one in (await bob.get("/filters")).json()["items"] if not one["fixed"]] == [shared["id"]]
    assert (await bob.get(f"/filters/{shared['id']}")).json()["own"] is False
    assert (await ann.get(f"/filters/{shared['id']}")).status_code == 404
    refused = await bob.patch(f"/filters/{shared['id']}", json={"name": "Bob's"}, headers={"if-match": '"1"'})
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    await master.patch(f"/filters/{shared['id']}", json={"shared_with": []}, headers={"if-match": '"1"'})
    assert (await bob.get(f"/filters/{shared['id']}")).status_code == 404


async def test_a_shared_filter_on_a_hidden_field_does_not_exist_for_its_reader(search: Any) -> None:
    """Q6."""
    await search.standing.group("west")
    await search.standing.group("east")
    await search.field("f1", "text", ["west"])
    await search.standing.user("bob", ["customers.view"], [{"group_id": "east", "view": True}])
    query = {"field": "custom.f1", "op": "is", "value": "secret"}
    saved = (await create(search.client(), query=query, shared_with=["role-bob"])).json()
    bob = search.client("bob")
    assert (await bob.get(f"/filters/{saved['id']}")).status_code == 404
    assert saved["id"] not in {one["id"] for one in (await bob.get("/filters")).json()["items"]}
    assert (await bob.post("/customers:search", json={"filter": saved["id"]})).status_code == 404


REFUSED: list[tuple[dict[str, Any], int, str]] = [
    ({"query": {"field": "nothing", "op": "is", "value": 1}}, 422, "validation_failed"),
    ({"sort": [{"field": "nothing"}]}, 422, "validation_failed"),
    ({"name": "  "}, 422, "validation_failed"),
    ({"surprise": 1}, 422, "validation_failed"),
    ({"name": "MINE"}, 409, "name_taken"),
]


async def test_a_filter_that_cannot_be_used_is_not_saved(search: Any) -> None:
    client = search.client()
    await create(client)
    for more, status, code in REFUSED:
        answer = await create(client, **more)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert len((await client.get("/filters")).json()["items"]) == 7


async def test_fixed_filters_cannot_be_changed(search: Any) -> None:
    client = search.client()
    assert (await client.delete("/filters/all", headers={"if-match": '"1"'})).status_code == 403


async def test_filters_are_paged(search: Any) -> None:
    client = search.client()
    made = [(await create(client, name=f"f{number}")).json()["id"] for number in range(5)]
    first = (await client.get("/filters", params={"limit": 2})).json()
    second = (await client.get("/filters", params={"limit": 2, "after": first["next"]})).json()
    third = (await client.get("/filters", params={"limit": 2, "after": second["next"]})).json()
    listed = [one["id"] for page in (first, second, third) for one in page["items"] if not one["fixed"]]
    assert listed == sorted(made)
    assert third["next"] is None


async def test_a_repeated_post_saves_one_filter(search: Any) -> None:
    """R5."""
    client = search.client()
    headers = {"idempotency-key": "k1"}
    answers = [await client.post("/filters", json={"name": "Once"}, headers=headers) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len((await client.get("/filters")).json()["items"]) == 7
