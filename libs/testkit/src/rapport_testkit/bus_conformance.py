"""What every bus adapter must do, written once against the port; an adapter's tests subclass `BusConformance`.

It asserts no more than the port says: offsets grow, but may leave holes (Kafka's transaction markers take some).
"""

# ruff: noqa: D102  the name of a test is its promise

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Protocol

import pytest

from rapport_chassis.bus.port import Bus, IncarnationChanged, NewRecord, ProducerFenced, TopicPartition
from rapport_contracts.envelope import Message
from rapport_contracts.topics import CUSTOMER_EVENTS, CUSTOMERS, DEFINITIONS, Topic


class BusUnderTest(Protocol):
    """How the suite reaches an adapter: one log, empty when the test begins."""

    opener: str
    """`module:function` of a function from `address` to a bus that is not started, for use in another process."""

    address: str

    def open(self) -> Bus:
        """Another bus, not started, on the same log: what another process would have."""

    async def compact(self, bus: Bus) -> None:
        """Have the state topics compacted now."""

    async def expire(self, bus: Bus) -> None:
        """Have everything that is in the fact topics now grow old and be removed."""

    async def recreate(self) -> None:
        """Destroy the log while no bus is open; the next start makes a new one."""


def record(key: str, value: object = "", topic: Topic = CUSTOMERS) -> NewRecord:
    """A record whose value is the text of `value`; the bus does not look into values."""
    return NewRecord(topic, key, str(value).encode())


def positions_of(topic: Topic, offsets: Mapping[int, int] | None = None) -> dict[TopicPartition, int]:
    """All partitions of `topic` at `offsets` (0 where there is none)."""
    return {TopicPartition(topic.name, number): (offsets or {}).get(number, 0) for number in range(topic.partitions)}


def moved(positions: dict[TopicPartition, int], messages: Iterable[Message]) -> dict[TopicPartition, int]:
    """The positions after these messages."""
    return positions | {TopicPartition(one.topic, one.partition): one.offset + 1 for one in messages}


async def read_all(bus: Bus, topic: Topic = CUSTOMERS, limit: int = 500) -> list[Message]:
    """Everything in `topic`, read as a consumer does, `limit` at a time."""
    positions = positions_of(topic)
    found: list[Message] = []
    while batch := await bus.read(positions, limit):
        assert len(batch) <= limit
        positions = moved(positions, batch)
        found += batch
    return found


def contents(messages: Iterable[Message]) -> list[tuple[str, str]]:
    """(key, value) of each."""
    return [(message.key, message.raw.decode()) for message in messages]


def keys_by_partition(count: int, topic: Topic = CUSTOMERS) -> dict[int, list[str]]:
    """`count` keys for every partition of `topic`."""
    found: dict[int, list[str]] = {number: [] for number in range(topic.partitions)}
    number = 0
    while any(len(keys) < count for keys in found.values()):
        key = f"key-{number}"
        keys = found[topic.partition_of(key)]
        if len(keys) < count:
            keys.append(key)
        number += 1
    return found


async def append(bus: Bus, records: Sequence[NewRecord], producer: str = "suite") -> None:
    """Append by a producer opened for it."""
    writer = await bus.producer(producer)
    await writer.append(records)
    await writer.close()


class BusConformance:
    """Order, fencing, durability, replay, compaction, incarnation, lag. A subclass gives the fixture `under_test`."""

    @pytest.fixture
    async def bus(self, under_test: BusUnderTest) -> AsyncIterator[Bus]:
        """A started bus on the log under test."""
        opened = under_test.open()
        await opened.start()
        yield opened
        await opened.close()

    async def test_records_of_one_key_keep_their_order(self, bus: Bus) -> None:
        producer = await bus.producer("suite")
        for round_ in range(20):
            await producer.append([record(f"customer-{number}", round_) for number in range(30)])
        seen: dict[str, list[str]] = {}
        for key, value in contents(await read_all(bus, limit=37)):
            seen.setdefault(key, []).append(value)
        assert seen == {f"customer-{number}": [str(round_) for round_ in range(20)] for number in range(30)}

    async def test_a_key_decides_the_partition(self, bus: Bus) -> None:
        await append(bus, [record(f"customer-{number}") for number in range(100)] + [record("مشتری")])
        messages = await read_all(bus)
        assert len(messages) == 101
        assert all(one.partition == CUSTOMERS.partition_of(one.key) for one in messages)
        assert len({one.partition for one in messages}) == CUSTOMERS.partitions

    async def test_one_append_may_go_to_several_topics(self, bus: Bus) -> None:
        await append(bus, [record("a", 1), record("a", 2, CUSTOMER_EVENTS), record("a", 3, DEFINITIONS)])
        found = [await read_all(bus, topic) for topic in (CUSTOMERS, CUSTOMER_EVENTS, DEFINITIONS)]
        assert [contents(messages) for messages in found] == [[("a", "1")], [("a", "2")], [("a", "3")]]
        assert [messages[0].topic for messages in found] == [CUSTOMERS.name, CUSTOMER_EVENTS.name, DEFINITIONS.name]

    async def test_keys_and_values_come_back_byte_for_byte(self, bus: Bus) -> None:
        values = [b"", b"\x00\xff\xfe", "نیم‌فاصله".encode(), b"x" * 300_000]
        await append(bus, [NewRecord(DEFINITIONS, f"کلید-{n}", value) for n, value in enumerate(values)])
        assert [one.raw for one in await read_all(bus, DEFINITIONS)] == values

    async def test_readers_are_independent(self, bus: Bus) -> None:
        await append(bus, [record(f"customer-{number}", number) for number in range(50)])
        first = await read_all(bus, limit=3)
        second = await read_all(bus, limit=500)
        assert sorted(contents(first)) == sorted(contents(second))

    async def test_reading_again_from_an_old_position_brings_the_same_again(self, bus: Bus) -> None:
        await append(bus, [record("one", number) for number in range(10)])
        place = TopicPartition(CUSTOMERS.name, CUSTOMERS.partition_of("one"))
        messages = await bus.read({place: 0}, 10)
        again = await bus.read({place: messages[4].offset}, 10)
        assert [(one.offset, one.raw) for one in again] == [(one.offset, one.raw) for one in messages[4:]]

    async def test_a_full_partition_does_not_starve_the_others(self, bus: Bus) -> None:
        keys = keys_by_partition(1)
        await append(bus, [record(keys[0][0], number) for number in range(500)])
        await append(bus, [record(keys[partition][0], "rare") for partition in range(1, CUSTOMERS.partitions)])
        messages = await bus.read(positions_of(CUSTOMERS), 24)
        assert {one.partition for one in messages} == set(range(CUSTOMERS.partitions))

    async def test_a_read_ends_with_the_record_that_makes_it_large_enough(self, bus: Bus) -> None:
        """A few thousand large records do not fill the memory of who asked for as many small ones."""
        await append(bus, [record("one", "x" * 10_000) for _ in range(20)])
        place = TopicPartition(CUSTOMERS.name, CUSTOMERS.partition_of("one"))
        large = len((await bus.read({place: 0}, 1))[0].raw)
        assert len(await bus.read({place: 0}, 500, most_bytes=3 * large)) == 3
        assert len(await bus.read({place: 3}, 500, most_bytes=3 * large + 1)) == 4
        assert len(await bus.read({place: 7}, 500, most_bytes=1)) == 1
        assert [one.offset for one in await bus.read({place: 8}, 500)] == list(range(8, 20))

    async def test_large_records_of_one_partition_do_not_starve_the_others(self, bus: Bus) -> None:
        keys = keys_by_partition(1)
        await append(bus, [record(keys[0][0], "x" * 10_000) for _ in range(100)])
        await append(bus, [record(keys[partition][0], "rare") for partition in range(1, CUSTOMERS.partitions)])
        positions = positions_of(CUSTOMERS)
        for _ in range(5 * CUSTOMERS.partitions):
            positions = moved(positions, await bus.read(positions, 100, most_bytes=1))
        assert all(position > 0 for position in positions.values())

    async def test_a_limit_below_the_number_of_partitions_starves_none(self, bus: Bus) -> None:
        await append(bus, [record(keys[0], n) for keys in keys_by_partition(1).values() for n in range(50)])
        positions = positions_of(CUSTOMERS)
        for _ in range(5 * CUSTOMERS.partitions):
            positions = moved(positions, await bus.read(positions, 1))
        assert all(position > 0 for position in positions.values())

    async def test_a_second_producer_of_the_name_fences_the_first(self, bus: Bus) -> None:
        old = await bus.producer("relay")
        await old.append([record("a", "old")])
        new = await bus.producer("relay")
        with pytest.raises(ProducerFenced):
            await old.append([record("a", "late"), record("b", "late")])
        await new.append([record("a", "new")])
        assert contents(await read_all(bus)) == [("a", "old"), ("a", "new")]

    async def test_fencing_reaches_other_processes_and_no_other_name(self, bus: Bus, under_test: BusUnderTest) -> None:
        old, bystander = await bus.producer("relay"), await bus.producer("bystander")
        other = under_test.open()
        await other.start()
        await (await other.producer("relay")).append([record("a", "new")])
        await other.close()
        with pytest.raises(ProducerFenced):
            await old.append([record("a", "late")])
        await bystander.append([record("a", "bystander")])
        assert contents(await read_all(bus)) == [("a", "new"), ("a", "bystander")]

    async def test_a_closed_producer_leaves_its_name_usable(self, bus: Bus) -> None:
        await append(bus, [record("a", 1)])
        await append(bus, [record("a", 2)])
        assert contents(await read_all(bus)) == [("a", "1"), ("a", "2")]

    async def test_an_append_with_a_bad_record_leaves_nothing(self, bus: Bus) -> None:
        producer = await bus.producer("suite")
        with pytest.raises(UnicodeEncodeError):
            await producer.append([record("good"), record("\ud800 is no character")])
        assert await read_all(bus) == []
        await producer.append([record("good", "after")])
        assert contents(await read_all(bus)) == [("good", "after")]

    async def test_an_empty_append_and_an_empty_read_are_nothing(self, bus: Bus) -> None:
        await append(bus, [])
        assert await read_all(bus) == []
        assert await bus.read({}, 10) == []

    async def test_what_was_appended_survives_a_reopening(self, bus: Bus, under_test: BusUnderTest) -> None:
        await append(bus, [record(f"customer-{number}", number) for number in range(40)])
        before = [(one.partition, one.offset, one.key, one.raw) for one in await read_all(bus)]
        await bus.close()
        again = under_test.open()
        await again.start()
        after = [(one.partition, one.offset, one.key, one.raw) for one in await read_all(again)]
        await again.close()
        assert sorted(after) == sorted(before)
        assert len(after) == 40

    async def test_compaction_keeps_the_newest_of_each_key_in_place(self, bus: Bus, under_test: BusUnderTest) -> None:
        for round_ in range(10):
            await append(bus, [record(f"customer-{number}", round_) for number in range(60)])
        before = await read_all(bus)
        ends = await bus.ends(CUSTOMERS)
        await under_test.compact(bus)
        after = await read_all(bus)
        newest = {(one.partition, one.key): (one.offset, one.raw) for one in before}
        assert {(one.partition, one.key): (one.offset, one.raw) for one in after} == newest
        assert len(after) < len(before)
        later = await bus.ends(CUSTOMERS)
        assert all(later[partition] >= end for partition, end in ends.items())

    async def test_a_position_in_a_hole_goes_on_after_it(self, bus: Bus, under_test: BusUnderTest) -> None:
        await append(bus, [record("one", number) for number in range(50)])
        await under_test.compact(bus)
        place = TopicPartition(CUSTOMERS.name, CUSTOMERS.partition_of("one"))
        messages = await bus.read({place: 7}, 10)
        assert messages[-1].raw == b"49"
        assert [one.offset for one in messages] == sorted({one.offset for one in messages})

    async def test_facts_are_not_compacted(self, bus: Bus, under_test: BusUnderTest) -> None:
        await append(bus, [record("one", number, CUSTOMER_EVENTS) for number in range(50)])
        await under_test.compact(bus)
        assert len(await read_all(bus, CUSTOMER_EVENTS)) == 50

    async def test_old_facts_go_and_a_position_before_the_start_goes_on_there(
        self, bus: Bus, under_test: BusUnderTest
    ) -> None:
        await append(bus, [record("one", number, CUSTOMER_EVENTS) for number in range(5)] + [record("state", "kept")])
        await under_test.expire(bus)
        place = TopicPartition(CUSTOMER_EVENTS.name, CUSTOMER_EVENTS.partition_of("one"))
        assert await bus.read({place: 0}, 10) == []
        assert not await bus.wait({place: 0}, 0.05)
        assert (await bus.starts(CUSTOMER_EVENTS))[place.partition] == (await bus.ends(CUSTOMER_EVENTS))[
            place.partition
        ]
        await append(bus, [record("one", "young", CUSTOMER_EVENTS)])
        assert contents(await bus.read({place: 0}, 10)) == [("one", "young")]
        assert contents(await read_all(bus)) == [("state", "kept")]

    async def test_lag_is_the_end_less_the_position(self, bus: Bus) -> None:
        assert set((await bus.ends(CUSTOMERS)).values()) == {0}
        await append(bus, [record("one", number) for number in range(10)])
        partition = CUSTOMERS.partition_of("one")
        place = TopicPartition(CUSTOMERS.name, partition)
        ends, starts = await bus.ends(CUSTOMERS), await bus.starts(CUSTOMERS)
        assert set(ends) == set(starts) == set(range(CUSTOMERS.partitions))
        assert ends[partition] - starts[partition] >= 10
        assert sum(ends.values()) == ends[partition]
        half = (await bus.read({place: starts[partition]}, 5))[-1].offset + 1
        assert ends[partition] - half >= 5
        assert len(await bus.read({place: half}, 10)) == 5
        assert await bus.read({place: ends[partition]}, 10) == []

    async def test_who_has_read_everything_has_no_lag_however_the_log_ends(self, bus: Bus) -> None:
        await append(bus, [record(f"customer-{number}") for number in range(30)])
        positions = positions_of(CUSTOMERS)
        while batch := await bus.read(positions, 500):
            positions = moved(positions, batch)
        past = await bus.past_holes(positions)
        assert {place.partition: at for place, at in past.items()} == await bus.ends(CUSTOMERS)
        await append(bus, [record("customer-1", "later")])
        assert contents(await bus.read(past, 500)) == [("customer-1", "later")]

    async def test_a_position_after_the_end_belongs_to_another_log(self, bus: Bus) -> None:
        await append(bus, [record("one", 1)])
        partition = CUSTOMERS.partition_of("one")
        beyond = {TopicPartition(CUSTOMERS.name, partition): (await bus.ends(CUSTOMERS))[partition] + 1}
        with pytest.raises(IncarnationChanged):
            await bus.read(beyond, 10)
        with pytest.raises(IncarnationChanged):
            await bus.wait(beyond, 1)

    async def test_an_incarnation_stays_until_the_log_is_made_again(self, under_test: BusUnderTest) -> None:
        seen = [await self._incarnations(under_test), await self._incarnations(under_test)]
        assert seen[0] == seen[1]
        assert len(set(seen[0])) == 2
        await under_test.recreate()
        assert not set(seen[0]) & set(await self._incarnations(under_test))

    async def _incarnations(self, under_test: BusUnderTest) -> list[str]:
        bus = under_test.open()
        await bus.start()
        found = [await bus.incarnation(CUSTOMERS), await bus.incarnation(CUSTOMER_EVENTS)]
        await bus.close()
        return found
