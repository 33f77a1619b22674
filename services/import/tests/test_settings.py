"""I2–I5: settings are judged strictly, each fault with its path; out of scope is refused."""

from __future__ import annotations

from typing import Any

from rapport_contracts import topics

CSV = b"First name,Email,Plan,Since\nReza,reza@example.com,Gold,2024-01-31\n"


async def field(standing: Any, name: str, type_: str, **more: Any) -> None:
    document = {
        "type": "field",
        "id": name,
        "title": name.title(),
        "field_type": type_,
        "section_id": "s",
        "version": 1,
    }
    await standing.publish(topics.DEFINITIONS, f"field:{name}", document | more)
    await standing.drain()


async def faults(person: Any, made: Any, **more: Any) -> dict[str, str]:
    answer = await person.decide(made, await person.suggested(made) | more)
    assert answer.status_code == 422, answer.text
    assert answer.json()["code"] == "validation_failed"
    return {one["field"]: one["code"] for one in answer.json()["errors"]}


COLUMN = {"column": 0, "target": "first_name"}


NOT_THERE: tuple[tuple[dict[str, Any], str], ...] = (
    ({"mode": "overwrite"}, "mode"),
    ({"plan": True}, "plan"),
    ({"match": {"fields": ["email"], "combine": "any", "similarity": {"last_name": 0.9}}}, "match.similarity"),
    ({"when_unmatched": "ask"}, "when_unmatched"),
    ({"kind": "family"}, "kind"),
    ({"columns": []}, "columns"),
    ({"columns": [COLUMN | {"constant": "x"}]}, "columns.0.constant"),
    ({"columns": [COLUMN, {"column": "1", "target": "email"}]}, "columns.1.column"),
    ({"header_row": 0}, "header_row"),
)


async def test_what_is_not_there_is_refused(person: Any) -> None:
    made = await person.upload("people.csv", CSV)
    for more, path in NOT_THERE:
        assert path in await faults(person, made, **more)


async def test_every_fault_has_its_path(person: Any) -> None:
    made = await person.upload("people.csv", CSV)
    found = await faults(
        person,
        made,
        sheet="Sheet9",
        rows="2-1",
        groups=["friends", "nobody"],
        mode="merge",
        match={"fields": ["city", "shoe"], "combine": "any"},
        columns=[
            {"column": 0, "target": "first_name", "separator": ","},
            {"column": 1, "target": "first_name"},
            {"column": 1, "target": "shoe"},
            {"column": 2, "target": "email", "region": "IR"},
            {"column": 3, "target": "phone", "region": "XX", "values": 2},
        ],
    )
    assert found == {
        "sheet": "unknown_sheet",
        "rows": "bad_ranges",
        "groups.1": "unknown_group",
        "columns.0.separator": "single_value",
        "columns.0.target": "target_taken",
        "columns.1.column": "repeated",
        "columns.1.target": "target_taken",
        "columns.2.column": "repeated",
        "columns.2.target": "unknown_target",
        "columns.3.region": "no_region",
        "columns.4.values": "no_separator",
        "columns.4.region": "unknown_region",
        "match.fields.0": "not_matchable",
        "match.fields.1": "unknown_target",
        "match.fields": "not_matchable",
    }


CANNOT_WORK: tuple[tuple[dict[str, Any], str, str], ...] = (
    ({"columns": [{"column": 2, "target": "city"}]}, "columns", "no_name_or_contact"),
    ({"columns": [{"column": 9, "target": "email"}]}, "columns.0.column", "out_of_range"),
    ({"header_row": 99}, "header_row", "out_of_range"),
    ({"groups": []}, "groups", "missing"),
    ({"mode": "merge"}, "match", "missing"),
    ({"mode": "merge", "match": {"fields": ["mobile"], "combine": "any"}}, "match.fields", "not_mapped"),
    ({"mode": "merge", "match": {"fields": ["email", "mobile"], "combine": "all"}}, "match.fields", "not_mapped"),
    ({"kind": "organization"}, "columns.0.target", "wrong_kind"),
    (
        {"columns": [{"column": 0, "target": "name"}, {"column": 1, "target": "last_name"}]},
        "columns.0.target",
        "target_taken",
    ),
)


async def test_what_cannot_work_is_refused(person: Any) -> None:
    made = await person.upload("people.csv", CSV)
    for more, path, code in CANNOT_WORK:
        assert (await faults(person, made, **more)).get(path) == code, more


async def test_one_mapped_field_is_enough_when_any_matches(person: Any) -> None:
    """I5: api.md's own example matches on two fields of which one is mapped."""
    made = await person.upload("people.csv", CSV)
    rule = {"mode": "merge", "match": {"fields": ["mobile", "email"], "combine": "any"}}
    answer = await person.decide(made, await person.suggested(made) | rule)
    assert answer.status_code == 200
    assert answer.json()["settings"]["match"] == rule["match"]
    assert answer.headers["etag"] == '"2"'


async def test_settings_need_the_version_that_was_seen(person: Any) -> None:
    made = await person.upload("people.csv", CSV)
    settings = await person.suggested(made)
    path = f"/imports/{made['id']}/settings"
    assert (await person.http.put(path, json=settings)).status_code == 428
    assert (await person.http.put(path, json=settings, headers={"if-match": '"1"'})).status_code == 200
    stale = await person.http.put(path, json=settings, headers={"if-match": '"1"'})
    assert (stale.status_code, stale.json()["code"], stale.json()["current"]["version"]) == (412, "stale_version", 2)


async def test_a_run_without_settings_is_refused(person: Any) -> None:
    made = await person.upload("people.csv", CSV)
    answer = await person.http.post(f"/imports/{made['id']}:run")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "settings")
    assert (await person.http.post(f"/imports/{made['id']}:run", json={"plan_hash": "x"})).status_code == 422


async def test_settings_that_no_longer_hold_are_refused_at_the_run(person: Any, standing: Any) -> None:
    made = await person.upload("people.csv", CSV)
    assert (await person.decide(made, await person.suggested(made))).status_code == 200
    gone = {"type": "group", "id": "friends", "name": "Friends", "version": 2, "removed": True}
    await standing.publish(topics.DEFINITIONS, "group:friends", gone)
    await standing.drain()
    answer = await person.http.post(f"/imports/{made['id']}:run")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "unknown_group")


async def test_targets_are_those_the_caller_may_see(person: Any, somebody: Any, standing: Any) -> None:
    """C4, Q6: a field scoped to a group that one does not see is not there, in no way."""
    await standing.group("secret", "Secret")
    await field(standing, "plan", "text")
    await field(standing, "hidden", "text", group_ids=["secret"])
    await standing.user("clerk", ["imports.view", "imports.run"], [{"group_id": "friends", "view": True, "edit": True}])
    clerk = somebody("clerk")
    named = {one["target"] for one in (await person.http.get("/imports/targets")).json()["items"]}
    assert {"custom.plan", "custom.hidden", "mobile", "groups"} <= named
    seen = {one["target"] for one in (await clerk.http.get("/imports/targets")).json()["items"]}
    assert ("custom.plan" in seen, "custom.hidden" in seen) == (True, False)
    made = await clerk.upload("people.csv", CSV)
    columns = [COLUMN, {"column": 2, "target": "custom.hidden"}]
    found = await faults(clerk, made, columns=columns, groups=["friends", "secret"])
    assert found == {"columns.1.target": "unknown_target", "groups.1": "unknown_group"}


async def test_a_group_one_may_see_but_not_fill_is_refused(somebody: Any, standing: Any) -> None:
    await standing.user("clerk", ["imports.view", "imports.run"], [{"group_id": "friends", "view": True}])
    clerk = somebody("clerk")
    made = await clerk.upload("people.csv", CSV)
    assert await faults(clerk, made) == {"groups.0": "group_not_editable"}
