"""What a consumer takes at once, and what becomes of a message that cannot be prepared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rapport_chassis.consumer import Consumer, ConsumerLoop
from rapport_chassis.db import Tx
from rapport_contracts import topics
from rapport_contracts.envelope import Message
from rapport_testkit.service import Standing


async def test_what_cannot_be_prepared_is_parked_and_the_rest_handled(it: Standing) -> None:
    """R7."""
    handled: list[str] = []

    async def prepare(messages: Sequence[Message]) -> None:
        for message in messages:
            if message.key == "poison":
                raise ValueError(message.key)

    def handle(_tx: Tx, messages: Sequence[Message], _prepared: Any) -> None:
        handled.extend(message.key for message in messages)

    for key in ("a", "poison", "b"):
        await it.publish(topics.CUSTOMER_EVENTS, key, {}, type_="fact")
    consumer = Consumer(topics.CUSTOMER_EVENTS, "prepared", handle, prepare)
    loop = ConsumerLoop(consumer, it.runtime.db, it.runtime.bus)
    while await loop.once():
        pass
    assert sorted(handled) == ["a", "b"]
    parked = (await it.client().get("/parked-messages")).json()["items"]
    assert [one["key"] for one in parked] == ["poison"]


async def test_a_batch_ends_when_its_messages_are_large_together(it: Standing) -> None:
    """A thousand changes go into one transaction, but not a thousand facts of imports."""
    sizes: list[int] = []
    for number in range(12):
        await it.publish(topics.CUSTOMER_EVENTS, "a", {"text": "x" * (10_000 if number < 4 else 10)}, type_="fact")
    consumer = Consumer(
        topics.CUSTOMER_EVENTS, "large", lambda _, messages: sizes.append(len(messages)), most_bytes=20_000
    )
    loop = ConsumerLoop(consumer, it.runtime.db, it.runtime.bus)
    while await loop.once():
        pass
    assert sizes == [2, 2, 8]
