"""A message whose preparation fails for good is parked by itself, and the others are handled."""

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
