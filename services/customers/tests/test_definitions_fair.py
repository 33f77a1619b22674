"""Who changes a definition gets his turn beside any number of writers, and those who waited for him know what he changed."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from rapport_chassis.db import Database, Tx, open_database
from rapport_customers.application.edit_groups import create_group
from rapport_customers.bootstrap import SERVICE
from rapport_customers.store import definitions, tables
from rapport_testkit.customers import caller
from rapport_testkit.databases import postgres_url

AT_WORK = 0.2


async def test_writers_that_overlap_do_not_keep_a_group_from_being_made(tmp_path: Path) -> None:
    url = postgres_url("customers", tables.metadata, SERVICE.migrations, tmp_path)
    webs = [open_database(url, tables.metadata, name="customers") for _ in range(3)]
    for db in webs:
        await db.start()
    over = asyncio.Event()

    def work(tx: Tx) -> None:
        definitions.hold(tx)
        time.sleep(AT_WORK)

    async def writing(db: Database, late: float) -> None:
        await asyncio.sleep(late)
        while not over.is_set():
            await db.write(work)

    writers = [asyncio.create_task(writing(db, late * AT_WORK / 2)) for late, db in enumerate(webs[:2])]
    await asyncio.sleep(AT_WORK * 2)
    began = time.monotonic()
    await webs[2].write(create_group, caller(), "Fresh", None, None)
    took = time.monotonic() - began
    over.set()
    await asyncio.gather(*writers)
    for db in webs:
        await db.close()
    assert took < 5 * AT_WORK


async def test_who_waited_for_a_change_of_the_definitions_knows_it(tmp_path: Path) -> None:
    url = postgres_url("customers", tables.metadata, SERVICE.migrations, tmp_path)
    one, other = (open_database(url, tables.metadata, name="customers") for _ in range(2))
    await one.start()
    await other.start()
    made = asyncio.Event()
    loop = asyncio.get_running_loop()

    def change(tx: Tx) -> str:
        group = create_group(tx, caller(), "Fresh", None, None).id
        loop.call_soon_threadsafe(made.set)
        time.sleep(AT_WORK)
        return group

    changing = asyncio.create_task(one.write(change))
    await made.wait()
    began = time.monotonic()
    alone, shared = await asyncio.gather(other.write(definitions.hold), other.write_together(definitions.hold))
    assert time.monotonic() - began > AT_WORK / 2
    group = await changing
    assert group in alone.groups
    assert group in shared.groups
    await one.close()
    await other.close()
