"""What messaging reads: customers (to write to them, to know their replies) and definitions (for variables)."""

from __future__ import annotations

from rapport_chassis.consumer import Consumer
from rapport_contracts import topics
from rapport_messaging.application.take_in import take_in_customers, take_in_definitions

_CUSTOMERS = (
    2_000  # an import brings them by thousands, and each transaction dirties most pages of the index of numbers
)
_PATIENCE_SECONDS = 10.0

CONSUMERS = (
    Consumer(
        topics.CUSTOMERS,
        "messaging.customers",
        take_in_customers,
        batch=_CUSTOMERS,
        patience=_PATIENCE_SECONDS,
        rest=0.6,
    ),
    Consumer(topics.DEFINITIONS, "messaging.definitions", take_in_definitions),
)
