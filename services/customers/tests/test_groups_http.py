"""The group tree: created, renamed, moved, ordered, deleted when empty or with a replacement (C3)."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import pytest

from rapport_contracts import topics
from rapport_customers.application import remove_group
from rapport_testkit.customers import person_body


async def tree(api: Any) -> list[tuple[str, str | None, int, int]]:
    names = {None: None}
    items = (await api.get("/groups"))["items"]
    names |= {one["id"]: one["name"] for one in items}
    return [(one["name"], names[one["parent_id"]], one["position"], one["count"]) for one in items]


async def test_groups_are_listed_depth_first_in_their_order_with_counts(api: Any):
    """C3: the tree."""
    a = await api.group("A")
    await api.group("A1", a)
    await api.post("/groups", {"name": "B", "position": 0})
    await api.post("/customers", person_body(a))
    assert await tree(api) == [("B", None, 0, 0), ("A", None, 1, 1), ("A1", "A", 0, 0)]
    await api.it.drain()
    last = {one["subject"]: one["data"] for one in await api.it.read(topics.DEFINITIONS)}
    assert (last[f"group:{a}"]["name"], last[f"group:{a}"]["position"], last[f"group:{a}"]["version"]) == ("A", 1, 2)


async def test_a_group_is_renamed_moved_and_ordered(api: Any):
    """C3: rename, move, reorder; names are unique among siblings, a circle is refused."""
    a, b = await api.group("A"), await api.group("B")
    a1 = await api.group("A1", a)
    moved = await api.patch(f"/groups/{a1}", 1, {"parent_id": None, "position": 0, "name": "First"})
    assert moved["version"] == 2
    assert await tree(api) == [("First", None, 0, 0), ("A", None, 1, 0), ("B", None, 2, 0)]
    assert (await api.patch(f"/groups/{b}", 2, {"name": "FIRST"}, 409))["code"] == "name_taken"
    assert (await api.post("/groups", {"name": " first "}, 409))["code"] == "name_taken"
    await api.patch(f"/groups/{b}", 2, {"parent_id": a})
    refused = await api.patch(f"/groups/{a}", 2, {"parent_id": b}, 422)
    assert refused["errors"][0]["code"] == "circle"
    stale = await api.patch(f"/groups/{b}", 1, {"name": "C"}, 412)
    assert stale["current"]["version"] == 3
    assert (await api.patch(f"/groups/{b}", 3, {"name": "B"}))["version"] == 3
    await api.patch(f"/groups/{b}", 3, {"name": None}, 422)
    await api.post("/groups", {"name": "X", "parent_id": "nowhere"}, 422)


async def test_a_rename_keeps_the_place_also_after_a_sibling_left(api: Any):
    a, b, c = [await api.group(name) for name in "ABC"]
    await api.delete(f"/groups/{a}", 1)
    await api.patch(f"/groups/{b}", 1, {"name": "B2"})
    assert [name for name, *_ in await tree(api)] == ["B2", "C"]
    assert c


async def test_only_an_empty_group_is_deleted_without_a_replacement(api: Any):
    """C3: delete when empty or with a replacement."""
    a, b = await api.group("A"), await api.group("B")
    made = await api.post("/customers", person_body(a))
    assert (await api.delete(f"/groups/{a}", 1, 409))["code"] == "in_use"
    a1 = await api.group("A1", b)
    assert (await api.delete(f"/groups/{b}", 1, 409))["code"] == "in_use"
    await api.delete(f"/groups/{a1}", 1)
    assert (await api.get(f"/customers/{made['id']}"))["groups"] == [a]
    await api.it.drain()
    gone = [one["data"] for one in await api.it.read(topics.DEFINITIONS) if one["subject"] == f"group:{a1}"]
    assert gone[-1]["removed"] is True
    await api.delete(f"/groups/{a1}", 2, 404)


async def test_a_replacement_takes_over_customers_subgroups_and_field_scopes(api: Any):
    """C3: nobody is left without a group."""
    a, b = await api.group("A"), await api.group("B")
    await api.group("A1", a)
    field = await api.field("Scoped", group_ids=[a])
    only = await api.post("/customers", person_body(a, fields={field: "kept"}))
    both = await api.post("/customers", person_body(a, b))
    inside = await api.delete(f"/groups/{a}", 1, 422, replacement=a)
    assert inside["errors"][0]["code"] == "circle"
    await api.delete(f"/groups/{a}", 1, replacement=b)
    assert await tree(api) == [("B", None, 1, 2), ("A1", "B", 0, 0)]
    changed = await api.get(f"/customers/{only['id']}")
    assert (changed["groups"], changed["version"], changed["fields"]) == ([b], 2, {field: "kept"})
    assert (await api.get(f"/customers/{both['id']}"))["groups"] == [b]
    facts = [(one["fact"], one["customer_id"]) for one in await api.facts()]
    assert facts.count(("group_added", only["id"])) == 2
    assert facts.count(("group_added", both["id"])) == 2
    assert facts.count(("group_removed", both["id"])) == 1


async def ended(api: Any, job_id: str) -> dict[str, Any]:
    """The job, run to its end."""
    working = asyncio.create_task(api.it.jobs().run())
    async with asyncio.timeout(60):
        while (job := await api.get(f"/jobs/{job_id}"))["state"] not in {"done", "failed"}:
            await asyncio.sleep(0.01)
    working.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await working
    found: dict[str, Any] = job
    return found


async def test_a_replacement_is_not_deleted_while_customers_are_moved_to_it(api: Any, monkeypatch: pytest.MonkeyPatch):
    """C3: a customer is never left without a group, and one that is gone is none."""
    monkeypatch.setattr(remove_group, "MOVED_AT_ONCE", 2)
    a, b = await api.group("A"), await api.group("B")
    for _ in range(5):
        await api.post("/customers", person_body(a))
    job = await api.delete(f"/groups/{a}", 1, 202, replacement=b)
    assert (await api.delete(f"/groups/{b}", 1, 409))["code"] == "in_use"
    assert (await ended(api, job["id"]))["result"] == {"moved": 5}
    assert await tree(api) == [("B", None, 1, 5)]


async def test_two_groups_do_not_replace_each_other_for_ever(api: Any, monkeypatch: pytest.MonkeyPatch):
    """C3: each would move back what the other one moved."""
    monkeypatch.setattr(remove_group, "MOVED_AT_ONCE", 2)
    a, b = await api.group("A"), await api.group("B")
    for group in (a, b):
        for _ in range(5):
            await api.post("/customers", person_body(group))
    await api.delete(f"/groups/{a}", 1, 202, replacement=b)
    refused = await api.delete(f"/groups/{b}", 1, 409, replacement=a)
    assert refused["code"] == "in_use"


async def test_a_large_group_is_replaced_by_a_job(api: Any, monkeypatch: pytest.MonkeyPatch):
    """C3: long work is a job; customers are moved a few hundred at a time."""
    monkeypatch.setattr(remove_group, "MOVED_AT_ONCE", 2)
    a, b = await api.group("A"), await api.group("B")
    made = [(await api.post("/customers", person_body(a)))["id"] for _ in range(5)]
    job = await api.delete(f"/groups/{a}", 1, 202, replacement=b)
    assert job["kind"] == "replace_group"
    job = await ended(api, job["id"])
    assert job["result"] == {"moved": 5}
    assert await tree(api) == [("B", None, 1, 5)]
    history = await api.get(f"/customers/{made[0]}/history")
    assert history["items"][0]["via"] == f"job:{job['id']}"
