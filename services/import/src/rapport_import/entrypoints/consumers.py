"""What imports listen to: the answers of customers, and the definitions that rows are typed by."""

from __future__ import annotations

from collections.abc import Sequence

from rapport_chassis.consumer import Consumer
from rapport_chassis.db import Tx
from rapport_contracts import topics
from rapport_contracts.envelope import Message
from rapport_import.application.results import fold_results
from rapport_import.store.definitions import keep_definitions


def results_consumer() -> Consumer:
    """imports.results.v1 → counts of runs."""
    return Consumer(topics.IMPORT_RESULTS, "import.results", _results, rest=0)


def definitions_consumer() -> Consumer:
    """customers.definitions.v1 → the copy of groups, custom fields and lists."""
    return Consumer(topics.DEFINITIONS, "import.definitions", _definitions)


def _results(tx: Tx, messages: Sequence[Message]) -> None:
    fold_results(tx, [message.data for message in messages])


def _definitions(tx: Tx, messages: Sequence[Message]) -> None:
    keep_definitions(tx, [(message.key, message.data) for message in messages])
