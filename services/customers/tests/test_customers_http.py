"""One customer at a time through HTTP: created, read, changed, refused."""

from __future__ import annotations

from typing import Any

from rapport_contracts import topics
from rapport_contracts.events import CustomerDocument
from rapport_testkit.customers import organization_body, person_body


async def test_a_person_is_created_as_the_api_says(api: Any):
    """C1, C2: kinds, contacts with their key, one primary per kind, the location."""
    group = await api.group()
    contacts = [
        {"kind": "mobile", "label": "work", "value": "۰۹۱۲ 345 6789"},
        {"kind": "mobile", "value": "0935 111 2233", "primary": True},
        {"kind": "mobile", "value": "+98 912 345 6789", "label": "again"},
        {"kind": "email", "value": "A@b.co"},
        {"kind": "phone", "value": "not a number"},
    ]
    body = person_body(
        group, contacts=contacts, address={"city": "تهران", "country": "ایران"}, title=" Mr. ", description=""
    )
    answer = await api.http.post("/customers", json=body)
    assert answer.status_code == 201
    made = answer.json()
    assert answer.headers["location"] == f"/api/v1/customers/{made['id']}"
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["x-position"] == f"{made['id']}@1"
    assert [(one["kind"], one["e164"], one["primary"]) for one in made["contacts"]] == [
        ("mobile", "+989123456789", False),
        ("mobile", "+989351112233", True),
        ("email", None, True),
        ("phone", None, True),
    ]
    assert made["contacts"][0]["label"] == "work"
    assert (made["title"], made["description"], made["address"]["city"]) == ("Mr.", None, "تهران")
    assert made == await api.get(f"/customers/{made['id']}")
    await api.it.drain()
    (state,) = await api.it.read(topics.CUSTOMERS)
    assert state["data"] == made
    CustomerDocument.model_validate(state["data"])


async def test_a_number_is_read_in_the_country_of_the_address_and_keeps_its_key(api: Any):
    """C2: the default region is a setting; a customer's own country comes first."""
    group = await api.group()
    number = {"kind": "mobile", "value": "0912 345 6789"}
    made = await api.post("/customers", person_body(group, contacts=[number], address={"country": "ایران"}))
    assert made["contacts"][0]["e164"] == "+989123456789"
    moved = await api.patch(f"/customers/{made['id']}", 1, {"address": {"country": "Germany"}})
    kept = await api.patch(
        f"/customers/{made['id']}", 2, {"contacts": [*moved["contacts"], {"kind": "fax", "value": "030 1234567"}]}
    )
    assert [one["e164"] for one in kept["contacts"]] == ["+989123456789", "+49301234567"]


async def test_refused_bodies_name_the_path_and_a_stable_code(api: Any):
    """R13: nothing unknown is silently lost."""
    group = await api.group()
    for said, field, code in [
        ({"contacts": [{"kind": "email", "value": "nobody"}]}, "contacts.0.value", "invalid_email"),
        ({"name": "A company"}, "name", "not_of_this_kind"),
        ({"groups": ["nowhere"]}, "groups.0", "unknown_group"),
        ({"fields": {"nothing": 1}}, "fields.nothing", "unknown_field"),
        ({"organizations": [{"id": "nowhere"}]}, "organizations.0.id", "unknown_organization"),
        ({"related_to": "nowhere"}, "related_to", "unknown_organization"),
        ({"account_number": "7"}, "account_number", "extra_forbidden"),
        ({"first_name": "a\u0000b"}, "first_name", "unstorable_text"),
    ]:
        refused = await api.post("/customers", person_body(group) | said, 422)
        assert refused["code"] == "validation_failed"
        assert (refused["errors"][0]["field"], refused["errors"][0]["code"]) == (field, code)
    two = [{"kind": "phone", "value": str(n), "primary": True} for n in (1, 2)]
    refused = await api.post("/customers", person_body(group, contacts=two), 422)
    assert refused["errors"][0]["code"] == "second_primary"
    refused = await api.post("/customers", {"kind": "person", "groups": [group]}, 422)
    assert refused["errors"][0]["field"] == "first_name"
    assert (await api.get("/customers"))["items"] == []


async def test_a_customer_is_never_left_without_a_group(api: Any):
    """C3: refused as a whole, nothing half done."""
    group = await api.group()
    refused = await api.post("/customers", person_body(), 409)
    assert refused["code"] == "would_leave_without_group"
    made = await api.post("/customers", person_body(group))
    refused = await api.patch(f"/customers/{made['id']}", 1, {"groups": [], "first_name": "Other"}, 409)
    assert refused["code"] == "would_leave_without_group"
    assert await api.get(f"/customers/{made['id']}") == made


async def test_a_merge_patch_changes_only_what_it_says(api: Any):
    """C9: RFC 7396; arrays whole, objects merged, null unsets."""
    one, two = await api.group("one"), await api.group("two")
    made = await api.post("/customers", person_body(one, address={"city": "Shiraz", "street": "Zand"}))
    path = f"/customers/{made['id']}"
    changed = await api.patch(path, 1, {"last_name": None, "address": {"street": None}, "groups": [one, two]})
    assert (changed["first_name"], changed["last_name"], changed["version"]) == ("Reza", None, 2)
    assert changed["address"] == {
        "city": "Shiraz",
        "street": None,
        "province": None,
        "postal_code": None,
        "country": None,
    }
    assert (await api.patch(path, 2, {"address": {"city": None}}))["address"] is None
    same = await api.patch(path, 3, {"first_name": "Reza", "groups": [two, one]})
    assert same["version"] == 3
    assert [fact["fact"] for fact in await api.facts()] == [
        "created",
        "group_added",
        "changed",
        "group_added",
        "changed",
    ]


async def test_a_stale_edit_gets_412_with_what_is_there_now(api: Any):
    """C9: no lost update."""
    group = await api.group()
    made = await api.post("/customers", person_body(group))
    now = await api.patch(f"/customers/{made['id']}", 1, {"first_name": "Sara"})
    stale = await api.patch(f"/customers/{made['id']}", 1, {"first_name": "Mina"}, 412)
    assert (stale["code"], stale["current"]) == ("stale_version", now)
    missing = await api.http.patch(f"/customers/{made['id']}", json={})
    assert (missing.status_code, missing.json()["code"]) == (428, "precondition_required")
    await api.patch("/customers/nowhere", 1, {}, 404)


async def test_history_says_who_changed_what_from_what_to_what(api: Any):
    """C9: full field history, newest first, paged."""
    group = await api.group()
    field = await api.field("Birthday", "date")
    made = await api.post("/customers", person_body(group))
    path = f"/customers/{made['id']}"
    await api.patch(path, 1, {"first_name": "Sara", "fields": {field: "1990-01-02"}, "address": {"city": "Qom"}})
    await api.post(f"{path}:disable", status=200)
    first = await api.get(f"{path}/history", limit=2)
    assert [(one["version"], one["action"], one["by"], one["via"]) for one in first["items"]] == [
        (3, "disabled", "master", "form"),
        (2, "changed", "master", "form"),
    ]
    assert first["items"][1]["changes"] == [
        {"field": "first_name", "from": "Reza", "to": "Sara"},
        {"field": "address.city", "from": None, "to": "Qom"},
        {"field": f"custom.{field}", "from": None, "to": "1990-01-02"},
    ]
    rest = await api.get(f"{path}/history", limit=2, after=first["next"])
    assert [(one["action"], one["changes"]) for one in rest["items"]] == [("created", [])]
    assert rest["next"] is None


async def test_persons_belong_to_organizations_with_a_position(api: Any):
    """C1: links with position, members, related_to."""
    group = await api.group()
    company = await api.post("/customers", organization_body(group))
    assert company["members"] == []
    link = {"id": company["id"], "position": "Engineer"}
    made = await api.post("/customers", person_body(group, organizations=[link], related_to=company["id"]))
    assert (made["organizations"], made["related_to"]) == ([link], company["id"])
    member = {"id": made["id"], "display_name": "Reza Ahmadi", "position": "Engineer", "enabled": True}
    assert (await api.get(f"/customers/{company['id']}"))["members"] == [member]
    assert (await api.get(f"/customers/{company['id']}/members"))["items"] == [member]
    moved = await api.patch(
        f"/customers/{made['id']}", 1, {"organizations": [{"id": company["id"], "position": "Head"}]}
    )
    assert moved["organizations"][0]["position"] == "Head"
    assert (await api.get(f"/customers/{company['id']}"))["members"][0]["position"] == "Head"
    await api.patch(f"/customers/{made['id']}", 2, {"organizations": None})
    assert (await api.get(f"/customers/{company['id']}"))["members"] == []
    refused = await api.post("/customers", person_body(group, organizations=[{"id": made["id"]}]), 422)
    assert refused["errors"][0]["code"] == "unknown_organization"
    refused = await api.patch(f"/customers/{company['id']}", 1, {"related_to": company["id"]}, 422)
    assert refused["errors"][0]["field"] == "related_to"


async def test_a_disabled_organization_cannot_be_chosen_but_stays_where_it_was(api: Any):
    """C10: 409 customer_disabled; switching twice is harmless."""
    group = await api.group()
    company = await api.post("/customers", organization_body(group))
    member = await api.post("/customers", person_body(group, organizations=[{"id": company["id"]}]))
    off = await api.post(f"/customers/{company['id']}:disable", status=200)
    assert (off["enabled"], off["version"]) == (False, 2)
    assert (await api.post(f"/customers/{company['id']}:disable", status=200))["version"] == 2
    refused = await api.post("/customers", person_body(group, organizations=[{"id": company["id"]}]), 409)
    assert refused["code"] == "customer_disabled"
    assert (await api.patch(f"/customers/{member['id']}", 1, {"first_name": "Sara"}))["version"] == 2
    # belonging to it does not make it a choice for another link
    refused = await api.patch(f"/customers/{member['id']}", 2, {"related_to": company["id"]}, 409)
    assert refused["code"] == "customer_disabled"
    stale = await api.http.post(f"/customers/{company['id']}:enable", headers={"if-match": '"1"'})
    assert (stale.status_code, stale.json()["current"]["version"]) == (412, 2)
    assert (await api.post(f"/customers/{company['id']}:enable", status=200))["enabled"] is True
    assert [fact["enabled"] for fact in await api.facts() if fact["fact"] == "enabled"] == [False, True]


async def test_lists_are_paged_newest_first_and_batches_keep_their_order(api: Any):
    group = await api.group()
    made = [(await api.post("/customers", person_body(group, first_name=str(n))))["id"] for n in range(5)]
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = await api.get("/customers", limit=2, **after)
        seen += [one["id"] for one in page["items"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert seen == made[::-1]
    asked = [made[3], "nowhere", made[0], made[3]]
    batch = await api.post("/customers:batch-get", {"ids": asked}, 200)
    assert [one["id"] for one in batch["items"]] == [made[3], made[0]]
    names = await api.post("/internal/customers/visible", {"ids": asked}, 200)
    assert names["items"][1] == {
        "id": made[0],
        "version": 1,
        "kind": "person",
        "display_name": "0 Ahmadi",
        "enabled": True,
    }


async def test_the_same_key_creates_once(api: Any):
    """R5: an Idempotency-Key."""
    group = await api.group()
    keyed = {"idempotency-key": "k"}
    answers = [await api.http.post("/customers", json=person_body(group), headers=keyed) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len((await api.get("/customers"))["items"]) == 1
