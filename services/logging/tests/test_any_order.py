"""R2: any order and any repetition of what comes in gives the same timelines, and every chain verifies."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from rapport_chassis.db import Tx
from rapport_chassis.tables import chassis_tables
from rapport_contracts import topics
from rapport_contracts.envelope import Message, seal
from rapport_contracts.topics import Topic
from rapport_logging.application.verify_timeline import verify_timeline
from rapport_logging.domain.from_events import entries_of_fact
from rapport_logging.entrypoints.consumers import on_customer_facts, on_messages
from rapport_logging.store.tables import metadata

LONG = os.environ.get("RAPPORT_CHAOS") == "long"
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
CUSTOMERS = [f"c{number}" for number in range(5)]
Records = list[Message]

customer = st.sampled_from(CUSTOMERS)
group = st.sampled_from(["g1", "g2"])


def record(topic: Topic, key: str, type_: str, data: dict[str, Any], at: int, event_id: str) -> Message:
    time = NOW + timedelta(seconds=at)
    value = seal(source=topic.owner, type_=type_, subject=key, data=orjson.dumps(data), time=time, event_id=event_id)
    return Message(topic.name, topic.partition_of(key), 0, key, value)


@st.composite
def facts(draw: st.DrawFn) -> Records:
    """Facts about single customers and import batches, each with its own event id."""
    made = []
    for number in range(draw(st.integers(0, 8))):
        what = draw(st.sampled_from(["created", "changed", "enabled", "group_added", "group_removed", "imported"]))
        if what == "imported":
            written = draw(st.lists(customer, min_size=0, max_size=5, unique=True))
            data: dict[str, Any] = {"import_id": "i", "run_id": "r", "batch": number, "by": "u", "created": written}
            data |= {"changed": [], "groups": {draw(group): written[:2]}}
            key, type_ = "r", "customers.customers.imported"
        else:
            key, type_ = draw(customer), f"customers.customer.{what}"
            data = {"customer_id": key, "by": "u", "via": "form", "version": 1, "fields": ["name"], "enabled": True}
            data["group_id"] = draw(group)
        made.append(record(topics.CUSTOMER_EVENTS, key, type_, data, draw(st.integers(0, 3)), f"e{number}"))
    return made


@st.composite
def messages(draw: st.DrawFn) -> Records:
    """Histories of messages; an incoming one may be matched to its customer later."""
    made = []
    for number in range(draw(st.integers(1, 4))):
        outgoing, whose = draw(st.booleans()), draw(customer)
        matched_at = 1 if outgoing else draw(st.integers(1, 3))
        for version in range(1, draw(st.integers(2, 4)) + 1):
            state = ["queued", "sending", "sent", "delivered"][version - 1] if outgoing else "received"
            data = {"id": f"m{number}", "version": version, "channel": "sms", "address": "+1", "body": f"b{number}"}
            data |= {"direction": "outgoing" if outgoing else "incoming", "state": state, "reason": None}
            data |= {"customer_id": whose if version >= matched_at else None, "created_at": NOW.isoformat()}
            data |= {"at": (NOW + timedelta(seconds=version)).isoformat(), "by": "u" if outgoing else None}
            made.append(
                record(topics.MESSAGES, f"m{number}", topics.MESSAGES.name, data, version, f"m{number}@{version}")
            )
    return made


@st.composite
def deliveries(draw: st.DrawFn, of: Records) -> list[Records]:
    """Everything of `of` one to five times, in any order, cut into batches anywhere."""
    random = draw(st.randoms(use_true_random=False))
    copies = [one for one in of for _ in range(random.randint(1, 5))]
    random.shuffle(copies)
    batches: list[Records] = [[]]
    for one in copies:
        batches[-1].append(one)
        if random.random() < 0.3:
            batches.append([])
    return batches


def run(conn: Connection, handle: Callable[[Tx, Sequence[Message]], None], batches: list[Records]) -> None:
    for number, batch in enumerate(batches):
        tx = Tx(conn, NOW + timedelta(minutes=number), chassis_tables(metadata))
        handle(tx, batch)


def handle_facts(tx: Tx, facts: Sequence[Message]) -> None:
    on_customer_facts(tx, [entries_of_fact(fact) for fact in facts])


def end_state(conn: Connection) -> set[Any]:
    """What people see of it: every timeline's entries without ids, recording times and chain positions."""
    found = conn.execute(
        text("""
            SELECT l.customer_id, l.occurred_at, e.natural_key, e.kind, e.recorded_by, e.actions, e.data, e.link, e.delivery,
                   e.delivery_version, e.description_key, e.text_key
            FROM entry_customers l JOIN entries e ON e.id = l.entry_id AND e.occurred_at = l.occurred_at
        """)
    ).all()
    assert len(found) == len(set(found))
    return set(found)


@pytest.mark.timeout(1_200 if LONG else 120)
@settings(max_examples=3_000 if LONG else 60, deadline=None)
@given(data=st.data())
def test_any_order_and_any_repetition_give_the_same_timelines(
    fresh: Callable[[], AbstractContextManager[Connection]], data: st.DataObject
) -> None:
    """R2."""
    from_customers, from_messaging = data.draw(facts()), data.draw(messages())
    with fresh() as conn:
        run(conn, handle_facts, [from_customers])
        run(conn, on_messages, [[one] for one in from_messaging])
        in_order = end_state(conn)
        insist_on_chains(conn)
    streams = [(handle_facts, from_customers), (on_messages, from_messaging)]
    with fresh() as conn:
        for handle, records in data.draw(st.permutations(streams)):
            run(conn, handle, data.draw(deliveries(records)))
        assert end_state(conn) == in_order
        insist_on_chains(conn)


def insist_on_chains(conn: Connection) -> None:
    """Every entry is chained once, and every timeline verifies."""
    entries, links = (
        conn.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in ("entries", "chain_links")
    )
    assert entries == links
    for one in CUSTOMERS:
        assert verify_timeline(conn, one).broken is None
