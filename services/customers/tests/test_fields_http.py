"""Custom fields, their sections and lists through HTTP (C4)."""

from __future__ import annotations

from typing import Any

import pytest

from rapport_contracts import topics
from rapport_contracts.events import FieldDefinition, ListDefinition, SectionDefinition
from rapport_testkit.customers import person_body


async def test_a_field_is_made_in_a_section_and_published(api: Any):
    """C4: attributes, order in the section, the definitions topic."""
    group = await api.group()
    first = await api.field("Birthday", "date", placement="additional", required=False, visible_in_search=True)
    second = await api.field("Points", "integer", position=0, group_ids=[group], multiple=True)
    listed = (await api.get("/custom-fields"))["items"]
    assert [(one["id"], one["position"]) for one in listed] == [(second, 0), (first, 1)]
    assert listed[0] == {
        "id": second,
        "title": "Points",
        "type": "integer",
        "section_id": "general",
        "position": 0,
        "group_ids": [group],
        "list": None,
        "multiple": True,
        "placement": "basic",
        "required": False,
        "visible_in_search": False,
        "retired": False,
        "version": 1,
    }
    await api.it.drain()
    said = {one["subject"]: one["data"] for one in await api.it.read(topics.DEFINITIONS)}
    assert FieldDefinition.model_validate(said[f"field:{first}"]).version == 2
    assert said[f"field:{second}"]["field_type"] == "integer"
    assert SectionDefinition.model_validate(said["section:general"]).built_in


async def test_field_titles_are_unique_and_references_must_exist(api: Any):
    """C4: title unique over all custom fields; a list field has a list."""
    await api.field("Notes")
    body = {"title": "NOTES", "type": "text", "section_id": "other"}
    assert (await api.post("/custom-fields", body, 409))["code"] == "name_taken"
    for said, field in [
        ({"section_id": "nowhere"}, "section_id"),
        ({"group_ids": ["nowhere"]}, "group_ids"),
        ({"type": "list"}, "list"),
        ({"type": "list", "list": "nowhere"}, "list"),
        ({"list": "nowhere"}, "list"),
        ({"type": "boolean", "multiple": True}, "multiple"),
        ({"type": "float"}, "type"),
        ({"type": "phone"}, "type"),
    ]:
        refused = await api.post("/custom-fields", {**body, "title": "Other"} | said, 422)
        assert refused["errors"][0]["field"] == field


@pytest.mark.parametrize(
    ("type_", "said", "held"),
    [
        ("text", "  hello ", "hello"),
        ("text", "  ", None),
        ("integer", 7, 7),
        ("integer", -(2**53) + 1, -(2**53) + 1),
        ("boolean", False, False),
        ("boolean", None, None),
        ("date", "2024-02-29", "2024-02-29"),
    ],
)
async def test_values_are_typed_and_unset_ones_are_not_stored(api: Any, type_: str, said: Any, held: Any):
    """C4: boolean has three states; unset is not stored."""
    field = await api.field("F", type_)
    made = await api.post("/customers", person_body(await api.group(), fields={field: said}))
    assert made["fields"] == ({} if held is None else {field: held})


@pytest.mark.parametrize(
    ("type_", "said"),
    [
        ("text", 7),
        ("text", ["a"]),
        ("integer", True),
        ("integer", 2**53),
        ("integer", "7"),
        ("boolean", "yes"),
        ("boolean", 1),
        ("date", "2023-02-29"),
        ("date", "20240229"),
    ],
)
async def test_values_of_another_type_are_refused(api: Any, type_: str, said: Any):
    """C4: types."""
    field = await api.field("F", type_)
    refused = await api.post("/customers", person_body(await api.group(), fields={field: said}), 422)
    assert refused["errors"][0] | {"detail": ""} == {"field": f"fields.{field}", "code": "wrong_value", "detail": ""}


async def test_a_multiple_field_holds_a_list_without_repetitions(api: Any):
    """C4: several values per field when `multiple`; a patch merges by field."""
    one, many = await api.field("One"), await api.field("Many", multiple=True)
    made = await api.post("/customers", person_body(await api.group(), fields={many: ["a", "b", "a"], one: "x"}))
    assert made["fields"] == {many: ["a", "b"], one: "x"}
    changed = await api.patch(f"/customers/{made['id']}", 1, {"fields": {many: "c"}})
    assert changed["fields"] == {many: ["c"], one: "x"}
    changed = await api.patch(f"/customers/{made['id']}", 2, {"fields": {many: []}})
    assert changed["fields"] == {one: "x"}
    assert (await api.patch(f"/customers/{made['id']}", 3, {"fields": None}))["fields"] == {}


async def test_list_values_are_items_of_a_reusable_list(api: Any):
    """C4: named ordered lists, extendable; customers hold the item's id, so a rename shows everywhere."""
    colours = await api.post("/lists", {"name": "Colours", "items": ["Red", "Green"]})
    persian = await api.http.post("/lists", json={"name": "رنگ", "items": ["آبی"]})
    assert (persian.status_code, persian.headers["location"]) == (201, "/api/v1/lists/%D8%B1%D9%86%DA%AF")
    field = await api.field("Colour", "list", list="Colours")
    again = await api.field("Second colour", "list", list="Colours")
    red, green = [item["id"] for item in colours["items"]]
    made = await api.post("/customers", person_body(await api.group(), fields={field: "red", again: green}))
    assert made["fields"] == {field: red, again: green}
    refused = await api.patch(f"/customers/{made['id']}", 1, {"fields": {field: "Blue"}}, 422)
    assert refused["errors"][0]["code"] == "wrong_value"
    blue = await api.post("/lists/Colours/items", {"label": "Blue", "position": 0})
    await api.patch(f"/customers/{made['id']}", 1, {"fields": {field: "blue"}})
    renamed = await api.patch(f"/lists/Colours/items/{blue['id']}", 2, {"label": "Azure", "position": 9})
    assert renamed == {"id": blue["id"], "label": "Azure", "position": 2}
    assert (await api.post("/lists/Colours/items", {"label": "AZURE"}, 409))["code"] == "name_taken"
    assert (await api.delete(f"/lists/Colours/items/{blue['id']}", 3, 409))["code"] == "in_use"
    await api.delete(f"/lists/Colours/items/{red}", 3)
    assert [item["label"] for item in (await api.get("/lists/Colours/items"))["items"]] == ["Green", "Azure"]
    assert (await api.delete("/lists/Colours", 4, 409))["code"] == "in_use"
    await api.delete(f"/lists/Colours/items/{green}", 3, 412)


async def test_a_list_that_comes_back_goes_on_counting_its_versions(api: Any):
    """Consumers order a list's states by version, also over its removal."""
    await api.post("/lists", {"name": "L"})
    await api.delete("/lists/L", 1)
    assert (await api.post("/lists", {"name": "L", "items": ["a"]}))["version"] == 3
    await api.it.drain()
    said = [one["data"] for one in await api.it.read(topics.DEFINITIONS) if one["subject"] == "list:L"]
    assert ListDefinition.model_validate(said[-1]).items[0]["label"] == "a"
    assert (await api.post("/lists", {"name": "a/b"}, 422))["errors"][0]["field"] == "name"


async def test_what_data_depends_on_stays_while_data_is_there(api: Any):
    """C4, C5: a field with data is neither removed nor made another type; without data it is."""
    field = await api.field("F")
    made = await api.post("/customers", person_body(await api.group(), fields={field: "x"}))
    assert (await api.delete(f"/custom-fields/{field}", 1, 409))["code"] == "in_use"
    assert (await api.patch(f"/custom-fields/{field}", 1, {"type": "integer"}, 409))["code"] == "in_use"
    assert (await api.patch(f"/custom-fields/{field}", 1, {"multiple": True}, 409))["code"] == "in_use"
    titled = await api.patch(f"/custom-fields/{field}", 1, {"title": "G", "required": True})
    assert (titled["title"], titled["version"]) == ("G", 2)
    refused = await api.patch(f"/customers/{made['id']}", 1, {"fields": {field: None}}, 422)
    assert refused["errors"][0]["code"] == "required"
    await api.patch(f"/custom-fields/{field}", 2, {"required": False})
    await api.patch(f"/customers/{made['id']}", 1, {"fields": {field: None}})
    assert (await api.patch(f"/custom-fields/{field}", 3, {"type": "integer"}))["type"] == "integer"
    await api.delete(f"/custom-fields/{field}", 4)
    assert (await api.get("/custom-fields"))["items"] == []


async def test_required_fields_bind_those_who_have_the_field(api: Any):
    """C4: required, in the field's groups only; a customer that lacked it before may be edited."""
    group, other = await api.group("A"), await api.group("B")
    old = await api.post("/customers", person_body(group))
    field = await api.field("Code", required=True, group_ids=[group])
    refused = await api.post("/customers", person_body(group), 422)
    assert refused["errors"][0] | {"detail": ""} == {"field": f"fields.{field}", "code": "required", "detail": ""}
    await api.post("/customers", person_body(group, fields={field: "7"}))
    free = await api.post("/customers", person_body(other))
    await api.patch(f"/customers/{old['id']}", 1, {"first_name": "Sara"})
    refused = await api.patch(f"/customers/{free['id']}", 1, {"groups": [group]}, 422)
    assert refused["errors"][0]["code"] == "required"


async def test_sections_are_ordered_and_built_in_ones_stay(api: Any):
    """C4: sections."""
    own = await api.post("/field-sections", {"title": "Family", "position": 0})
    titles = [one["title"] for one in (await api.get("/field-sections"))["items"]]
    assert titles == ["Family", "General", "Contact", "Location", "Other"]
    assert (await api.delete("/field-sections/general", 2, 409))["code"] == "in_use"
    renamed = await api.patch("/field-sections/general", 2, {"title": "Main", "position": 9})
    assert (renamed["title"], renamed["position"], renamed["built_in"]) == ("Main", 4, True)
    field = await api.field("F", section_id=own["id"])
    assert (await api.delete(f"/field-sections/{own['id']}", 1, 409))["code"] == "in_use"
    await api.patch(f"/custom-fields/{field}", 1, {"section_id": "other"})
    await api.delete(f"/field-sections/{own['id']}", 1)
    assert (await api.post("/field-sections", {"title": "main"}, 409))["code"] == "name_taken"
