"""R7: a person may give a parked message up; time never does."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import text

from rapport_chassis.service import run_worker
from rapport_contracts import topics
from rapport_testkit.service import Standing


async def parked(it: Standing, *said: str) -> list[dict[str, Any]]:
    """Say these things of one key; what is parked of them, the first of the key first."""
    for one in said:
        await it.publish(topics.CUSTOMER_EVENTS, "a", {"text": one}, type_="note.added")
    await it.drain()
    return await listed(it)


async def listed(it: Standing) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await it.client().get("/parked-messages")).json()["items"]
    return sorted(items, key=lambda one: one["offset"])


async def taken(it: Standing) -> list[str]:
    query = text("SELECT text FROM seen ORDER BY text")
    return await it.runtime.db.read(lambda conn: list(conn.execute(query).scalars()))


async def test_what_waits_behind_a_message_that_is_given_up_is_tried_again(it: Standing) -> None:
    head, _, _ = await parked(it, "poison", "1", "2")
    assert (await it.client().post(f"/parked-messages/{head['id']}:discard")).status_code == 204
    await it.drain()
    assert (await taken(it), await listed(it)) == (["1", "2"], [])


async def test_the_next_that_fails_is_the_first_to_decide_about(it: Standing) -> None:
    head, second, third = await parked(it, "poison", "poison too", "1")
    await it.client().post(f"/parked-messages/{head['id']}:discard")
    await it.drain()
    assert [(one["id"], one["behind"] is None) for one in await listed(it)] == [
        (second["id"], True),
        (third["id"], False),
    ]
    await it.client().post(f"/parked-messages/{second['id']}:discard")
    await it.drain()
    assert (await taken(it), await listed(it)) == (["1"], [])


async def test_the_next_of_a_key_that_fails_in_a_replay_is_decided_about(it: Standing) -> None:
    head, second, third = await parked(it, "poison", "poison too", "1")
    mend = text("UPDATE parked_messages SET value = replace(value, 'poison\"', 'mended\"') WHERE behind IS NULL")
    await it.runtime.db.write(lambda tx: tx.conn.execute(mend))
    await it.client().post(f"/parked-messages/{head['id']}:replay")
    await it.drain()
    assert await taken(it) == ["mended"]
    assert [(one["id"], one["behind"]) for one in await listed(it)] == [
        (second["id"], None),
        (third["id"], second["id"].removeprefix("notes-")),
    ]


async def test_only_who_may_replay_may_give_up_and_only_what_is_there(it: Standing) -> None:
    (head,) = await parked(it, "poison")
    await it.user("viewer", ["system.view"])
    path = f"/parked-messages/{head['id']}:discard"
    assert (await it.client("viewer").post(path)).status_code == 403
    assert (await it.client().post("/parked-messages/notes-none:discard")).status_code == 404
    assert len(await listed(it)) == 1


async def test_operators_see_how_many_messages_and_jobs_wait(it: Standing) -> None:
    await parked(it, "poison", "1")
    await it.client().post("/counts", params={"to": 5})
    await it.runtime.db.write(lambda tx: tx.conn.execute(text("UPDATE jobs SET state = 'paused'")))
    working = asyncio.create_task(run_worker(it.runtime, it.worker))
    said = it.runtime.metrics.registry.get_sample_value
    consumer = {"consumer": it.worker.consumers[0].group}
    async with asyncio.timeout(20):
        while said("jobs_active", {"kind": "count", "state": "paused"}) is None:
            await asyncio.sleep(0.02)
    assert said("consumer_parked_messages", consumer) == 2
    working.cancel()
    await asyncio.wait([working])
