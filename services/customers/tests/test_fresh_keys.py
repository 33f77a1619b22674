"""The match keys of many new customers wait, sorted by nothing, until somebody asks for them or no more come."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

from rapport_chassis.db import Tx
from rapport_customers.application.edit_customer import edit_customer
from rapport_customers.domain.keys import HOLDS, text_key
from rapport_customers.entrypoints.jobs import FreshKeys
from rapport_customers.store import matching
from rapport_testkit.customers import caller

MASTER = caller()
MANY = 400


def people(first: int = 0) -> list[list[Any]]:
    return [["Nr", str(at), f"0912{at:07d}", None, None] for at in range(first, first + MANY)]


async def fresh(world: Any) -> int:
    return (await world.rows("SELECT count(DISTINCT number) FROM fresh_keys"))[0][0]


async def found(world: Any) -> int:
    return (await world.rows("SELECT count(DISTINCT number) FROM match_keys"))[0][0]


async def test_a_merging_import_finds_all_that_an_earlier_one_created(world: Any):
    """I5."""
    await world.run(*people(), mode="duplicate", match=None)
    assert (await fresh(world), await found(world)) == (MANY, 0)
    again = await world.run(*people(), run_id="again")
    assert {result[1] for result in again} == {"unchanged"}
    assert (await fresh(world), await found(world)) == (0, MANY)


async def test_a_customer_whose_keys_wait_is_changed(world: Any):
    """What it was is no key any more, however late the keys are moved; what it still is stays one."""
    await world.run(*people(), mode="duplicate", match=None)
    one = (await world.customers())[7]
    old = one["contacts"][0]["e164"]
    patch = {"contacts": [{"kind": "mobile", "value": "09350000000"}]}
    await world.db.write(edit_customer, MASTER, "IR", one["id"], one["version"], patch)
    held = [await world.db.write(matching.is_held, "mobile", key) for key in (old, "+989350000000")]
    assert held == [False, True]
    kept = text_key(one["last_name"])
    assert await world.db.write(matching.is_held, "last_name", kept)


async def test_a_customer_is_changed_while_its_keys_are_moved(world: Any):
    """On PostgreSQL both go on at once: whichever is first, what the customer was is no key any more."""
    await world.run(*people(), mode="duplicate", match=None)
    one, other = (await world.customers())[:2]
    patch = {"contacts": [{"kind": "mobile", "value": "09350000000"}]}
    begun = threading.Event()

    def slowly(tx: Tx, first: Callable[[Tx], object]) -> None:
        first(tx)
        begun.set()
        time.sleep(0.5)

    def edit(tx: Tx, who: dict[str, Any]) -> None:
        edit_customer(tx, MASTER, "IR", who["id"], who["version"], patch)

    for first, then in [
        (lambda tx: edit(tx, one), matching.settle_all),
        (lambda tx: matching.settle(tx, MANY), lambda tx: edit(tx, other)),
    ]:
        begun.clear()
        doing = asyncio.create_task(world.db.write(slowly, first))
        await asyncio.to_thread(begun.wait, 10)
        await world.db.write(then)
        await doing
        await world.run(*people(10_000), run_id=str(time.time_ns()), mode="duplicate", match=None)
    for who in (one, other):
        assert not await world.db.write(matching.is_held, "mobile", who["contacts"][0]["e164"])


async def test_a_value_counts_as_held_while_its_key_waits(world: Any):
    """C4: a field that customers have values in keeps its type."""
    code = await world.field("Code")
    rows = [[*row, "x"] for row in people()]
    columns = ("first_name", "last_name", "mobile", "email", "city", f"custom.{code}")
    await world.run(*rows, columns=columns, mode="duplicate", match=None)
    assert await fresh(world) == MANY
    assert await world.db.write(matching.is_held, f"custom.{code}", HOLDS)
    assert not await world.db.write(matching.is_held, "custom.other", HOLDS)


async def test_keys_are_moved_when_no_more_come_or_too_many_wait(world: Any, monkeypatch: Any):
    task = FreshKeys(world.db)
    await world.run(*people(), mode="duplicate", match=None)
    await task.settle()
    await world.run(*people(MANY), run_id="2", mode="duplicate", match=None)
    await task.settle()
    assert await fresh(world) == 2 * MANY
    await task.settle()
    assert (await fresh(world), await found(world)) == (0, 2 * MANY)
    monkeypatch.setattr("rapport_customers.entrypoints.jobs._MOST_FRESH", MANY)
    for number in (3, 4):
        await world.run(*people(number * MANY), run_id=str(number), mode="duplicate", match=None)
    await task.settle()
    assert (await fresh(world), await found(world)) == (0, 4 * MANY)


async def test_keys_are_moved_in_portions(world: Any):
    """A move holds up nobody for long, and one that is broken off loses nothing."""
    await world.run(*people(), mode="duplicate", match=None)
    assert await world.db.write(matching.settle, 150)
    assert (await fresh(world), await found(world)) == (MANY - 150, 150)
    await world.db.write(matching.settle_all)
    assert (await fresh(world), await found(world)) == (0, MANY)
    assert not await world.db.write(matching.settle, 150)
