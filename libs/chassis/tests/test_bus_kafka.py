"""What only the Kafka bus has: topics that are applied, a cluster that can be away, a producer that goes on after it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from unittest.mock import patch

import pytest

from rapport_chassis.adapters import WrongSetting
from rapport_chassis.bus import kafka, kafka_cluster, kafka_producer
from rapport_chassis.bus.kafka import KafkaBus
from rapport_chassis.bus.kafka_settings import KafkaSettings
from rapport_chassis.bus.kafka_topics import apply_topics
from rapport_chassis.bus.port import Bus, BusUnusable, NewRecord, Producer, ProducerFenced, TopicPartition
from rapport_chassis.db import EngineUnavailable
from rapport_chassis.positions import behind
from rapport_contracts.topics import CUSTOMER_EVENTS, CUSTOMERS, Topic
from rapport_testkit.bus_conformance import append, contents, positions_of, read_all, record
from rapport_testkit.bus_kafka import TOPICS, KafkaUnderTest, open_kafka
from rapport_testkit.engines import Engine, running, start
from rapport_testkit.engines.ports import free_port


@pytest.fixture
async def under_test() -> AsyncIterator[KafkaUnderTest]:
    kafka = KafkaUnderTest(running("kafka").url)
    yield kafka
    await kafka.remove()


@pytest.fixture(scope="module")
def own() -> Iterator[Engine]:
    """A broker that may be stopped for a while."""
    engine = start("kafka")
    yield engine
    engine.stop()


@pytest.fixture
async def bus(own: Engine, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bus]:
    """A bus on it that loses its patience soon."""
    monkeypatch.setattr(kafka_producer, "_APPEND_SECONDS", 2.0)
    monkeypatch.setattr(kafka_cluster, "PATIENCE_SECONDS", 2.0)
    kafka = KafkaUnderTest(own.url)
    await kafka.make()
    opened = kafka.open()
    await opened.start()
    yield opened
    await opened.close()


async def test_who_follows_on_the_same_machine_waits_while_somebody_appends_in_bulk(
    under_test: KafkaUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ADR 0054: `rapport up` on Kafka has one machine; who has others does not wait."""
    monkeypatch.setattr(kafka, "_LULL_SECONDS", 2.0)  # a busy machine appends nothing for a while
    await under_test.make()
    here, elsewhere = (KafkaBus(replace(under_test.settings, one_machine=one), topics=TOPICS) for one in (True, False))
    writing = True

    async def write(producer: Producer) -> None:
        while writing:
            await producer.append([NewRecord(CUSTOMERS, f"key {n}", b"{}") for n in range(1_000)])

    for bus in (here, elsewhere):
        await bus.start()
    appending = asyncio.create_task(write(await here.producer("writer")))
    waiting = asyncio.create_task(here.lull(60))
    await elsewhere.lull(60)
    await asyncio.sleep(3.0)
    assert not waiting.done()
    writing = False
    await appending
    await asyncio.wait_for(waiting, 20)
    await asyncio.sleep(2.1)
    with patch.object(here, "_all_ends", wraps=here._all_ends) as looks:
        await here.lull(60)
    assert looks.call_count == 1  # since it was last asked nobody wrote: there is nothing to wait for
    for bus in (here, elsewhere):
        await bus.close()


async def test_records_that_were_not_taken_for_a_while_keep_no_later_ones_waiting(under_test: KafkaUnderTest) -> None:
    """ADR 0168: aiokafka asks for the other partitions meanwhile, and for none of this one until that is answered."""
    await under_test.make()
    bus = under_test.open()
    await bus.start()
    producer, at, took = await bus.producer("writer"), positions_of(CUSTOMERS), []

    async def take(limit: int) -> None:
        messages = await bus.read(at, limit)
        assert len(messages) == 1
        at.update(behind(messages))

    for _ in range(5):
        await producer.append([NewRecord(CUSTOMERS, "key", b"{}")] * 2)
        await take(1)
        await asyncio.sleep(0.25)  # what its reader does with it
        await take(2)
        await producer.append([NewRecord(CUSTOMERS, "key", b"{}")])
        began = time.monotonic()
        await take(2)
        took.append(time.monotonic() - began)
    assert min(took) < 0.1, took  # it was 0.25 each time
    await bus.close()


async def test_who_was_busy_takes_all_that_came_meanwhile(under_test: KafkaUnderTest) -> None:
    """A reader fetches ahead once and then waits to be asked: the rest is fetched when its caller comes back."""
    await under_test.make()
    bus = under_test.open()
    await bus.start()
    producer, at = await bus.producer("writer"), positions_of(CUSTOMERS)
    assert not await bus.read(at, 100)
    for _ in range(5):
        await producer.append([NewRecord(CUSTOMERS, f"key-{number}", b"{}") for number in range(20)])
        await asyncio.sleep(0.05)
    messages = await bus.read(at, 500)
    assert len(messages) == 100
    await bus.close()


async def test_what_large_reads_leave_behind_does_not_grow(under_test: KafkaUnderTest) -> None:
    """What waits for its caller is large enough: no more is fetched beside it."""
    await under_test.make()
    bus = under_test.open()
    await bus.start()
    producer, at = await bus.producer("writer"), positions_of(CUSTOMERS)
    for _ in range(8):
        await producer.append([NewRecord(CUSTOMERS, "key", b"x" * 100_000)] * 10)
    for _ in range(10):
        at.update(behind(await bus.read(at, 500, most_bytes=100_000)))
        await asyncio.sleep(0.2)
    (reader,) = [one for one in bus._idle if one.at == {at_prefix(bus, place): offset for place, offset in at.items()}]
    assert sum(len(one.value) for one in reader._stash) < 1 << 20
    await bus.close()


def at_prefix(bus: KafkaBus, place: TopicPartition) -> TopicPartition:
    return TopicPartition(bus._name(place.topic), place.partition)


async def persistently(producer: Producer, new: NewRecord) -> None:
    """Append until it succeeds, as a relay does."""
    end = time.monotonic() + 30
    while True:
        with contextlib.suppress(EngineUnavailable):
            await producer.append([new])
            return
        assert time.monotonic() < end


async def test_missing_topics_are_refused_with_what_to_do(under_test: KafkaUnderTest) -> None:
    await apply_topics(under_test.settings, [CUSTOMERS])
    with pytest.raises(BusUnusable, match=rf"no topics {CUSTOMER_EVENTS.name}, .*rapport topics apply") as refused:
        await under_test.open().start()
    assert CUSTOMERS.name not in str(refused.value)
    await apply_topics(under_test.settings, TOPICS)


async def test_applying_again_changes_and_says_nothing(under_test: KafkaUnderTest) -> None:
    assert len(await apply_topics(under_test.settings, TOPICS)) == len(TOPICS)
    assert await apply_topics(under_test.settings, TOPICS) == []


async def test_settings_that_differ_are_mended_and_said_and_others_left_alone(under_test: KafkaUnderTest) -> None:
    await apply_topics(under_test.settings, TOPICS)
    await under_test.configure([CUSTOMER_EVENTS], {"retention.ms": "1", "segment.ms": "77000"})
    (said,) = await apply_topics(under_test.settings, TOPICS)
    assert said == f"{under_test.settings.prefix}{CUSTOMER_EVENTS.name}: retention.ms was 1, is 604800000"
    assert (await under_test.configuration(CUSTOMER_EVENTS))["segment.ms"] == "77000"
    assert await apply_topics(under_test.settings, TOPICS) == []


async def test_too_few_copies_are_said_and_not_asked_for(under_test: KafkaUnderTest) -> None:
    """A topic with one copy that wants two to have a record would take none."""
    await apply_topics(under_test.settings, [CUSTOMERS])
    (said,) = await apply_topics(replace(under_test.settings, replicas=3), [CUSTOMERS])
    assert said.startswith(f"{under_test.settings.prefix}{CUSTOMERS.name}: has 1 of 3 copies; give its partitions more")
    assert (await under_test.configuration(CUSTOMERS))["min.insync.replicas"] == "1"


async def test_other_partitions_are_refused_by_both_and_nothing_is_changed(under_test: KafkaUnderTest) -> None:
    await apply_topics(under_test.settings, [replace(CUSTOMERS, partitions=3)])
    with pytest.raises(BusUnusable, match="has 3 partitions on Kafka and must have 12"):
        await apply_topics(under_test.settings, TOPICS)
    with pytest.raises(BusUnusable, match="no topics"):
        await under_test.open().start()
    with pytest.raises(BusUnusable, match="has 3 partitions on Kafka and must have 12"):
        await KafkaBus(under_test.settings, topics=[CUSTOMERS]).start()
    await apply_topics(under_test.settings, [one for one in TOPICS if one != CUSTOMERS])


async def test_nobody_there_is_said_as_an_engine_that_is_away() -> None:
    with pytest.raises(EngineUnavailable):
        await open_kafka(f"kafka://127.0.0.1:{free_port()}").start()


async def test_a_broker_that_does_not_answer_is_unavailable_and_afterwards_everything_goes_on(
    bus: Bus, own: Engine
) -> None:
    """R10: neither lost nor doubled, also what was on its way."""
    await append(bus, [record("before")])
    producer = await bus.producer("relay")
    await producer.append([record("first")])
    with own.server.silent():
        with pytest.raises(EngineUnavailable):
            await producer.append([record("meanwhile")])
        with pytest.raises(EngineUnavailable):
            await bus.read(positions_of(CUSTOMERS), 10)
        with pytest.raises(EngineUnavailable):
            await bus.ends(CUSTOMERS)
    await persistently(producer, record("after"))
    keys = sorted(key for key, _ in contents(await read_all(bus)))
    assert keys in (["after", "before", "first"], ["after", "before", "first", "meanwhile"])


async def test_a_waiting_reader_survives_that_the_broker_is_away(bus: Bus, own: Engine) -> None:
    waiting = asyncio.create_task(bus.wait(positions_of(CUSTOMERS), 30))
    await asyncio.sleep(0.5)
    with own.server.silent():
        await asyncio.sleep(4)
    await persistently(await bus.producer("relay"), record("news"))
    assert await asyncio.wait_for(waiting, 30)
    assert ("news", "") in contents(await read_all(bus))


async def test_a_producer_whose_name_was_taken_meanwhile_does_not_take_it_back(bus: Bus, own: Engine) -> None:
    old = await bus.producer("relay")
    await old.append([record("a", "old")])
    with own.server.silent(), pytest.raises(EngineUnavailable):
        await old.append([record("a", "lost")])
    await persistently(await bus.producer("relay"), record("new"))
    with pytest.raises(ProducerFenced):
        await persistently(old, record("a", "late"))
    assert ("a", "late") not in contents(await read_all(bus))


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("kafka://", "it must be kafka://"),
        ("kafka://host:9092/topic", "it must be kafka://"),
        ("kafka://host:port", "'host:port' is no host:port"),
        ("kafka://host:9092,", "'' is no host:port"),
        ("kafka://host:9092?tls=yes", "tls must be one of off, on"),
        ("kafka://host:9092?replicas=none", "replicas must be a number"),
        ("kafka://host:9092?acks=0", "it takes prefix, .* and transaction_timeout, not acks"),
        ("kafka://me:word@host:9092?mechanism=GSSAPI", "mechanism must be one of"),
    ],
)
def test_a_wrong_url_is_refused_by_the_part_that_is_wrong(url: str, word: str) -> None:
    with pytest.raises(WrongSetting, match=word) as refused:
        KafkaSettings.from_url(url)
    assert ":word" not in str(refused.value)


def test_a_url_says_where_who_and_how() -> None:
    settings = KafkaSettings.from_url("kafka://me:s%40fe@one:1,two:2?tls=on&prefix=test.&replicas=3")
    assert (settings.brokers, settings.prefix, settings.replicas) == (("one:1", "two:2"), "test.", 3)
    connection = settings.connection
    assert (connection["security_protocol"], connection["sasl_mechanism"]) == ("SASL_SSL", "SCRAM-SHA-512")
    assert (connection["sasl_plain_username"], connection["sasl_plain_password"]) == ("me", "s@fe")


def test_a_password_may_come_from_its_own_variable() -> None:
    settings = KafkaSettings.from_url("kafka://me@one:1", {"RAPPORT_BUS_PASSWORD": "secret"})
    assert settings.connection["sasl_plain_password"] == "secret"
    assert "secret" not in repr(settings)


def test_certificates_that_cannot_be_read_are_said(tmp_path: object) -> None:
    with pytest.raises(WrongSetting, match="a certificate cannot be read"):
        _ = KafkaSettings.from_url(f"kafka://one:1?tls=on&ca={tmp_path}/none.pem").connection


def test_state_is_kept_for_ever_and_facts_for_their_days() -> None:
    from rapport_chassis.bus.kafka_topics import configuration

    assert configuration(CUSTOMERS, 3)["cleanup.policy"] == "compact"
    assert configuration(CUSTOMERS, 3)["min.compaction.lag.ms"] == "3600000"  # for backups (ADR 0166)
    assert configuration(CUSTOMERS, 3)["min.insync.replicas"] == "2"
    week: Topic = CUSTOMER_EVENTS
    assert configuration(week, 1)["retention.ms"] == str(7 * 24 * 3600 * 1000)
    assert configuration(week, 1)["min.insync.replicas"] == "1"
