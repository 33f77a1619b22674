"""Records of customers.customer.v1 as changes of an index."""

from __future__ import annotations

import orjson

from rapport_contracts.envelope import Message
from rapport_search.application.ports import Change
from rapport_search.domain.entries import entry_of


def change_of(message: Message) -> Change:
    """What a record of the topic does to an index. Raises for what is no customer document: it is parked."""
    document = orjson.loads(message.raw)[
        "data"
    ]  # not kept with the message: a batch of parsed customers would fill the memory
    if document.get("purged"):
        return Change(document["id"], document["version"], None)
    return Change(document["id"], document["version"], entry_of(document))
