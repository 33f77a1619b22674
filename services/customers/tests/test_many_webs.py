"""Web processes beside each other on PostgreSQL, whose requests share transactions: every change is made once or refused."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Delete, Table, func, select

from rapport_chassis.db import Database, Tx, open_database
from rapport_chassis.problems import NotFound, Stale
from rapport_customers.application import create_customer, edit_customer
from rapport_customers.application.edit_groups import create_group
from rapport_customers.bootstrap import SERVICE
from rapport_customers.domain.documents import Document
from rapport_customers.domain.keys import text_key
from rapport_customers.store import matching, tables
from rapport_testkit.customers import caller
from rapport_testkit.databases import postgres_url

MASTER, STRANGER = caller(), caller("stranger", groups=["another"])
MANY = 40


@pytest.fixture
async def webs(tmp_path: Path) -> AsyncIterator[tuple[Database, Database]]:
    url = postgres_url("customers", tables.metadata, SERVICE.migrations, tmp_path)
    one, other = (open_database(url, tables.metadata, name="customers") for _ in range(2))
    await one.start()
    await other.start()
    yield one, other
    await one.close()
    await other.close()


async def _create(db: Database, group: str, name: str) -> Document:
    def run(tx: Tx) -> Document:
        return create_customer.create_customer(tx, MASTER, "IR", "person", {"first_name": name, "groups": [group]})

    return await db.write_together(run, create_customer.AHEAD)


async def _rename(db: Database, customer: str, version: int, name: str, by: object = MASTER) -> Document:
    def run(tx: Tx) -> Document:
        return edit_customer.edit_customer(tx, by, "IR", customer, version, {"first_name": name})

    return await db.write_together(run, edit_customer.ahead(by, customer))


async def test_who_creates_does_not_wait_for_an_import_that_creates(webs: tuple[Database, Database]) -> None:
    """Its transaction takes half a second and more."""
    group = (await webs[0].write(create_group, MASTER, "All", None, None)).id
    begun, over = threading.Event(), threading.Event()

    def as_an_import(tx: Tx) -> None:
        for name in ("Ada", "Bea"):
            values = {"first_name": name, "groups": [group]}
            create_customer.create_customer(tx, MASTER, "IR", "person", values)
        begun.set()
        assert over.wait(20)

    doing = asyncio.create_task(webs[0].write(as_an_import))
    await asyncio.to_thread(begun.wait, 10)
    created = await asyncio.wait_for(asyncio.gather(*(_create(webs[1], group, f"n{n}") for n in range(5))), 10)
    over.set()
    await doing
    assert len(created) == 5


async def test_keys_of_who_was_numbered_before_and_committed_after_are_not_lost(
    webs: tuple[Database, Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the fresh keys of others are moved, who has a lower number than they commits his."""
    monkeypatch.setattr(matching, "_MANY", 1)
    group = (await webs[0].write(create_group, MASTER, "All", None, None)).id
    numbered, go_on, moved = threading.Event(), threading.Event(), threading.Event()

    def slowly(tx: Tx) -> None:
        values = {"first_name": "first", "groups": [group]}
        create_customer.create_customer(tx, MASTER, "IR", "person", values)
        numbered.set()
        assert go_on.wait(20)

    def settle(tx: Tx) -> None:
        held = matching.delete

        def late(table: Table) -> Delete:
            go_on.set()  # what is to be moved is chosen: he commits now
            assert moved.wait(20)
            return held(table)

        monkeypatch.setattr(matching, "delete", late)
        matching.settle(tx)

    first = asyncio.create_task(webs[0].write(slowly))
    await asyncio.to_thread(numbered.wait, 10)
    await _create(webs[1], group, "second")
    settling = asyncio.create_task(webs[1].write(settle))
    await first
    moved.set()
    await settling
    monkeypatch.undo()
    assert (await webs[1].read(matching.fresh_numbers))[0] > 0
    await webs[1].write(matching.settle_all)
    found = await webs[1].read(matching.find, "first_name", [text_key("first"), text_key("second")])
    assert [len(numbers) for numbers in found.values()] == [1, 1]


async def test_what_many_requests_of_two_processes_want_at_once_is_done_once_or_refused(
    webs: tuple[Database, Database],
) -> None:
    group = (await webs[0].write(create_group, MASTER, "All", None, None)).id
    some = [(await _create(webs[0], group, f"first{number}"))["id"] for number in range(6)]
    done: Counter[str] = Counter()
    chance = Random(7)

    async def work(number: int) -> None:
        db, customer = webs[number % 2], chance.choice(some)
        await _create(db, group, f"new{number}")
        with pytest.raises(NotFound):
            await _rename(db, customer, 1, "seen", STRANGER)
        version = 1
        while True:
            try:
                after = await _rename(db, customer, version, f"name{number}")
            except Stale as stale:
                version = stale.more["current"]["version"]
            else:
                done[customer] += 1
                assert after["version"] == version + 1
                return

    await asyncio.wait_for(asyncio.gather(*(work(number) for number in range(MANY))), 60)
    assert sum(done.values()) == MANY
    stored = await webs[0].read(
        lambda conn: list(conn.execute(select(tables.customers.c.id, tables.customers.c.document)))
    )
    assert {row[0]: row[1]["version"] for row in stored if row[0] in some} == {one: done[one] + 1 for one in some}
    assert len(stored) == MANY + len(some)
    counted = await webs[0].read(
        lambda conn: conn.execute(select(func.count()).select_from(tables.history)).scalar_one()
    )
    assert counted == MANY
    for row in stored:
        keys = [text_key(row[1]["first_name"])]
        found = await webs[1].read(matching.find, "first_name", keys)
        assert len(found[keys[0]]) == 1
    everybody = select(func.count(tables.match_keys.c.key)).group_by(tables.match_keys.c.number)
    assert set(await webs[0].read(lambda conn: conn.execute(everybody).scalars().all())) == {1}
