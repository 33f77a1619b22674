"""M4: the life of a message, in any order and with any repetition."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from rapport_chassis.db import Tx
from rapport_chassis.ids import new_id
from rapport_messaging.domain.states import RANK, STATES, supersedes
from rapport_messaging.store import messages, reports, sending
from rapport_messaging.store.reports import Report
from rapport_messaging.store.tables import chassis
from rapport_testkit.plans import plan_of

REPORTS = ["sent", "delivered", "failed", "undeliverable"]


def after(start, told):
    state = start
    for report in told:
        state = report if supersedes(report, state) else state
    return state


@given(
    st.sampled_from(["queued", "sending", "unknown", "sent"]),
    st.lists(st.sampled_from(REPORTS), min_size=1, max_size=5),
)
def test_reports_in_any_order_repeated_end_the_same(start, told):
    """M4: callbacks out of order or repeated are harmless."""
    end = after(start, told)
    for order in itertools.permutations(told):
        assert after(start, [*order, *order]) == end


@pytest.mark.parametrize("ended", ["delivered", "received"])
def test_what_is_at_its_end_stays(ended):
    """M4."""
    assert all(not supersedes(report, ended) for report in REPORTS)


def test_every_state_has_a_rank_of_its_own():
    assert sorted(RANK) == sorted(STATES)
    assert len(set(RANK.values())) == len(RANK)


def queued(tx: Tx, address: str = "+15550001") -> str:
    message = new_id()
    row = {"id": message, "customer_id": "c", "address": address, "body": "b", "created_by": "u", "job_id": None}
    messages.insert_queued(tx, [row])
    return message


def state_of(conn, message):
    return messages.documents(conn, [message])[message]


@pytest.mark.parametrize("order", list(itertools.permutations(["sent", "delivered", "failed"])))
async def test_stored_reports_end_the_same_and_say_so_only_when_they_change_something(desk, order):
    """M4."""
    message = await desk.db.write(queued)
    for state in (*order, *order):
        await desk.db.write(reports.apply, [Report("twilio", "SM1", state, None, message)])
    version, document = await desk.db.read(state_of, message)
    assert b'"state":"delivered"' in document
    said = await desk.db.read(lambda conn: len(conn.execute(select(chassis.outbox)).all()))
    changes = sum(1 for at, state in enumerate(order) if all(RANK[state] > RANK[other] for other in order[:at]))
    assert version == said == 1 + changes


async def test_a_report_of_another_send_changes_nothing(desk):
    """M4: a message has one reference at its provider; somebody else's is not about it."""
    message = await desk.db.write(queued)
    await desk.db.write(reports.apply, [Report("twilio", "SM1", "sent", None, message)])
    await desk.db.write(reports.apply, [Report("twilio", "SM2", "failed", "blocked", message)])
    await desk.db.write(reports.apply, [Report("twilio", "SM3", "delivered")])
    version, document = await desk.db.read(state_of, message)
    assert (version, b'"state":"sent"' in document) == (2, True)


async def test_a_report_without_our_intent_is_found_by_its_reference(desk):
    """M4."""
    message = await desk.db.write(queued)
    await desk.db.write(reports.apply, [Report("twilio", "SM1", "sent", None, message)])
    await desk.db.write(reports.apply, [Report("twilio", "SM1", "undeliverable", "landline")])
    _, document = await desk.db.read(state_of, message)
    assert b'"state":"undeliverable","reason":"landline"' in document


async def test_the_topic_carries_each_message_with_its_version(desk):
    """M4: messaging.messages.v1 is what logging builds timeline entries from."""
    from rapport_contracts import topics
    from rapport_contracts.events import MessageDocument

    message = await desk.db.write(queued)
    await desk.standing.relay.once()
    await desk.db.write(reports.apply, [Report("twilio", "SM1", "delivered", None, message)])
    await desk.standing.relay.once()
    told = [MessageDocument.model_validate(one["data"]) for one in await desk.standing.read(topics.MESSAGES)]
    assert [(one.id, one.version, one.state, one.by) for one in told] == [
        (message, 1, "queued", "u"),
        (message, 2, "delivered", "u"),
    ]


async def test_hot_queries_use_their_indexes(desk):
    """M4: what runs all the time must not read all messages."""

    def ask(conn):
        now = desk.standing.runtime.clock.now()
        sending.due(conn, now, 10)
        sending.next_lost(conn)
        sending.lost(conn, now, 10)
        sending.waiting(conn)
        sending.anything_to_cancel(conn)
        messages.unmatched(conn, ["+1"])
        messages.last_written_to(conn, ["+1"])
        messages.known_references(conn, "twilio", ["x"])
        sending.by_state(conn, ["j"])

    seen = (await desk.db.read(plan_of, ask)).splitlines()
    assert {"messages_due", "messages_open_by_address", "messages_lost", "messages_leased"} <= indexes_in(seen)
    assert not [step for step in seen if "TEMP B-TREE FOR ORDER BY" in step or "Seq Scan on messages" in step]
    assert [step for step in seen if step.startswith("SCAN messages") and "USING" not in step] == []
    assert [step for step in seen if step.startswith("SCAN other") and "USING" not in step] == []


def indexes_in(steps):
    return {word for step in steps for word in step.split() if word.startswith("messages_")}
