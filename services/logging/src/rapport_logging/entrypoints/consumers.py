"""Records of other services: facts about customers, and the state of messages, become entries (L1, L3)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from rapport_chassis.consumer import Consumer
from rapport_chassis.db import Tx
from rapport_contracts import topics
from rapport_contracts.envelope import Message
from rapport_logging.application.record_messages import record_messages
from rapport_logging.application.record_system import record
from rapport_logging.domain.entries import SystemEntry
from rapport_logging.domain.from_events import entries_of_fact

_FACTS_BYTES = 4 << 20  # an import's fact links thousands of customers, more than once


def on_customer_facts(tx: Tx, facts: Sequence[Sequence[SystemEntry]]) -> None:
    """Entries of customers.events.v1; a fact that was seen before, or that is not known here, changes nothing."""
    record(tx, chain.from_iterable(facts))


def on_messages(tx: Tx, messages: Sequence[Message]) -> None:
    """Entries of messaging.messages.v1 and their delivery states; older versions change nothing."""
    record_messages(tx, [message.data for message in messages])


CONSUMERS = (
    Consumer(
        topics.CUSTOMER_EVENTS,
        "logging.customer-events",
        on_customer_facts,
        read=entries_of_fact,
        most_bytes=_FACTS_BYTES,
        rest=0.6,
    ),
    Consumer(topics.MESSAGES, "logging.messages", on_messages),
)
