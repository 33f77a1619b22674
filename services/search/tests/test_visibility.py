"""A caller finds, counts, sorts, filters and guesses only what the caller may see (Q6, R12)."""

from typing import Any

import pytest


@pytest.fixture
async def shop(search: Any) -> Any:
    """Two groups, one below another; a clerk who views `east` with everything below it."""
    await search.standing.group("east")
    await search.standing.group("port", parent_id="east")
    await search.standing.group("west")
    await search.standing.user("clerk", ["customers.view"], [{"group_id": "east", "view": True}])
    await search.standing.user("stranger", ["customers.view"], [])
    await search.put("c1", last_name="East", groups=["east"], address={"city": "Tabriz"})
    await search.put("c2", last_name="Port", groups=["port", "west"], address={"city": "Bushehr"})
    await search.put("c3", last_name="West", groups=["west"], address={"city": "Ilam"})
    return search


async def test_only_customers_of_ones_groups_and_of_those_below_are_found(shop: Any) -> None:
    assert await shop.ids(user="clerk") == ["c1", "c2"]
    assert await shop.ids(user="master") == ["c1", "c2", "c3"]
    assert await shop.ids(user="stranger") == []
    assert (await shop.search("clerk", query={"none": []}))["count"] == 2


async def test_hidden_groups_are_neither_shown_nor_counted_nor_asked_for(shop: Any) -> None:
    found = await shop.search("clerk", facets=["groups", "city"])
    assert [item["groups"] for item in found["items"]] == [["east"], ["port"]]
    assert {one["value"] for one in found["facets"]["groups"]} == {"east", "port"}
    assert {one["value"] for one in found["facets"]["city"]} == {"tabriz", "bushehr"}
    west = {"field": "group", "op": "is", "value": "west"}
    assert await shop.ids(west, "clerk") == await shop.ids({"field": "group", "op": "is", "value": "no-such"}, "clerk")
    assert await shop.ids(west, "master") == ["c2", "c3"]
    assert await shop.ids({"none": [west]}, "clerk") == ["c1", "c2"]


async def test_a_group_is_taken_with_or_without_subgroups(shop: Any) -> None:
    """Q3."""
    assert await shop.ids({"field": "group", "op": "is", "value": {"id": "east"}}) == ["c1"]
    assert await shop.ids({"field": "group", "op": "is", "value": {"id": "east", "subgroups": True}}) == ["c1", "c2"]


async def test_quick_search_and_scan_are_cut_to_the_visible(shop: Any) -> None:
    assert await shop.quick("west", "clerk") == []
    assert await shop.quick("west", "master") == ["c3"]
    answer = await shop.client("clerk").post("/customers:scan", json={})
    assert len(answer.text.splitlines()) == 2


async def test_a_field_of_other_groups_is_a_field_that_does_not_exist(shop: Any) -> None:
    """C4, Q6: it cannot be shown, filtered, nor told apart from one that never was."""
    await shop.field("f-west", "text", ["west"])
    await shop.field("f-all", "text")
    await shop.put("c2", groups=["port", "west"], fields={"f-west": "secret", "f-all": "open"})
    (item,) = [one for one in (await shop.search("clerk"))["items"] if one["id"] == "c2"]
    assert item["fields"] == {"f-all": "open"}
    client = shop.client("clerk")
    refusals = []
    for name in ("custom.f-west", "custom.f-none"):
        answer = await client.post("/customers:search", json={"query": {"field": name, "op": "filled"}})
        refusals.append((answer.status_code, answer.json()["errors"][0]["code"], answer.json()["errors"][0]["detail"]))
    assert refusals[0] == refusals[1]
    assert refusals[0][0] == 422
    assert await shop.ids({"field": "custom.f-west", "op": "is", "value": "Secret"}) == ["c2"]


async def test_a_value_kept_outside_its_fields_groups_is_not_found(shop: Any) -> None:
    """C4: only members of the field's groups show it; with subgroups."""
    await shop.field("f1", "text", ["east"])
    await shop.put("c2", groups=["port"], fields={"f1": "kept"})
    await shop.put("c3", groups=["west"], fields={"f1": "kept"})
    assert await shop.ids({"field": "custom.f1", "op": "is", "value": "kept"}) == ["c2"]
    assert await shop.ids({"field": "custom.f1", "op": "empty"}) == ["c1", "c3"]
    items = {item["id"]: item["fields"] for item in (await shop.search())["items"]}
    assert items == {"c1": {}, "c2": {"f1": "kept"}, "c3": {}}


async def test_no_custom_value_is_reached_by_quick_search(shop: Any) -> None:
    """Q6: what only some may see never joins a text that all search."""
    await shop.field("f1", "text", ["west"])
    await shop.put("c1", last_name="East", groups=["east", "west"], fields={"f1": "canary bird"})
    for text in ("canary", "bird", "canary bird", "can"):
        assert await shop.quick(text) == []


async def test_a_right_taken_away_is_gone_from_the_next_search(shop: Any) -> None:
    """R12."""
    assert await shop.ids(user="clerk") == ["c1", "c2"]
    await shop.standing.user("clerk", ["customers.view"], [])
    assert await shop.ids(user="clerk") == []
