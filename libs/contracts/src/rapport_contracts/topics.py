"""The one list of topics: name, owner, kind, partitions and retention. Nothing else in the code spells a topic's name."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a record of the topic means."""

    STATE = "state"  # the whole document of its key with its version; compacted, kept for ever
    FACT = "fact"  # something that happened, in the past tense; kept for `retention_days`
    COMMAND = "command"  # something another service is asked to do; kept for `retention_days`


@dataclass(frozen=True, slots=True)
class Topic:
    """A durable, partitioned log. Records with the same key keep their order."""

    name: str
    owner: str
    kind: Kind
    partitions: int = 12
    retention_days: int | None = None

    def partition_of(self, key: str) -> int:
        """The partition of `key`: CRC-32 modulo the partitions, the same on every bus and in every language."""
        return zlib.crc32(key.encode()) % self.partitions


CUSTOMERS = Topic("customers.customer.v1", "customers", Kind.STATE)
CUSTOMER_EVENTS = Topic("customers.events.v1", "customers", Kind.FACT, retention_days=7)
DEFINITIONS = Topic("customers.definitions.v1", "customers", Kind.STATE, partitions=1)
IMPORT_BATCHES = Topic("imports.batches.v1", "import", Kind.COMMAND, retention_days=7)
IMPORT_RESULTS = Topic("imports.results.v1", "customers", Kind.FACT, retention_days=7)
ENTRIES = Topic("logging.entries.v1", "logging", Kind.STATE)
TAGS = Topic("logging.tags.v1", "logging", Kind.STATE, partitions=1)
MESSAGES = Topic("messaging.messages.v1", "messaging", Kind.STATE)
USERS = Topic("identity.users.v1", "identity", Kind.STATE, partitions=1)
JOBS = Topic("operations.jobs.v1", "operations", Kind.STATE)

ALL: tuple[Topic, ...] = (
    CUSTOMERS,
    CUSTOMER_EVENTS,
    DEFINITIONS,
    IMPORT_BATCHES,
    IMPORT_RESULTS,
    ENTRIES,
    TAGS,
    MESSAGES,
    USERS,
    JOBS,
)
BY_NAME: dict[str, Topic] = {topic.name: topic for topic in ALL}
