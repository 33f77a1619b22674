"""M2: templates through the API."""

import pytest

from rapport_contracts import topics

BIRTHDAY = {"name": "Birthday", "channel": "sms", "body": "Dear {{first_name|friend}}, all the best!"}


async def save(desk, **fields):
    answer = await desk.http.post("/templates", json=BIRTHDAY | fields)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_template_is_saved_read_changed_and_deleted(desk):
    """M2: versions by ETag."""
    answer = await desk.http.post("/templates", json=BIRTHDAY)
    made = answer.json()
    assert answer.headers["location"] == f"/api/v1/templates/{made['id']}"
    path, etag = f"/templates/{made['id']}", answer.headers["etag"]
    assert (await desk.http.get(path)).headers["etag"] == etag == '"1"'
    assert (await desk.http.patch(path, json={"body": "x"})).status_code == 428
    changed = await desk.http.patch(path, json={"body": "Hi {{last_name}}"}, headers={"if-match": etag})
    assert (changed.status_code, changed.json()["version"], changed.headers["etag"]) == (200, 2, '"2"')
    stale = await desk.http.patch(path, json={"body": "y"}, headers={"if-match": etag})
    assert (stale.status_code, stale.json()["current"]["body"]) == (412, "Hi {{last_name}}")
    assert (await desk.http.delete(path, headers={"if-match": etag})).status_code == 412
    assert (await desk.http.delete(path, headers={"if-match": '"2"'})).status_code == 204
    assert (await desk.http.get(path)).status_code == 404


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"body": "Hi {{frist_name}}"}, 422, "unknown_variable"),
        ({"channel": "email"}, 422, "validation_failed"),
        ({"subject": "s"}, 422, "validation_failed"),
        ({"name": " "}, 422, "validation_failed"),
        ({"body": "  "}, 422, "validation_failed"),
        ({"group_ids": ["g9"]}, 422, "validation_failed"),
        ({"name": "birthday"}, 409, "name_taken"),
    ],
)
async def test_what_is_wrong_is_refused_at_save(desk, fields, status, code):
    """M2: unknown variable refused at save."""
    await save(desk)
    answer = await desk.http.post("/templates", json=BIRTHDAY | {"name": "Other"} | fields)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert len((await desk.http.get("/templates")).json()["items"]) == 1


async def test_a_change_is_checked_like_a_new_one(desk):
    """M2."""
    made = await save(desk)
    for patch, status in (({"body": "{{nope}}"}, 422), ({"name": None}, 422), ({"subject": "s"}, 422)):
        answer = await desk.http.patch(f"/templates/{made['id']}", json=patch, headers={"if-match": '"1"'})
        assert answer.status_code == status
    assert (await desk.http.get(f"/templates/{made['id']}")).json() == made


async def define(desk, field_id, title, **more):
    field = {
        "type": "field",
        "id": field_id,
        "title": title,
        "field_type": "text",
        "section_id": "s",
        "version": 1,
    } | more
    await desk.standing.publish(topics.DEFINITIONS, f"field:{field_id}", field)
    await desk.drain()


async def test_custom_fields_are_variables_for_those_who_see_them(desk, customer):
    """M2, Q6: a hidden field can be neither shown nor guessed."""
    await desk.standing.group("g1")
    await desk.standing.group("g2")
    await define(desk, "f1", "Favourite tea", field_type="list", list="teas")
    await define(desk, "f2", "Secret", group_ids=["g2"])
    teas = {
        "type": "list",
        "id": "l",
        "name": "teas",
        "version": 1,
        "items": [{"id": "i1", "label": "Earl Grey", "position": 0}],
    }
    await desk.standing.publish(topics.DEFINITIONS, "list:teas", teas)
    await desk.know(customer("reza", "+989121111111", fields={"f1": "i1"}))
    body = {"body": "Tea: {{custom.f1}}", "customer_id": "reza"}
    tried = (await desk.http.post("/templates:preview", json=body)).json()
    assert tried == {"text": "Tea: Earl Grey", "encoding": "GSM-7", "parts": 1, "units": 14, "forced_by": None}
    wrong = await desk.http.post("/templates:preview", json=body | {"body": "{{favourite tee}}"})
    assert wrong.json()["suggestion"] == "custom.f1"
    await desk.standing.user("one", ["messages.view", "messages.send"], [{"group_id": "g1", "view": True}])
    narrow = desk.standing.client("one")
    names = [one["name"] for one in (await narrow.get("/templates/variables")).json()["items"]]
    assert "custom.f1" in names
    assert "custom.f2" not in names
    assert (await narrow.post("/templates:preview", json=body | {"body": "{{custom.f2}}"})).status_code == 422
    await define(desk, "f1", "Favourite tea", version=2, removed=True)
    assert (await desk.http.post("/templates:preview", json=body)).status_code == 422


async def test_a_template_is_tried_with_a_visible_customer_only(desk, customer):
    """M2, R12."""
    await desk.know(customer("reza", "+989121111111"))
    desk.world.hidden.add("reza")
    answer = await desk.http.post("/templates:preview", json={"body": "x", "customer_id": "reza"})
    assert answer.status_code == 404


async def test_variables_of_sender_and_organization(desk, customer):
    """M2."""
    acme = {"id": "acme", "kind": "organization", "name": "Acme Ltd", "first_name": None}
    await desk.know(
        customer("acme") | acme,
        customer("reza", "+989121111111", organizations=[{"id": "acme", "position": "CEO"}]),
    )
    body = {"body": "{{user.name}}: {{organization.name}}, {{organization.position}}", "customer_id": "reza"}
    assert (await desk.http.post("/templates:preview", json=body)).json()["text"] == "master: Acme Ltd, CEO"
    text = {"channel": "sms", "audience": {"customer_ids": ["reza"]}, "text": body["body"]}
    found = (await desk.http.post("/messages:preview", json=text)).json()
    assert found["samples"] == [{"customer_id": "reza", "body": "master: Acme Ltd, CEO"}]


async def test_bound_templates_are_offered_to_who_sees_their_groups(desk):
    """M2: bound to groups or general."""
    for group, parent in (("g1", None), ("g1a", "g1"), ("g2", None)):
        await desk.standing.group(group, parent_id=parent)
    await save(desk, name="general")
    bound = await save(desk, name="one", group_ids=["g1"])
    await save(desk, name="two", group_ids=["g2"])
    await desk.standing.user("seller", ["messages.view"], [{"group_id": "g2", "view": True}])
    seller = desk.standing.client("seller")

    async def names(client, **query):
        return [one["name"] for one in (await client.get("/templates", params=query)).json()["items"]]

    assert await names(desk.http) == ["general", "one", "two"]
    assert await names(seller) == ["general", "two"]
    assert await names(desk.http, group_id="g1a") == ["general", "one"]
    assert (await seller.get(f"/templates/{bound['id']}")).status_code == 404


async def test_templates_are_paged_by_name(desk):
    """M2."""
    for name in ("c", "a", "b"):
        await save(desk, name=name)
    first = (await desk.http.get("/templates", params={"limit": 2})).json()
    assert [one["name"] for one in first["items"]] == ["a", "b"]
    rest = (await desk.http.get("/templates", params={"limit": 2, "after": first["next"]})).json()
    assert ([one["name"] for one in rest["items"]], rest["next"]) == (["c"], None)


async def test_a_template_is_sent(desk, customer):
    """M1, M2."""
    made = await save(desk)
    await desk.know(customer("reza", "+989121111111"), customer("anon", "+989122222222", first_name=None))
    async with desk.working():
        await desk.ended(await desk.send(audience={"query": {"all": []}}, template_id=made["id"]))
    assert {one["body"] for one in await desk.messages()} == {
        "Dear Reza, all the best!",
        "Dear friend, all the best!",
    }
