"""A model of a bus to compare an adapter with: any sequence of appends, upkeep, reopenings and fencings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import strategies as st

from rapport_chassis.bus.port import Bus, NewRecord, Producer, ProducerFenced
from rapport_contracts.envelope import Message
from rapport_contracts.topics import CUSTOMER_EVENTS, CUSTOMERS, DEFINITIONS
from rapport_testkit.bus_conformance import BusUnderTest, read_all

_TOPICS = (CUSTOMERS, CUSTOMER_EVENTS, DEFINITIONS)


@dataclass(frozen=True)
class Append:
    """Append one record for each (topic, key number)."""

    targets: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Take:
    """A second producer of the name takes over; the first must not get anything in any more."""


@dataclass(frozen=True)
class Compact:
    """Upkeep of state topics."""


@dataclass(frozen=True)
class Expire:
    """Everything in the fact topics grows old."""


@dataclass(frozen=True)
class Reopen:
    """Close and open again."""


Operation = Append | Take | Compact | Expire | Reopen

_TARGETS = st.tuples(st.integers(0, len(_TOPICS) - 1), st.integers(0, 5))
_APPENDS = st.builds(Append, st.lists(_TARGETS, max_size=12).map(tuple))
OPERATIONS: st.SearchStrategy[list[Operation]] = st.lists(
    st.one_of(_APPENDS, _APPENDS, st.sampled_from([Take(), Compact(), Expire(), Reopen()])), max_size=25
)
LIMITS = st.integers(1, 40)


@dataclass
class _Model:
    """What was appended, by topic; `gone` is how many of the facts have expired; where each value was first seen."""

    appended: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: {topic.name: [] for topic in _TOPICS})
    gone: int = 0
    offsets: dict[tuple[str, str], int] = field(default_factory=dict)
    values: int = 0

    def new_records(self, targets: Sequence[tuple[int, int]]) -> list[NewRecord]:
        records = []
        for topic, key in targets:
            self.values += 1
            records.append(NewRecord(_TOPICS[topic], f"key-{key}", str(self.values).encode()))
        return records

    def take_in(self, records: Sequence[NewRecord]) -> None:
        for new in records:
            self.appended[new.topic.name].append((new.key, new.value.decode()))

    def check(self, name: str, messages: Sequence[Message]) -> None:
        """Each key's records are there in order (of state at least the newest), where they have always been."""
        by_key: dict[str, list[str]] = {}
        for message in messages:
            value = message.raw.decode()
            assert self.offsets.setdefault((name, value), message.offset) == message.offset
            by_key.setdefault(message.key, []).append(value)
        expected: dict[str, list[str]] = {}
        for key, value in self.appended[name][self.gone if name == CUSTOMER_EVENTS.name else 0 :]:
            expected.setdefault(key, []).append(value)
        assert by_key.keys() == expected.keys()
        for key, values in by_key.items():
            if name == CUSTOMER_EVENTS.name:
                assert values == expected[key]
            else:
                assert values[-1] == expected[key][-1]
                assert values == [value for value in expected[key] if value in set(values)]


async def check_against_model(under_test: BusUnderTest, operations: Sequence[Operation], limit: int) -> None:
    """Apply the operations to an empty bus; after each, what is read (`limit` at a time) is what the model allows."""
    model = _Model()
    bus = under_test.open()
    await bus.start()
    producer = await bus.producer("model")
    try:
        for operation in operations:
            if isinstance(operation, Reopen):
                await bus.close()
                bus = under_test.open()
                await bus.start()
                producer = await bus.producer("model")
            else:
                producer = await _apply(operation, model, under_test, bus, producer)
            for topic in _TOPICS:
                model.check(topic.name, await read_all(bus, topic, limit))
    finally:
        await bus.close()


async def _apply(operation: Operation, model: _Model, under_test: BusUnderTest, bus: Bus, old: Producer) -> Producer:
    match operation:
        case Append(targets):
            records = model.new_records(targets)
            await old.append(records)
            model.take_in(records)
        case Take():
            producer = await bus.producer("model")
            with pytest.raises(ProducerFenced):
                await old.append(model.new_records([(0, 0), (1, 0)]))
            return producer
        case Compact():
            await under_test.compact(bus)
        case Expire():
            await under_test.expire(bus)
            model.gone = len(model.appended[CUSTOMER_EVENTS.name])
        case Reopen():
            raise AssertionError("the caller reopens")
    return old
