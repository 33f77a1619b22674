"""POST /customers:search through HTTP: queries, order, pages, counts, facets (Q3, Q5)."""

from typing import Any


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
