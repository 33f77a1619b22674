"""Imports from topic to topic: the blob is read, the batch written, import answered (I8)."""

from __future__ import annotations

from typing import Any

from rapport_contracts import topics
from rapport_contracts.events import CustomersImported, ImportResults
from rapport_testkit.customers import import_batch, import_rows

COLUMNS = ["first_name", "email"]


async def send(api: Any, number: int, group: str, *rows: Any, blob: bool = True, **said: Any) -> None:
    key = f"imports/1/{number}"
    if blob:
        await api.it.runtime.blobs.put(key, import_rows(COLUMNS, *rows, first=10 * number))
    batch = import_batch(group, batch=number, blob_key=key, **said).model_dump(mode="json")
    await api.it.publish(topics.IMPORT_BATCHES, batch["run_id"], batch, type_="imports.batch.submitted")


async def results(api: Any) -> list[Any]:
    await api.it.drain()
    said = [ImportResults.model_validate(one["data"]) for one in await api.it.read(topics.IMPORT_RESULTS)]
    return [row for one in said for row in one.rows]


async def test_batches_become_customers_states_facts_and_results(api: Any):
    """I8: what became of each row; repeated delivery changes nothing."""
    group = await api.group()
    for _ in range(2):
        await send(api, 0, group, ["Reza", "r@b.co"], ["Sara", "s@b.co"])
        await send(api, 1, group, ["R", "R@b.co"], [None, None])
    rows = await results(api)
    assert [(row[0], row[1]) for row in rows] == [(0, "created"), (1, "created"), (10, "unchanged"), (11, "failed")]
    states = await api.it.read(topics.CUSTOMERS)
    assert sorted(one["data"]["first_name"] for one in states) == ["Reza", "Sara"]
    facts = await api.it.read(topics.CUSTOMER_EVENTS)
    (imported,) = [CustomersImported.model_validate(one["data"]) for one in facts]
    assert imported.groups == {group: imported.created}
    assert (await api.get("/groups"))["items"][0]["count"] == 2


async def test_the_rows_of_a_cancelled_import_may_be_gone(api: Any):
    """I8: a missing blob holds nothing up."""
    group = await api.group()
    await send(api, 0, group, blob=False)
    await send(api, 1, group, ["Reza", "r@b.co"])
    assert [row[1] for row in await results(api)] == ["created"]
    assert (await api.get("/parked-messages"))["items"] == []


async def test_an_import_ends_with_the_rights_of_its_user(api: Any):
    """Architecture, Identity: rights are checked again as a job goes."""
    group = await api.group()
    await api.as_user("importer", ["imports.run"], None)
    await send(api, 0, group, ["Reza", "r@b.co"], by="importer")
    assert [row[1] for row in await results(api)] == ["created"]
    await api.as_user("importer", ["customers.view"], None)
    await send(api, 1, group, ["Sara", "s@b.co"], by="importer")
    await send(api, 2, group, ["Mina", "m@b.co"], by="nobody")
    assert [row[1] for row in await results(api)] == ["created", "failed", "failed"]
