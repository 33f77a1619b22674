"""R3: never sent twice, never silently lost, whatever is killed between accept and record."""

import asyncio
import json
import os
import random
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from rapport_chassis.ids import new_ids
from rapport_messaging.bootstrap import SERVICE
from rapport_messaging.store import messages, sending
from rapport_testkit.service import running
from rapport_testkit.twilio_server import TwilioServer

KILLS = int(os.environ.get("RAPPORT_TEST_KILLS", "2"))
MESSAGES = int(os.environ.get("RAPPORT_TEST_MESSAGES", "400"))
FAST = {"RAPPORT_SMS_LEASE_SECONDS": "3", "RAPPORT_SMS_SETTLE_SECONDS": "0.5", "RAPPORT_SMS_PER_SECOND": "800"}
WORKER = Path(__file__).with_name("worker_process.py")


@pytest.fixture
async def twilio():
    async with TwilioServer(latency=0.02, callbacks=False) as server:
        yield server


@pytest.fixture
async def desk(tmp_path, world, twilio, make_desk):
    async with running(SERVICE, tmp_path, peers=world.apps(), env=twilio.env() | FAST) as standing:
        yield make_desk(standing, world)


def queue(tx, count):
    ids = new_ids(count)
    same = {"body": "hello", "created_by": "u", "job_id": None}
    messages.insert_queued(
        tx, [{"id": one, "customer_id": one, "address": f"+98912{at:07d}"} | same for at, one in enumerate(ids)]
    )


async def counts(desk):
    def by_state(conn):
        from sqlalchemy import text

        return dict(conn.execute(text("SELECT state, count(*) FROM messages GROUP BY state")).all())

    return await desk.db.read(by_state)


def exactly_once(twilio, many):
    sent = Counter(one.to for one in twilio.accepted)
    return (len(sent), max(sent.values())) == (many, 1)


@pytest.mark.timeout(max(120, MESSAGES // 50 + KILLS * 5))
async def test_a_worker_killed_again_and_again_sends_each_message_once(desk, twilio, tmp_path, until):
    """R3: kill -9 while dozens of calls are under way; no callback ever comes, so only the lookup can tell."""
    await desk.db.write(queue, MESSAGES)
    env, chance, kills = json.dumps(twilio.env() | FAST), random.Random(3), 0
    while kills < KILLS:
        before = len(twilio.accepted)
        worker = await asyncio.create_subprocess_exec(
            sys.executable,
            str(WORKER),
            str(tmp_path),
            env,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        assert worker.stdout
        assert await worker.stdout.readline() == b"ready\n"
        await until(lambda at=before: more_than(twilio, at), 60)
        await asyncio.sleep(chance.uniform(0.01, 0.15 if MESSAGES < 5_000 else 0.8))
        worker.kill()
        await worker.wait()
        kills += 1
    mid = await counts(desk)
    assert mid.get("sending", 0) + mid.get("unknown", 0) > 0  # killed between accept and record, now or before
    async with desk.working():
        await until(lambda: all_sent(desk), MESSAGES / 50 + 30)
    assert exactly_once(twilio, MESSAGES)
    assert (await counts(desk)) == {"sent": MESSAGES}


async def more_than(twilio, many):
    return len(twilio.accepted) > many


async def all_sent(desk):
    return set(await counts(desk)) == {"sent"}


async def test_an_expired_lease_becomes_unknown_never_queued(desk):
    """R3, M4."""
    await desk.db.write(queue, 2)
    rows = await desk.db.write(lambda tx: sending.due(tx.conn, tx.now, 10))
    await desk.db.write(sending.begin, [row.id for row in rows], "twilio", timedelta(seconds=-1))
    assert await desk.db.write(sending.lose, timedelta(0)) == 2
    assert await counts(desk) == {"unknown": 2}


async def test_a_late_word_of_the_provider_outranks_a_lost_lease(desk):
    """R3: the one who lost the lease may still say that it was taken, and nothing else."""
    await desk.db.write(queue, 1)
    (row,) = await desk.db.write(lambda tx: sending.due(tx.conn, tx.now, 10))
    await desk.db.write(sending.begin, [row.id], "twilio", timedelta(seconds=-1))
    await desk.db.write(sending.lose, timedelta(hours=1))
    await desk.db.write(sending.record, [sending.Outcome(row.id, 1, "queued", "rate_limited")])
    assert await counts(desk) == {"unknown": 1}
    await desk.db.write(sending.record, [sending.Outcome(row.id, 1, "sent", None, "SM1")])
    assert await counts(desk) == {"sent": 1}


async def test_what_was_asked_about_an_earlier_attempt_says_nothing_about_a_later_one(desk):
    """R3: a person had it sent again while the provider was asked, and that attempt was lost as well."""
    await desk.db.write(queue, 1)
    (row,) = await desk.db.write(lambda tx: sending.due(tx.conn, tx.now, 10))
    for _ in range(2):
        await desk.db.write(sending.begin, [row.id], "twilio", timedelta(seconds=-1))
        await desk.db.write(sending.lose, timedelta(0))
        await desk.db.write(sending.settle_lost, [sending.Outcome(row.id, 1, "queued")])
    assert await counts(desk) == {"unknown": 1}


async def test_two_messages_to_one_number_are_never_under_way_together(desk):
    """R3: so a lookup by number and body cannot take one for the other; and they arrive in order."""

    def twice(tx):
        first, second = new_ids(2)
        same = {"address": "+989120000000", "body": "same", "customer_id": "c", "created_by": "u", "job_id": None}
        messages.insert_queued(tx, [{"id": first} | same, {"id": second} | same])
        return first, second

    first, second = await desk.db.write(twice)

    def due(tx):
        return [row.id for row in sending.due(tx.conn, tx.now, 10)]

    assert await desk.db.write(due) == [first]
    await desk.db.write(sending.begin, [first], "twilio", timedelta(seconds=-1))
    assert await desk.db.write(due) == []
    await desk.db.write(sending.lose, timedelta(0))
    assert await desk.db.write(due) == []
    await desk.db.write(sending.settle_lost, [sending.Outcome(first, 1, "unknown", "outcome_unknown")])
    assert await desk.db.write(due) == [second]  # the first waits for a person, not the second


async def test_after_a_restore_nothing_is_sent_again_and_nothing_is_forgotten(desk, twilio, until):
    """R11: what the backup calls queued may have been sent since; the provider is asked first."""
    await desk.db.write(queue, 20)
    async with desk.working():
        await until(lambda: all_sent(desk))

    def as_the_backup_had_it(tx):
        from sqlalchemy import text

        tx.conn.execute(
            text(
                "UPDATE messages SET state='queued', rank=0, provider=NULL, provider_ref=NULL, first_tried_at=NULL, attempts=0,"
                " next_try_at=created_at"
            )
        )

    await desk.db.write(as_the_backup_had_it)
    await desk.db.write(queue_more)
    assert SERVICE.on_restore
    await desk.db.write(SERVICE.on_restore)
    assert await counts(desk) == {"unknown": 25}
    async with desk.working():
        await until(lambda: all_sent(desk))
    assert exactly_once(twilio, 25)


def queue_more(tx):
    ids = new_ids(5)
    same = {"body": "hello", "created_by": "u", "job_id": None}
    messages.insert_queued(
        tx, [{"id": one, "customer_id": one, "address": f"+98913{at:07d}"} | same for at, one in enumerate(ids)]
    )


async def test_what_cannot_be_known_waits_for_a_person(desk, twilio, until):
    """R3, M4: the provider that had it is configured no more; nothing is sent behind anybody's back."""
    await desk.db.write(queue, 2)
    rows = await desk.db.write(lambda tx: sending.due(tx.conn, tx.now, 10))
    await desk.db.write(sending.begin, [row.id for row in rows], "another", timedelta(seconds=-1))

    async def parked():
        return {one["reason"] for one in await desk.messages(state="unknown")} == {"provider_gone"}

    async with desk.working():
        await until(parked)
        first, second = [one["id"] for one in await desk.messages(state="unknown")]
        answer = await desk.http.post(f"/messages/{first}:resolve", json={"state": "sent"})
        assert (answer.status_code, answer.json()["state"]) == (200, "sent")
        again = await desk.http.post(f"/messages/{first}:resolve", json={"state": "queued"})
        assert (again.status_code, again.json()["code"]) == (409, "in_use")
        await desk.http.post(f"/messages/{second}:resolve", json={"state": "queued"})
        await until(lambda: all_sent(desk))
    assert len(twilio.accepted) == 1


async def test_a_process_that_slept_calls_nobody(desk, twilio):
    """R3: after a long sleep somebody else may be asking for the message already; it is queued again, nothing was sent."""
    from rapport_messaging.adapters.twilio import TwilioSmsProvider
    from rapport_messaging.application.deliver import Dispatcher, claim
    from rapport_messaging.config import Config

    config = Config.of(twilio.env() | FAST)
    provider = TwilioSmsProvider(config.twilio, None)
    dispatcher = Dispatcher(
        desk.db, desk.standing.runtime.clock, provider, config.pacing, desk.standing.runtime.metrics
    )
    await desk.db.write(queue, 1)
    (row,) = await desk.db.write(claim, 1, "twilio", config.pacing)
    await dispatcher._send(row, desk.standing.runtime.clock.now() - config.pacing.lease)
    assert await counts(desk) == {"queued": 1}
    assert twilio.accepted == []
    await dispatcher._send(row, desk.standing.runtime.clock.now())
    assert len(twilio.accepted) == 1
    await provider.close()


async def test_what_the_database_gave_too_late_is_not_sent(desk, twilio):
    """R3: it was silent between taking the claim and saying so; by then the lease is over, and another worker may ask."""
    from rapport_messaging.adapters.twilio import TwilioSmsProvider
    from rapport_messaging.application.deliver import Dispatcher
    from rapport_messaging.config import Config

    config = Config.of(twilio.env() | FAST)

    class HeldUp:
        """The database, and a clock that a lease goes by on in each write."""

        def __init__(self):
            self.read, self.changed, self.at = desk.db.read, desk.db.changed, desk.standing.runtime.clock.now()

        async def write(self, fn, *arguments):
            result = await desk.db.write(fn, *arguments)
            self.at += config.pacing.lease
            return result

        def now(self):
            return self.at

    await desk.db.write(queue, 1)
    held_up, provider = HeldUp(), TwilioSmsProvider(config.twilio, None)
    dispatcher = Dispatcher(held_up, held_up, provider, config.pacing, desk.standing.runtime.metrics)
    assert await dispatcher.once() == 1
    await dispatcher._finish_calls()
    assert await counts(desk) == {"queued": 1}
    assert twilio.accepted == []
    await provider.close()
