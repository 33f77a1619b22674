"""GET /customers:quick (Q1)."""

from typing import Any

import pytest


@pytest.fixture
async def people(search: Any) -> Any:
    await search.put("c1", first_name="Ali", last_name="Rezaei", phone=("0912 345 6789", "+989123456789"))
    await search.put("c2", first_name="علی‌رضا", last_name="كريمي", email="A.Karimi@Example.com")
    await search.put("c3", first_name="Mina", last_name="Alizadeh", phone=("(415) 555-2671", "+14155552671"))
    await search.put("c4", kind="organization", name="Kalibra Ltd", email="info@ali.example")
    await search.put("c5", first_name="José", last_name="Núñez", company_name="Alfa Trading", enabled=False)
    return search


FOUND: list[tuple[str, list[str]]] = [
    ("ali", ["c1", "c3", "c4"]),  # begins the name; begins a word; is a part
    ("reza ali", ["c1"]),
    ("کریمی", ["c2"]),  # Arabic letters were written
    ("علی رضا", ["c2"]),
    ("علیرضا", ["c2"]),  # without the half-space
    ("علی‌رضا", ["c2"]),
    ("jose nunez", ["c5"]),
    ("alfa", ["c5"]),
    ("0912345", ["c1"]),
    ("۰۹۱۲ ۳۴۵", ["c1"]),
    ("+98 912", ["c1"]),
    ("0098912", ["c1"]),
    ("9123456789", ["c1"]),
    ("(415) 555", ["c3"]),
    ("2671", ["c3"]),
    ("a.karimi@example.com", ["c2"]),
    ("karimi@ex", ["c2"]),
    ("m", ["c3"]),
    ("zzz", []),
    ("   ", []),
]


async def test_a_part_of_name_number_company_or_address_is_enough(people: Any) -> None:
    """Q1: in any spelling."""
    assert [(text, await people.quick(text)) for text, _ in FOUND] == FOUND


async def test_disabled_customers_are_found_and_said_to_be_disabled(people: Any) -> None:
    """C10, Q1: grey, not gone."""
    answer = await people.client().get("/customers:quick", params={"q": "alfa"})
    assert [item["enabled"] for item in answer.json()["items"]] == [False]


async def test_the_limit_holds_and_no_one_comes_twice(people: Any) -> None:
    for limit in (1, 2, 3):
        answer = await people.client().get("/customers:quick", params={"q": "ali", "limit": limit})
        assert [item["id"] for item in answer.json()["items"]] == ["c1", "c3", "c4"][:limit]
