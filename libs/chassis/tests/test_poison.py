"""Poison is found inside the batch's transaction, and the order of a key holds whatever way the handler reads."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update

from rapport_chassis.consumer import Consumer, ConsumerLoop
from rapport_chassis.db import Tx
from rapport_chassis.parking import ask_replay
from rapport_contracts import topics
from rapport_contracts.envelope import Message
from rapport_testkit.service import Standing


async def test_later_messages_of_a_key_wait_also_when_its_poison_is_found_after_another_one(it: Standing) -> None:
    """R7: the handler reads one kind before the other, so what lies later in the batch is blamed first."""
    handled: list[tuple[str, str]] = []

    def handle(_tx: Tx, messages: Sequence[Message]) -> None:
        done = []
        for kind in ("early", "late"):
            for message in messages:
                if message.data["kind"] == kind:
                    if message.data["text"] == "poison":
                        raise ValueError(message.key)
                    done.append((message.key, message.data["text"]))
        handled.extend(done)

    one_partition = [
        ("c7", "late", "1"),
        ("c14", "late", "poison"),
        ("c16", "early", "poison"),
        ("c14", "late", "2"),
        ("c37", "early", "3"),
    ]
    for key, kind, text in one_partition:
        await it.publish(topics.CUSTOMER_EVENTS, key, {"kind": kind, "text": text}, type_="fact")
    loop = ConsumerLoop(Consumer(topics.CUSTOMER_EVENTS, "kinds", handle), it.runtime.db, it.runtime.bus)
    while await loop.once():
        pass
    assert sorted(handled) == [("c37", "3"), ("c7", "1")]
    parked = (await it.client().get("/parked-messages")).json()["items"]
    assert sorted((one["key"], one["behind"] is not None) for one in parked) == [
        ("c14", False),
        ("c14", True),
        ("c16", False),
    ]


async def test_what_another_instance_parked_holds_its_key_here_too(it: Standing) -> None:
    """R7: a consumer that starts knows of which keys something is parked already."""

    def refuse(_tx: Tx, messages: Sequence[Message]) -> None:
        if any(message.data.get("text") == "poison" for message in messages):
            raise ValueError("poison")

    consumer = Consumer(topics.CUSTOMER_EVENTS, "again", refuse)
    for text in ("poison", "2"):
        await it.publish(topics.CUSTOMER_EVENTS, "k", {"text": text}, type_="fact")
        loop = ConsumerLoop(consumer, it.runtime.db, it.runtime.bus)  # a new one each time
        while await loop.once():
            pass
    parked = (await it.client().get("/parked-messages")).json()["items"]
    assert [one["behind"] is not None for one in parked] == [False, True]


async def test_what_a_poisoned_message_had_queued_is_not_published_and_what_the_others_had_is_once(
    it: Standing,
) -> None:
    """R7: the rows of the outbox are written at the end of each attempt, and forgotten with it."""

    def say(tx: Tx, messages: Sequence[Message]) -> None:
        for message in messages:
            tx.publish_fact(topics.IMPORT_RESULTS, message.key, "said", b"{}", event_id=message.key)
            if message.data.get("text") == "poison":
                raise ValueError("poison")

    for key in ("a", "b", "bad", "c"):
        await it.publish(topics.CUSTOMER_EVENTS, key, {"text": "poison" if key == "bad" else key}, type_="fact")
    loop = ConsumerLoop(Consumer(topics.CUSTOMER_EVENTS, "say", say), it.runtime.db, it.runtime.bus)
    while await loop.once():
        pass
    outbox = it.runtime.db.tables.outbox
    query = select(outbox.c.event_id).where(outbox.c.type == "said")
    said = await it.runtime.db.read(lambda conn: list(conn.execute(query).scalars()))
    assert sorted(said) == ["a", "b", "c"]


async def test_who_cannot_be_read_is_parked_without_a_second_try_and_is_read_when_it_is_mended(it: Standing) -> None:
    """R7: the others are handled once, with what was read of them, and who comes later of its key waits."""
    handled: list[list[str]] = []

    def handle(_tx: Tx, said: Sequence[str]) -> None:
        handled.append(list(said))

    for key, text in (("a", "1"), ("bad", None), ("b", "2"), ("bad", "3"), ("worse", None)):
        await it.publish(topics.CUSTOMER_EVENTS, key, {"text": text} if text else {}, type_="fact")
    consumer = Consumer(topics.CUSTOMER_EVENTS, "reads", handle, read=lambda message: message.data["text"])
    loop = ConsumerLoop(consumer, it.runtime.db, it.runtime.bus)
    while await loop.once():
        pass
    assert [sorted(said) for said in handled] == [["1", "2"]]
    parked = (await it.client().get("/parked-messages")).json()["items"]
    assert sorted((one["key"], one["behind"] is not None) for one in parked) == [
        ("bad", False),
        ("bad", True),
        ("worse", False),
    ]
    assert "KeyError" in next(one["error"] for one in parked if one["key"] == "worse")
    first = next(one["id"] for one in parked if one["key"] == "bad" and one["behind"] is None)
    await it.client().post(f"/parked-messages/{first}:replay")
    await loop.once()
    assert handled == [handled[0]]  # still unreadable
    mended, stored = b'{"data": {"text": "mended"}}', first.removeprefix("notes-")
    table = it.runtime.db.tables.parked
    await it.runtime.db.write(
        lambda tx: (
            tx.conn.execute(update(table).where(table.c.id == stored).values(value=mended)) and ask_replay(tx, stored)
        )
    )
    await loop.once()
    assert handled[1:] == [["mended"], ["3"]]
