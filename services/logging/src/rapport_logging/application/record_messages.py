"""Messages in timelines (L1, L3): one entry a message, its delivery state always the newest that is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rapport_chassis.db import Tx
from rapport_logging.application.publishing import publish_entries
from rapport_logging.application.record_system import record
from rapport_logging.domain.entries import Delivery, SystemEntry, description_key
from rapport_logging.domain.from_events import entry_of_message
from rapport_logging.store import entries


def record_messages(tx: Tx, documents: Sequence[Mapping[str, Any]]) -> None:
    """Take in states of messages, any number of times and in any order.

    The first one with a customer makes the entry; of the delivery states the one with the highest version stays.
    """
    newest: dict[str, SystemEntry] = {}
    versions: dict[str, int] = {}
    for document in documents:
        entry = entry_of_message(dict(document))
        if entry is not None and versions.get(entry.natural_key, -1) < document["version"]:
            newest[entry.natural_key] = entry
            versions[entry.natural_key] = document["version"]
    if newest:
        _update(tx, newest)
        record(tx, newest.values())


def _update(tx: Tx, newest: Mapping[str, SystemEntry]) -> None:
    rows: list[dict[str, Any]] = []
    for key, known in entries.deliveries(tx.conn, list(newest)).items():
        delivery = newest[key].delivery
        if delivery is not None and delivery.version > known.delivery_version:
            rows.append(_changed(known, delivery))
    entries.set_deliveries(tx.conn, rows)
    publish_entries(tx, [(row["at_id"], row["version"]) for row in rows])


def _changed(known: Any, delivery: Delivery) -> dict[str, Any]:
    return {
        "at_id": known.id,
        "delivery": delivery.document,
        "delivery_version": delivery.version,
        "description_key": description_key(known.description, delivery.document),
        "version": known.version + 1,
    }
