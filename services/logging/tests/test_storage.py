"""What stands in the database: the migrations make it, batches cost few statements, documents keep their contract."""

from __future__ import annotations

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import event

from rapport_chassis.db import Tx
from rapport_contracts import topics
from rapport_contracts.events import EntryDocument, TagDocument
from rapport_logging.bootstrap import SERVICE
from rapport_logging.domain.entries import SystemEntry
from rapport_logging.store.tables import metadata
from rapport_testkit.databases import on_real_engines
from rapport_testkit.service import Standing, running
from rapport_testkit.timeline import CustomersFake, fact, imported, message, note, sql, timeline


async def test_the_migrations_make_the_tables_that_the_queries_speak_of(it: Standing) -> None:
    def differences(tx: Tx) -> list[Any]:
        return list(compare_metadata(MigrationContext.configure(tx.conn, opts={"compare_type": False}), metadata))

    assert [one for one in await it.runtime.db.write(differences) if "alembic_version" not in str(one)] == []
    if not on_real_engines():
        narrow = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%WITHOUT ROWID%' ORDER BY name"
        assert [row.name for row in await sql(it, narrow)] == ["entry_customers", "entry_history", "entry_tags"]


async def test_published_documents_are_what_their_contract_says(it: Standing) -> None:
    await message(it, "m1", 1)
    made = (await note(it.client(), "urgent")).json()
    await it.drain()
    entries = [EntryDocument.model_validate(record["data"]) for record in await it.read(topics.ENTRIES)]
    assert {entry.kind for entry in entries} == {"sms_sent", "note"}
    assert [entry.tags for entry in entries if entry.kind == "note"] == [[made["actions"][0]["tags"][0]["id"]]]
    tags = [TagDocument.model_validate(record["data"]) for record in await it.read(topics.TAGS)]
    assert [tag.name for tag in tags if tag.state == "unverified"] == ["urgent"]


async def test_everything_is_there_after_a_restart(tmp_path: Any, customers: CustomersFake) -> None:
    peers = {"customers": customers.app()}
    async with running(SERVICE, tmp_path, peers=peers, clock=customers.clock) as it:
        await fact(it, "created", "c1", version=1)
        before = await timeline(it.client())
    async with running(SERVICE, tmp_path, peers=peers, clock=customers.clock) as it:
        await it.drain()
        assert await timeline(it.client()) == before
        assert (await it.client().get("/customers/c1/timeline:verify")).json() == {"valid": True, "entries": 1}


async def test_a_batch_a_hundred_times_larger_costs_hardly_more_statements(it: Standing) -> None:
    """Imports bring a hundred thousand links: set-based, no query in a loop."""
    counted: list[str] = []
    event.listen(it.runtime.db.engine, "before_cursor_execute", lambda *args: counted.append(args[2]))
    costs = []
    for batch, size in enumerate((5, 500)):
        people = [f"{batch}-{number}" for number in range(size)]
        counted.clear()
        await imported(it, people, batch=batch, groups={"g1": people, "g2": people})
        costs.append(len([said for said in counted if "entr" in said or "chain" in said]))
    assert costs[1] <= costs[0] + 3 < 20  # a statement takes some hundred rows


def test_one_natural_key_in_one_batch_is_written_once(tx: Tx) -> None:
    from rapport_logging.application.record_system import record

    entry = SystemEntry("event:1", "customer_created", ("c1",), tx.now)
    other = SystemEntry("event:2", "customer_created", ("c1",), tx.now)
    record(tx, [entry, other, entry])
    record(tx, [])
    rows = tx.conn.exec_driver_sql("SELECT natural_key FROM entries ORDER BY id").scalars().all()
    assert rows == ["event:1", "event:2"]


async def test_a_poisoned_record_is_parked_and_the_rest_goes_on(it: Standing) -> None:
    """R7."""
    await it.publish(topics.CUSTOMER_EVENTS, "bad", {"customer_id": "bad"}, type_="customers.customer.changed")
    await fact(it, "created", "c1", version=1)
    assert len(await timeline(it.client())) == 1
    assert await sql(it, "SELECT key FROM parked_messages") == [("bad",)]


@pytest.mark.parametrize("path", ["/log-entries/x", "/customers/c1/timeline", "/tags"])
async def test_nothing_is_shown_to_nobody(it: Standing, path: str) -> None:
    assert (await it.client(None).get(path)).status_code == 401
