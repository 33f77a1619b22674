"""The one port of search: an engine with physical indexes, the same on every technology by one conformance suite."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from rapport_search.domain.entries import Entry
from rapport_search.domain.plan import Plan


@dataclass(frozen=True, slots=True)
class Change:
    """The state of one customer at a version; `entry` None: it is gone (the version stays known)."""

    id: str
    version: int
    entry: Entry | None


@dataclass(frozen=True, slots=True)
class Sort:
    """By exactly one field, whose tokens are unique."""

    field: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """One result: its sort token (the place to go on from) and the stored item, packed as the entry's."""

    token: str
    item: bytes


@dataclass(frozen=True, slots=True)
class Page:
    """Results in order; `count` is exact, None when it was not asked for."""

    hits: list[Hit]
    count: int | None


@dataclass(frozen=True, slots=True)
class Bucket:
    """One value of a facet: as it compares, as a customer writes it, and how many results have it."""

    value: str
    label: str
    count: int


class Reading(Protocol):
    """One physical index, to be read; every method sees everything that `index` returned for before."""

    async def search(self, plan: Plan, sort: Sort, limit: int, after: str | None, *, count: bool) -> Page:
        """Up to `limit` results beyond token `after`; `count` is of the whole plan. Raises `EngineUnavailable`."""

    async def count(self, plan: Plan) -> int:
        """How many."""

    async def facets(self, plan: Plan, fields: Sequence[str], size: int) -> dict[str, list[Bucket]]:
        """For each field of `entries.FACETS` its `size` most frequent values, ties by value; counts are exact."""

    def scan(self, plan: Plan, chunk: int) -> AsyncIterator[list[tuple[str, int]]]:
        """(id, version) of all results as of now, in chunks; what is written meanwhile is not seen."""

    async def versions_of(self, ids: Sequence[str]) -> dict[str, int]:
        """The versions that the index holds, gone customers' as well."""

    async def digest(self, partition: int) -> dict[int, tuple[int, int]]:
        """For each bucket of a partition of the topic (`domain.digest`): how many entries, and the sum of their checksums."""

    async def held(self, bucket: int) -> dict[str, int]:
        """Versions by id of all entries of a bucket, gone customers' as well."""


class Writing(Reading, Protocol):
    """One physical index, held by its only writer."""

    patience: float
    """How many seconds it may stay behind an import, to let that have the machine where they share one."""
    rest: float
    """How many seconds at most who follows rests after a round, so that more changes share what every round costs."""

    async def index(self, changes: Iterable[Change]) -> int:
        """Take the changes in by external version: one that is not newer than what is held is left out.

        They are read once, on a thread: making them may be a good part of the work.
        Durable and found by every reader of the index when it returns; how many were taken in.
        """

    async def remove(self, ids: Sequence[str]) -> None:
        """Forget customers that the topic has never told of, versions included; durable when it returns."""

    async def close(self) -> None:
        """Let go of the index; another writer may open it."""


class SearchEngine(Protocol):
    """All physical indexes. Which of them serves is the service's own record, changed in its own transaction."""

    async def claim(self, installation: str) -> None:
        """Take the place for the installation of that id, which every index made from now on bears.

        Raises `EngineUnfit` when what is there is another's, or the engine is too old; `EngineUnavailable`.
        """

    async def create(self, name: str) -> None:
        """Make an empty index of the present schema; harmless when it is there."""

    async def usable(self, name: str) -> bool:
        """Whether the index is there, whole, and of the present schema."""

    async def drop(self, name: str) -> None:
        """Remove the index; harmless when it is gone. Readers that hold it go on."""

    async def look(self) -> str:
        """Which engine this is and where, for operators. Raises as `claim` does, with the reason."""

    async def names(self) -> list[str]:
        """The indexes that are there."""

    async def read(self, name: str) -> Reading:
        """Open to read. Raises `EngineUnavailable` when it is not usable."""

    async def write(self, name: str) -> Writing:
        """Open as the only writer. Raises `EngineUnavailable` when it is not usable or held by another."""

    async def close(self) -> None:
        """Let go of everything."""
