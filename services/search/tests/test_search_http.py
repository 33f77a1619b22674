"""POST /customers:search through HTTP: queries, order, pages, counts, facets, freshness (Q3, Q5, Q8)."""

import asyncio
import time
from datetime import datetime, timedelta
from typing import Any

import pytest

from rapport_chassis.http import encode_cursor
from rapport_contracts.query import SORTABLE

from .conftest import until

WORDS = {"field": "name", "op": "contains", "value": "ali"}


async def test_a_customer_is_found_by_what_a_query_says(search: Any) -> None:
    """Q3: (city is X or Y) and not in group Z and a phone part in any spelling."""
    await search.put("c1", last_name="Ahmadi", address={"city": "Tehran"}, phone=("0912 345 6789", "+989123456789"))
    await search.put("c2", last_name="Karimi", address={"city": "Shiraz"}, groups=["g2"])
    query = {
        "all": [
            {"any": [{"field": "city", "op": "is", "value": city} for city in ("TEHRAN", "Shiraz")]},
            {"none": [{"field": "group", "op": "is", "value": "g2"}]},
            {"field": "phone", "op": "contains", "value": "۰۹۱۲-۳۴۵"},
        ]
    }
    found = await search.search(query=query)
    assert [item["id"] for item in found["items"]] == ["c1"]
    assert found["count"] == 1
    assert found["next"] is None


async def test_an_item_has_what_a_table_shows(search: Any) -> None:
    """C17: names, primary contacts, city, groups, custom values, version."""
    await search.field("f1", "text")
    contacts = [
        {"kind": "phone", "value": "021 88", "e164": None},
        {"kind": "mobile", "value": "0912 345 6789", "e164": "+989123456789", "primary": True},
        {"kind": "email", "value": "Reza@Example.com"},
    ]
    more = {"first_name": "Reza", "last_name": "Ahmadi", "title": "Mr.", "company_name": "Alpha", "position": "CEO"}
    await search.put("c1", contacts=contacts, address={"city": "Tehran"}, fields={"f1": "gold"}, enabled=False, **more)
    (item,) = (await search.search())["items"]
    assert item == more | {
        "id": "c1",
        "version": 1,
        "kind": "person",
        "display_name": "Reza Ahmadi",
        "phone": "0912 345 6789",
        "email": "Reza@Example.com",
        "city": "Tehran",
        "province": None,
        "country": None,
        "groups": ["g1"],
        "fields": {"f1": "gold"},
        "enabled": False,
        "created_at": "2026-01-01T10:00:00Z",
        "updated_at": "2026-01-01T10:00:00Z",
        "created_by": "u1",
    }


async def test_pages_follow_each_other_to_the_end_without_gap_or_double(search: Any) -> None:
    """Q5: stable keyset paging, also among equal names and while customers come and go."""
    for number in range(7):
        await search.publish(f"c{number}", last_name="Same" if number % 2 else "Other")
    await search.put("c7", last_name="Zed")
    first = await search.search(limit=3, sort=[{"field": "last_name", "direction": "desc"}])
    assert [item["id"] for item in first["items"]] == ["c7", "c5", "c3"]
    await search.put("c8", last_name="Zzz")  # before the cursor: not seen again, moves nothing
    rest: list[str] = []
    following = first["next"]
    while following:
        page = await search.search(limit=3, sort=[{"field": "last_name", "direction": "desc"}], after=following)
        assert page["count"] == 9
        rest += [item["id"] for item in page["items"]]
        following = page["next"]
    assert rest == ["c1", "c6", "c4", "c2", "c0"]


async def test_persian_names_sort_by_the_persian_alphabet_and_missing_ones_last(search: Any) -> None:
    """Q5: پ follows ب, though its code point does not."""
    for customer_id, name in (("c1", "تهرانی"), ("c2", "پارسا"), ("c3", "بابایی"), ("c4", None), ("c5", "گلی")):
        await search.put(customer_id, last_name=name)
    assert await search.ids(sort=[{"field": "last_name"}]) == ["c3", "c2", "c1", "c5", "c4"]


async def test_a_cursor_of_another_order_or_made_up_is_refused(search: Any) -> None:
    await search.put("c1", last_name="A")
    await search.put("c2", last_name="B")
    page = await search.search(limit=1, sort=[{"field": "last_name"}])
    client = search.client()
    for body in ({"after": page["next"]}, {"after": "made-up"}, {"after": page["next"], "sort": [{"field": "city"}]}):
        answer = await client.post("/customers:search", json=body)
        assert answer.status_code == 422, body
        assert answer.json()["code"] == "validation_failed"


@pytest.mark.parametrize("token", ["41", "4100", "4zz00c1", "ff4100c1", "00", "c328c100c1"])
@pytest.mark.parametrize("field", ["last_name", "created_at"])
async def test_a_token_that_no_customer_has_is_refused(search: Any, field: str, token: str) -> None:
    after = encode_cursor(field, "asc", token)
    answer = await search.client().post("/customers:search", json={"after": after, "sort": [{"field": field}]})
    assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")


async def test_one_sorts_by_every_built_in_field_that_has_one_value(search: Any) -> None:
    """Q5: names, work, place, the shown e-mail address, kind, state, times; ties by id."""
    for customer_id, word, day in (("c3", "Alpha", "01"), ("c1", "Beta", "02"), ("c2", "gamma", "03")):
        texts = dict.fromkeys(("first_name", "last_name", "company_name", "position", "title"), word)
        address = dict.fromkeys(("city", "province", "country"), word)
        times = dict.fromkeys(("created_at", "updated_at"), f"2026-01-{day}T10:00:00Z")
        await search.put(customer_id, email=f"{word}@x.org", address=address, enabled=word != "Beta", **texts, **times)
    await search.put(
        "c0", kind="organization", name="Zeta", enabled=False, **dict.fromkeys(times, "2026-02-01T10:00:00Z")
    )
    expected = {field: ["c3", "c1", "c2", "c0"] for field in SORTABLE}
    expected |= {"kind": ["c0", "c1", "c2", "c3"], "enabled": ["c0", "c1", "c2", "c3"]}
    for field, ids in expected.items():
        assert (field, await search.ids(sort=[{"field": field}])) == (field, ids)
        assert await search.ids(sort=[{"field": field, "direction": "desc"}]) == ids[::-1]


async def test_facets_count_the_result_exactly_and_join_spellings(search: Any) -> None:
    """Q5: counts by group, kind and city over the result, a city in two spellings once, named as one of them writes it."""
    await search.put("c1", address={"city": "Tehrān"}, groups=["g1", "g2"])
    await search.put("c2", address={"city": "Tehran"}, groups=["g1"])
    await search.put("c3", address={"city": "Shiraz"}, kind="organization", name="Alpha")
    found = await search.search(facets=["groups", "city", "kind"], limit=0)
    assert found["items"] == []
    assert found["count"] == 3
    facets = {name: {one["value"]: one["count"] for one in buckets} for name, buckets in found["facets"].items()}
    assert facets == {
        "groups": {"g1": 3, "g2": 1},
        "city": {"tehran": 2, "shiraz": 1},
        "kind": {"person": 2, "organization": 1},
    }
    assert {one["label"] for one in found["facets"]["city"]} <= {"Tehrān", "Tehran", "Shiraz"}
    narrowed = await search.search(query={"field": "city", "op": "is", "value": "tehran"}, facets=["groups"])
    assert {one["value"]: one["count"] for one in narrowed["facets"]["groups"]} == {"g1": 2, "g2": 1}


REFUSED: list[tuple[Any, str, str]] = [
    ({"field": "rating", "op": "is", "value": "A"}, "query.field", "unknown_field"),
    ({"all": [{"any": [{"field": "name", "op": "gt", "value": "a"}]}]}, "query.all.0.any.0.op", "unknown_op"),
    ({"none": [WORDS, {"field": "name", "op": "contains", "value": "a"}]}, "query.none.1.value", "too_short"),
    ({"field": "name", "op": "similar", "value": {"text": "a", "distance": 1}}, "query.op", "unknown_op"),
    ({"field": "activity", "op": "has", "value": {}}, "query.field", "unknown_field"),
    ({"field": "organization.name", "op": "is", "value": "x"}, "query.field", "unknown_field"),
    ({"field": "custom.nothing", "op": "filled"}, "query.field", "unknown_field"),
]


async def test_what_cannot_be_asked_is_refused_with_its_path(search: Any) -> None:
    """Q3: 422 with the path of the condition."""
    client = search.client()
    for query, path, code in REFUSED:
        answer = await client.post("/customers:search", json={"query": query})
        assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")
        assert [(one["field"], one["code"]) for one in answer.json()["errors"]] == [(path, code)]


async def test_a_query_beyond_the_limits_is_too_complex(search: Any) -> None:
    """R14."""
    deep: Any = WORDS
    for _ in range(20):
        deep = {"all": [deep]}
    for query in (deep, {"any": [WORDS] * 300}, {"field": "created_by", "op": "in", "value": ["u"] * 2_000}):
        answer = await search.client().post("/customers:search", json={"query": query})
        assert (answer.status_code, answer.json()["code"]) == (422, "query_too_complex")


async def test_unknown_sorts_facets_and_fields_of_the_body_are_refused(search: Any) -> None:
    client = search.client()
    bodies: list[dict[str, Any]] = [
        {"sort": [{"field": "phone"}]},
        {"facets": ["secret"]},
        {"limit": 501},
        {"offset": 5},
        {"query": []},
    ]
    for body in bodies:
        answer = await client.post("/customers:search", json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed"), body


async def test_a_search_waits_for_the_position_it_is_given(search: Any) -> None:
    """Q8: what was just written is found by the search that follows."""
    await search.put("c1", last_name="Old")
    writing = asyncio.create_task(search.publish("c1", last_name="New"))
    answer = await search.client().post(
        "/customers:search",
        json={"query": {"field": "name", "op": "is", "value": "new"}},
        headers={"x-position": "c1@2"},
    )
    await writing
    assert answer.json()["count"] == 1


async def test_a_position_that_never_comes_is_waited_for_at_most_a_second(search: Any) -> None:
    """Q8: then the answer is 200 all the same, and says that it is not complete."""
    await search.put("c1")
    began = time.monotonic()
    asked = search.standing.runtime.clock.now()
    answer = await search.client().post(
        "/customers:search", json={}, headers={"x-position": f"gone@9, not a position, c1@{'9' * 5_000}"}
    )
    assert answer.status_code == 200
    assert time.monotonic() - began > 0.9
    assert datetime.fromisoformat(answer.json()["as_of"]) < asked


async def test_the_answer_says_as_of_when_it_is_complete(search: Any) -> None:
    """Q8: while the index follows, that is now."""
    await search.put("c1")
    before = search.standing.runtime.clock.now()
    as_of = before - timedelta(hours=1)
    for _ in range(3_000):
        as_of = datetime.fromisoformat((await search.search(limit=0))["as_of"])
        if as_of > before:
            break
        await asyncio.sleep(0.02)
    assert as_of > before


async def test_an_index_that_follows_no_more_is_as_of_the_newest_record_it_holds(tmp_path: Any, standing: Any) -> None:
    """Q8."""
    async with standing(tmp_path / "still", feeding=False) as still:
        await still.publish("c1")
        found = await still.search()
        assert (found["items"], found["as_of"]) == ([], "1970-01-01T00:00:00Z")


async def test_nobody_searches_without_the_right(search: Any) -> None:
    """G1."""
    await search.standing.user("clerk", ["tags.edit"])
    assert (await search.client(None).post("/customers:search", json={})).status_code == 401
    assert (await search.client("clerk").post("/customers:search", json={})).status_code == 403
    assert (await search.client("clerk").post("/search:reindex")).status_code == 403


async def test_a_search_without_the_bus_says_how_old_its_answer_may_be(search: Any, monkeypatch: Any) -> None:
    """R10, Q8: the index is there, only nobody knows what came since."""
    await search.put("c1", last_name="Ahmadi")
    monkeypatch.setattr(search.standing.runtime.bus, "ends", lambda _topic: asyncio.Event().wait())

    async def stale() -> bool:
        """It is told the same instant again and again: that of the newest record."""
        answers = [await search.client().post("/customers:search", json={}) for _ in range(2)]
        assert {(one.status_code, one.json()["items"][0]["id"]) for one in answers} == {(200, "c1")}
        return answers[0].json()["as_of"] == answers[1].json()["as_of"]

    await until(stale, 30)
