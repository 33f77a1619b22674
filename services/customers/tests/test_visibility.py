"""What a caller may not see does not exist for the caller (G1, Q6, C4), and survives the caller's edits."""

from __future__ import annotations

from typing import Any

import pytest

from rapport_testkit.customers import organization_body, person_body

GRANTS = ["customers.view", "customers.create", "customers.edit", "groups.edit", "fields.edit"]


@pytest.fixture
async def world(api: Any) -> dict[str, Any]:
    """Groups A (with A1 below) and B; a member who edits A and sees C."""
    a, b, c = [await api.group(name) for name in "ABC"]
    a1 = await api.group("A1", a)
    access = [{"group_id": a, "view": True, "edit": True}, {"group_id": c, "view": True}]
    return {"a": a, "b": b, "c": c, "a1": a1, "member": await api.as_user("member", GRANTS, access)}


async def test_customers_of_other_groups_do_not_exist(api: Any, world: dict[str, Any]):
    """Q6: every read is cut in the query itself."""
    hidden = await api.post("/customers", person_body(world["b"]))
    seen = await api.post("/customers", person_body(world["a1"]))
    member = world["member"]
    for path in ("", "/history", "/members"):
        await member.get(f"/customers/{hidden['id']}{path}", 404)
    await member.patch(f"/customers/{hidden['id']}", 1, {}, 404)
    assert [one["id"] for one in (await member.get("/customers"))["items"]] == [seen["id"]]
    both = {"ids": [hidden["id"], seen["id"]]}
    assert [one["id"] for one in (await member.post("/customers:batch-get", both, 200))["items"]] == [seen["id"]]
    names = await member.post("/internal/customers/visible", both, 200)
    assert [one["id"] for one in names["items"]] == [seen["id"]]


async def test_a_member_without_any_group_sees_nothing(api: Any, world: dict[str, Any]):
    await api.post("/customers", person_body(world["a"]))
    nobody = await api.as_user("nobody", GRANTS, [])
    assert (await nobody.get("/customers"))["items"] == []
    assert (await nobody.get("/groups"))["items"] == []


async def test_seeing_is_not_changing(api: Any, world: dict[str, Any]):
    """G1: edit rights on a group of the customer; 403, not 404."""
    made = await api.post("/customers", person_body(world["c"]))
    member = world["member"]
    assert (await member.patch(f"/customers/{made['id']}", 1, {"first_name": "X"}, 403))["code"] == "forbidden"
    assert (await member.post("/customers", person_body(world["c"]), 403))["code"] == "forbidden"
    assert (await member.post(f"/customers/{made['id']}:disable", status=403))["code"] == "forbidden"
    own = await member.post("/customers", person_body(world["a"]))
    assert (await member.patch(f"/customers/{own['id']}", 1, {"groups": [world["a"], world["c"]]}, 403))[
        "code"
    ] == "forbidden"
    assert (await member.patch(f"/groups/{world['c']}", 1, {"name": "X"}, 403))["code"] == "forbidden"
    assert (await member.post("/groups", {"name": "Top"}, 403))["code"] == "forbidden"
    await member.post("/groups", {"name": "Below", "parent_id": world["a"]})


async def test_groups_that_are_not_seen_are_neither_shown_nor_lost(api: Any, world: dict[str, Any]):
    """C3: the invisible groups of a customer survive an edit of its groups."""
    made = await api.post("/customers", person_body(world["a"], world["b"]))
    path, member = f"/customers/{made['id']}", world["member"]
    assert (await member.get(path))["groups"] == [world["a"]]
    assert (await member.patch(path, 1, {"groups": [world["b"]]}, 422))["errors"][0]["code"] == "unknown_group"
    changed = await member.patch(path, 1, {"groups": [world["a"], world["a1"]]})
    assert changed["groups"] == [world["a"], world["a1"]]
    assert (await api.get(path))["groups"] == [world["a"], world["b"], world["a1"]]
    names = [(one["name"], one["parent_id"]) for one in (await member.get("/groups"))["items"]]
    assert names == [("A", None), ("A1", world["a"]), ("C", None)]


async def test_a_scoped_field_is_shown_by_members_of_its_groups_to_users_of_them(api: Any, world: dict[str, Any]):
    """C4: group scope covers subgroups; hidden values cannot be written and survive."""
    secret = await api.field("Secret", group_ids=[world["b"]])
    shared = await api.field("Shared", group_ids=[world["a"]])
    fields = {secret: "s", shared: "x"}
    made = await api.post("/customers", person_body(world["a1"], world["b"], fields=fields))
    path, member = f"/customers/{made['id']}", world["member"]
    assert made["fields"] == fields
    assert (await member.get(path))["fields"] == {shared: "x"}
    assert [one["id"] for one in (await member.get("/custom-fields"))["items"]] == [shared]
    refused = await member.patch(path, 1, {"fields": {secret: "mine"}}, 422)
    assert refused["errors"][0]["code"] == "unknown_field"
    assert (await member.patch(path, 1, {"fields": None, "first_name": "Sara"}))["fields"] == {}
    assert (await api.get(path))["fields"] == {secret: "s"}
    await api.patch(path, 2, {"fields": {secret: "t"}})
    fields_changed = [
        change["field"] for one in (await member.get(f"{path}/history"))["items"] for change in one["changes"]
    ]
    assert fields_changed == ["first_name", f"custom.{shared}"]
    await member.patch(f"/custom-fields/{secret}", 1, {"title": "X"}, 404)


async def test_a_value_stays_while_its_customer_is_outside_the_scope(api: Any, world: dict[str, Any]):
    """C4: only members of the field's groups show it."""
    field = await api.field("Scoped", group_ids=[world["a"]])
    made = await api.post("/customers", person_body(world["a"], fields={field: "x"}))
    path = f"/customers/{made['id']}"
    assert (await api.patch(path, 1, {"groups": [world["b"]]}))["fields"] == {}
    refused = await api.patch(path, 2, {"fields": {field: "y"}}, 422)
    assert refused["errors"][0]["code"] == "unknown_field"
    assert (await api.patch(path, 2, {"groups": [world["a1"]]}))["fields"] == {field: "x"}


async def test_links_to_hidden_customers_are_neither_shown_nor_lost(api: Any, world: dict[str, Any]):
    """C1, Q6: a hidden organization cannot be guessed from a person."""
    hidden = await api.post("/customers", organization_body(world["b"]))
    made = await api.post(
        "/customers", person_body(world["a"], organizations=[{"id": hidden["id"]}], related_to=hidden["id"])
    )
    path, member = f"/customers/{made['id']}", world["member"]
    seen = await member.get(path)
    assert (seen["organizations"], seen["related_to"]) == ([], None)
    refused = await member.patch(path, 1, {"organizations": [{"id": hidden["id"]}]}, 422)
    assert refused["errors"][0]["code"] == "unknown_organization"
    for said in (hidden["id"], "nowhere"):
        refused = await member.patch(path, 1, {"related_to": said}, 422)
        assert refused["errors"][0]["code"] == "unknown_organization"
    await member.patch(path, 1, {"organizations": [], "first_name": "Sara"})
    assert (await api.get(path))["organizations"] == [{"id": hidden["id"], "position": None}]
    hidden_person = await api.post("/customers", person_body(world["b"], organizations=[]))
    company = await api.post("/customers", organization_body(world["a"]))
    link = {"organizations": [{"id": company["id"]}]}
    await api.patch(f"/customers/{hidden_person['id']}", 1, link)
    assert (await member.get(f"/customers/{company['id']}"))["members"] == []


async def test_a_right_that_was_taken_away_is_gone(api: Any, world: dict[str, Any]):
    """G1: decided from the directory on every request."""
    made = await api.post("/customers", person_body(world["a"]))
    await world["member"].get(f"/customers/{made['id']}")
    demoted = await api.as_user("member", ["customers.view"], [{"group_id": world["b"], "view": True}])
    await demoted.get(f"/customers/{made['id']}", 404)
    assert (await demoted.post("/customers", person_body(world["b"]), 403))["code"] == "forbidden"


async def test_every_route_needs_its_permission(api: Any):
    """R12: signed in without any permission."""
    stranger = await api.as_user("stranger", [], None)
    for path in (
        "/customers",
        "/customers/x",
        "/customers/x/history",
        "/groups",
        "/custom-fields",
        "/field-sections",
        "/lists",
    ):
        assert (await stranger.get(path, 403))["code"] == "forbidden"
    for path in ("/groups", "/custom-fields", "/field-sections", "/lists", "/customers"):
        answer = await stranger.http.post(path, json={})
        assert answer.status_code in {403, 422}
        assert (await api.it.client(None).post(path, json={})).status_code in {401, 422}
