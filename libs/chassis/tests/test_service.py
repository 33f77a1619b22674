"""The habits of a service, end to end on the embedded engines."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from datetime import timedelta
from typing import Any

import pytest
from fastapi import APIRouter
from sqlalchemy import text

from rapport_chassis.db import EngineUnavailable, Tx
from rapport_chassis.http import create_app
from rapport_chassis.job_loop import JobLoop, _renew
from rapport_chassis.running_job import JobInterrupted, RunningJob
from rapport_contracts import topics
from rapport_testkit.service import Standing


async def rows(it: Standing, sql: str) -> list[Any]:
    return await it.runtime.db.read(lambda conn: list(conn.execute(text(sql))))


async def test_a_committed_write_reaches_topic_and_consumer_once(it: Standing) -> None:
    answer = await it.client().post("/notes", json={"id": "a", "text": "hello"})
    assert answer.status_code == 201
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["x-position"] == "a@1"
    await it.drain()
    assert [state["data"]["text"] for state in await it.read(topics.TAGS)] == ["hello"]
    assert await rows(it, "SELECT text FROM seen") == [("hello",)]
    assert await rows(it, "SELECT count(*) FROM outbox") == [(0,)]


async def test_a_relay_killed_between_publishing_and_deleting_doubles_no_effect(it: Standing) -> None:
    await it.client().post("/notes", json={"id": "a", "text": "hello"})
    producer = await it.runtime.bus.producer("notes")
    for taker in (it.relay._facts, it.relay._states):
        await producer.append((await it.runtime.db.read(taker, ())).records)
    it.relay._producer = None
    await it.drain()
    assert len(await it.read(topics.CUSTOMER_EVENTS)) == 2
    assert await rows(it, "SELECT text FROM seen") == [("hello",)]


async def test_a_relay_that_starts_with_facts_and_states_waiting_publishes_both(it: Standing) -> None:
    """R1: after a kill the outbox is seldom empty; two lanes that each open the producer would fence one another."""
    await it.client().post("/notes", json={"id": "a", "text": "hello"})
    relaying = asyncio.create_task(it.relay.run())
    async with asyncio.timeout(10):
        while await rows(it, "SELECT count(*) FROM outbox") != [(0,)]:
            await asyncio.sleep(0.01)
            assert not relaying.done(), relaying.exception()
    relaying.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await relaying
    assert len(await it.read(topics.CUSTOMER_EVENTS)) == len(await it.read(topics.TAGS)) == 1


async def test_the_same_idempotency_key_has_one_effect_and_one_answer(it: Standing) -> None:
    """R5: fifty at once."""
    client = it.client()
    keyed = {"idempotency-key": "k"}
    body = {"id": "a", "text": "x"}
    answers = await asyncio.gather(*(client.post("/notes", json=body, headers=keyed) for _ in range(50)))
    assert {(answer.status_code, answer.content, answer.headers["etag"]) for answer in answers} == {
        (201, b'{"id":"a"}', '"1"')
    }
    assert await rows(it, "SELECT count(*) FROM notes") == [(1,)]
    other = await client.post("/notes", json={"id": "b", "text": "y"}, headers=keyed)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    elsewhere = await it.client().post("/notes", json={"id": "b", "text": "y"})
    assert elsewhere.status_code == 201


async def test_an_idempotency_key_that_is_too_long_is_refused_and_nothing_is_done(it: Standing) -> None:
    for length, status in ((201, 422), (200, 201)):
        answer = await it.client().post(
            "/notes", json={"id": "a", "text": "x"}, headers={"idempotency-key": "k" * length}
        )
        assert answer.status_code == status, answer.text
        assert await rows(it, "SELECT count(*) FROM notes") == [(int(status == 201),)]


async def test_the_headers_that_a_write_reads_are_in_the_description(it: Standing) -> None:
    paths = (await it.client().get("/internal/openapi.json")).json()["paths"]
    said = {
        verb: {one["name"] for one in paths[path][verb]["parameters"] if one["in"] == "header"}
        for path, verb in (("/notes", "post"), ("/notes/{note_id}", "patch"))
    }
    assert said == {"post": {"Idempotency-Key"}, "patch": {"Idempotency-Key", "If-Match"}}


async def test_a_failed_write_leaves_nothing_not_even_its_key(it: Standing) -> None:
    client = it.client()
    await client.post("/notes", json={"id": "a", "text": "x"})
    failed = await client.post("/notes", json={"id": "a", "text": "x"}, headers={"idempotency-key": "k"})
    assert (failed.status_code, failed.json()["code"]) == (500, "internal_error")
    assert await rows(it, "SELECT count(*) FROM idempotency_keys") == [(0,)]
    assert await rows(it, "SELECT count(*) FROM outbox") == [(2,)]


async def test_refusals_are_problem_documents_with_stable_codes(it: Standing) -> None:
    client = it.client()
    anonymous = await it.client(None).post("/notes", json={})
    assert (anonymous.status_code, anonymous.json()["code"]) == (401, "unauthenticated")
    assert anonymous.headers["content-type"] == "application/problem+json"
    invalid = await client.post("/notes", json={"id": 1})
    assert invalid.status_code == 422
    broken = await client.post("/notes", content=b'{"id": ', headers={"content-type": "application/json"})
    assert (broken.status_code, broken.json()["errors"][0]["field"]) == (422, "body")
    assert {error["field"] for error in invalid.json()["errors"]} == {"id", "text"}
    assert (await client.get("/nowhere")).json()["code"] == "not_found"
    assert (await client.patch("/notes/a")).json()["code"] == "precondition_required"
    stale = await client.patch("/notes/a", headers={"if-match": '"9"'})
    assert (stale.status_code, stale.json()["code"], stale.json()["current"]["version"]) == (412, "stale_version", 1)
    await it.user("weak", ["customers.view"])
    weak = await it.client("weak").post("/notes", json={"id": "z", "text": "z"})
    assert (weak.status_code, weak.json()["code"]) == (403, "forbidden")


async def test_poison_is_parked_later_messages_of_its_key_wait_and_the_rest_go_on(it: Standing) -> None:
    """R7: one poison message in a batch."""
    for key, said in [("a", "1"), ("b", "poison"), ("b", "2"), ("c", "3"), ("b", "4"), ("d", "5")]:
        await it.publish(topics.CUSTOMER_EVENTS, key, {"text": said}, type_="note.added")
    await it.drain()
    assert sorted(await rows(it, "SELECT text FROM seen")) == [("1",), ("3",), ("5",)]
    parked = (await it.client().get("/parked-messages")).json()["items"]
    assert [one["behind"] is None for one in parked if one["key"] == "b"].count(True) == 1
    assert len(parked) == 3
    await it.runtime.db.write(
        lambda tx: tx.conn.execute(text("UPDATE parked_messages SET value = replace(value, 'poison', 'mended')"))
    )
    head = next(one for one in parked if one["behind"] is None)
    assert (await it.client().post(f"/parked-messages/{head['id']}:replay")).status_code == 202
    await it.drain()
    assert [said for (said,) in await rows(it, "SELECT text FROM seen ORDER BY rowid")][-3:] == ["mended", "2", "4"]
    assert (await it.client().get("/parked-messages")).json()["items"] == []


async def test_a_replay_that_fails_is_tried_once_also_when_it_was_asked_for_behind_the_first(it: Standing) -> None:
    """R7: otherwise the consumer would try the first of the key again every second, for ever."""
    for said in ("poison", "waits"):
        await it.publish(topics.CUSTOMER_EVENTS, "a", {"text": said}, type_="note.added")
    await it.drain()
    parked = (await it.client().get("/parked-messages")).json()["items"]
    behind = next(one for one in parked if one["behind"])
    assert (await it.client().post(f"/parked-messages/{behind['id']}:replay")).status_code == 202
    for _ in range(3):
        await it.loops[0].once()
    assert await rows(it, "SELECT max(attempts), count(replay_at) FROM parked_messages") == [(2, 0)]


async def test_a_run_of_failures_stops_the_consumer_instead_of_parking_everything(it: Standing) -> None:
    for number in range(10):
        await it.publish(topics.CUSTOMER_EVENTS, f"k{number}", {"text": "poison"}, type_="note.added")
    (loop,) = it.loops
    await asyncio.wait_for(loop.run(), 60)
    assert loop.stopped is not None
    assert await rows(it, "SELECT count(*) FROM parked_messages") == [(0,)]
    assert "poison" in loop.stopped


async def test_scattered_poison_is_parked_and_everything_else_is_handled(it: Standing) -> None:
    """R7: more poison in a batch than may fail in a row, but never in a row."""
    for number in range(60):
        said = "poison" if number % 10 == 0 else str(number)
        await it.publish(topics.CUSTOMER_EVENTS, f"k{number}", {"text": said}, type_="note.added")
    await it.drain()
    assert {int(said) for (said,) in await rows(it, "SELECT text FROM seen")} == {n for n in range(60) if n % 10}
    assert await rows(it, "SELECT count(*) FROM parked_messages WHERE behind IS NULL") == [(6,)]
    assert it.loops[0].stopped is None


async def test_a_job_runs_for_its_user_and_goes_on_from_its_checkpoint_after_a_kill(it: Standing) -> None:
    started = await it.client().post("/counts", params={"to": 5})
    job_id = started.json()["id"]
    assert started.status_code == 202
    assert job_id.startswith("notes-")
    await it.runtime.db.write(
        lambda tx: tx.conn.execute(
            text("UPDATE jobs SET state = 'running', lease = 'gone', lease_until = 1, checkpoint = '3'")
        )
    )
    working = asyncio.create_task(it.jobs().run())
    client = it.client()
    async with asyncio.timeout(60):
        while (job := (await client.get(f"/jobs/{job_id}")).json())["state"] != "done":
            await asyncio.sleep(0.01)
    working.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await working
    assert job["result"] == {"counted": 5, "for": "master"}
    await it.drain()
    assert (await it.read(topics.JOBS))[-1]["data"]["state"] == "done"


class Away:
    """A runner whose engine is away the first time."""

    def __init__(self) -> None:
        self.runs = 0

    async def run(self, job: RunningJob) -> dict[str, Any]:
        self.runs += 1
        await job.checkpoint(self.runs)
        if self.runs == 1:
            raise EngineUnavailable("the bus does not answer")
        return {"from": job.state}


async def test_a_job_whose_engine_is_away_waits_and_goes_on_instead_of_failing(
    it: Standing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R10: nothing is lost while an engine is away."""
    monkeypatch.setattr("rapport_chassis.job_loop._AWAY", timedelta(milliseconds=50))
    job_id = (await it.client().post("/counts", params={"to": 5})).json()["id"]
    away = Away()
    working = asyncio.create_task(JobLoop(it.runtime, {"count": away}).run())
    async with asyncio.timeout(60):
        while (job := (await it.client().get(f"/jobs/{job_id}")).json())["state"] not in {"done", "failed"}:
            await asyncio.sleep(0.01)
    working.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await working
    assert (job["state"], job["result"], away.runs) == ("done", {"from": 2}, 2)


async def test_a_lease_is_renewed_again_after_a_moments_trouble(it: Standing, monkeypatch: pytest.MonkeyPatch) -> None:
    """R10: else a second runner would take the job while the first still works."""
    monkeypatch.setattr("rapport_chassis.job_loop._RENEW_SECONDS", 0.001)
    renewals = 0

    class Held:
        async def renew(self) -> None:
            nonlocal renewals
            renewals += 1
            if renewals == 1:
                raise EngineUnavailable("the database is locked")
            if renewals == 3:
                raise JobInterrupted

    await asyncio.wait_for(_renew(Held()), 10)  # type: ignore[arg-type]
    assert renewals == 3


async def test_a_cancelled_job_stays_cancelled_and_jobs_of_others_are_invisible(it: Standing) -> None:
    job_id = (await it.client().post("/counts", params={"to": 5})).json()["id"]
    await it.user("other", ["customers.view"])
    assert (await it.client("other").get(f"/jobs/{job_id}")).status_code == 404
    assert (await it.client("other").post(f"/jobs/{job_id}:cancel")).status_code == 404
    assert (await it.client().post(f"/jobs/{job_id}:cancel")).json()["state"] == "cancelled"
    again = await it.client().post(f"/jobs/{job_id}:resume")
    assert (again.status_code, again.json()["code"]) == (409, "in_use")


async def test_a_position_of_another_log_stops_the_consumer_with_a_clear_word(it: Standing) -> None:
    await it.drain()
    await it.runtime.db.write(lambda tx: tx.conn.execute(text("UPDATE offsets SET incarnation = 'another'")))
    loop = it.loops[0]
    loop._positions.clear()
    await asyncio.wait_for(loop.run(), 60)
    assert "another log" in (loop.stopped or "")


async def test_health_tells_lag_outbox_and_parked(it: Standing) -> None:
    await it.drain()
    await it.client().post("/notes", json={"id": "a", "text": "x"})
    health = (await it.client(None).get("/internal/health")).json()
    assert health["outbox"]["rows"] == 2
    await it.relay.once()
    health = (await it.client(None).get("/internal/health")).json()
    assert health["consumers"] == [{"name": "notes.events", "lag": 1}]


async def test_health_names_what_does_not_answer(it: Standing, monkeypatch: pytest.MonkeyPatch) -> None:
    """R10: before who asks gives up."""
    await it.drain()
    monkeypatch.setattr(it.runtime.bus, "ends", lambda _topic: asyncio.Event().wait())
    async with asyncio.timeout(10):
        answer = await it.client(None).get("/internal/health")
    assert (answer.status_code, answer.json()["code"]) == (503, "engine_unavailable")
    assert answer.json()["detail"] == "the bus does not answer in time"


async def test_an_answer_is_published_while_the_deletion_of_the_last_one_still_waits(it: Standing) -> None:
    """What the service writes holds up deleting, not publishing; and nothing that waits to be deleted goes out twice."""
    held, go_on = threading.Event(), threading.Event()
    client = it.client()
    await client.post("/notes", json={"id": "a", "text": "x"})
    await client.post("/notes", json={"id": "b", "text": "y"})

    def hold(_tx: Tx) -> None:
        held.set()
        go_on.wait(10)

    holding = asyncio.create_task(it.runtime.db.write(hold))
    await asyncio.to_thread(held.wait, 10)
    await it.relay._publish(it.relay._lanes[0])
    assert not (await it.relay._lanes[0].take()).rows
    assert len(await it.read(topics.CUSTOMER_EVENTS)) == 2
    assert await rows(it, "SELECT count(*) FROM outbox WHERE type IS NOT NULL") == [(2,)]
    go_on.set()
    await holding
    await it.drain()
    assert len(await it.read(topics.CUSTOMER_EVENTS)) == 2
    assert await rows(it, "SELECT count(*) FROM outbox") == [(0,)]


async def test_an_application_with_a_route_that_declares_no_permission_does_not_start(it: Standing) -> None:
    """R12: who may call a route is said on the route, or there is no application."""
    router = APIRouter()

    @router.get("/open")
    async def forgotten() -> None:
        return None

    with pytest.raises(TypeError, match="/open declares no permission"):
        create_app(it.runtime, [router])
