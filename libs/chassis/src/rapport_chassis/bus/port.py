"""What a bus promises: a durable partitioned log per topic, ordered per key, read by position, with fenced producers.

Positions belong to the reader (a consumer keeps its own in its own database); the bus keeps none that matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from rapport_contracts.envelope import Message
from rapport_contracts.topics import Topic

T = TypeVar("T")
MOST_BYTES: Final = 16 << 20  # of values that one read brings, unless it wants fewer


class ProducerFenced(Exception):  # noqa: N818  the field's word for it
    """A newer producer of the same name has taken over: this one must stop."""


class IncarnationChanged(Exception):  # noqa: N818
    """The log a position was taken on is not the log that is there now (restored, recreated): refuse to go on."""


class BusUnusable(Exception):  # noqa: N818
    """The bus cannot be used as it is or as it was set up (a foreign file, missing topics, a wrong URL): a person must look."""


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record to append. Its partition follows from its key. `value` is a sealed envelope."""

    topic: Topic
    key: str
    value: bytes


@dataclass(frozen=True, slots=True)
class TopicPartition:
    """One ordered log."""

    topic: str
    partition: int


class Producer(Protocol):
    """A named writer; opening a second one with the same name fences the first."""

    async def append(self, records: Sequence[NewRecord]) -> None:
        """Append all or none, in the order given; durable when it returns. Raises `ProducerFenced`."""

    async def close(self) -> None:
        """Release what is held; the name stays usable."""


class Membership(Protocol):
    """One of several workers that share a topic for one purpose; which partitions are its own changes as others come and go.

    It is a division of labour, not a lock: for a moment two may believe to own a partition. What they do with it is guarded
    by the offset in their database.
    """

    @property
    def owned(self) -> frozenset[int]:
        """The partitions it is to work on now."""

    @property
    def turn(self) -> int:
        """Another number whenever `owned` was given anew."""

    async def close(self) -> None:
        """Leave; the others take over."""


class Bus(Protocol):
    """A set of topics. All methods may raise `EngineUnavailable` (retry later)."""

    rest_fold: int
    """How many times as long as a round of work one rests after it: more where a round costs the same however little is in it."""

    async def start(self) -> None:
        """Open what is needed. The embedded bus creates topics that are missing."""

    async def close(self) -> None:
        """Close; readers that wait are woken and get nothing."""

    async def producer(self, name: str) -> Producer:
        """Open the producer `name`, fencing an older one of the same name."""

    async def join(self, topic: Topic, group: str) -> Membership:
        """Become one of the workers of `group` on the topic; on the embedded bus each owns everything."""

    async def incarnation(self, topic: Topic) -> str:
        """An id that changes when the topic's log is recreated; positions of another incarnation mean nothing."""

    async def ends(self, topic: Topic) -> dict[int, int]:
        """The offset the next record will get, by partition."""

    async def starts(self, topic: Topic) -> dict[int, int]:
        """The first offset that is still kept, by partition (compaction leaves holes, retention cuts the front)."""

    async def read(
        self, positions: Mapping[TopicPartition, int], limit: int, most_bytes: int = MOST_BYTES
    ) -> list[Message]:
        """Up to `limit` records at or after the positions, in offset order within each partition; [] if there are none.

        They end with the one that makes their values `most_bytes` or more.
        Partitions are served fairly: one that is far behind does not starve the others. A position before the start
        goes on at the start. One after the end raises `IncarnationChanged`: it was taken on a log that held more (an
        older backup was restored), and what is appended next would be skipped in silence.
        """

    async def past_holes(self, positions: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
        """The positions of a reader whose last read of them brought nothing, moved over offsets that hold no record.

        With them who has read everything is at `ends` (a log may end with what no reader ever sees).
        """

    async def wait(self, positions: Mapping[TopicPartition, int], timeout: float) -> bool:
        """Wait until there is something at or after a position, at most `timeout` seconds; whether there is.

        When it is, a `read` of the same positions brings something. Raises `IncarnationChanged` as `read` does.
        """

    async def maintain(self) -> object:
        """Do the upkeep that is due (to be called now and then by one worker); what was done, for who wants to say it."""

    async def lull(self, timeout: float) -> None:
        """Wait, at most `timeout` seconds, until nobody appends in bulk.

        Who only follows gives the machine to who writes. A bus on machines of its own returns at once.
        """


def up_to(most_bytes: int, records: Iterable[T], size: Callable[[T], int]) -> list[T]:
    """The first of `records`, until their sizes make `most_bytes` or more; what follows is not asked for."""
    taken: list[T] = []
    left = most_bytes
    for record in records:
        taken.append(record)
        left -= size(record)
        if left <= 0:
            break
    return taken
