"""Traces: one request is followed through HTTP, outbox, topic and consumer, and every line of the log says whose it is (G4)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Any

import orjson

from rapport_chassis.consumer import Consumer, ConsumerLoop
from rapport_chassis.telemetry import JsonFormatter, Metrics, current_traceparent, enter_trace
from rapport_contracts import topics
from rapport_testkit.service import Standing

TRACE = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{TRACE}-b7ad6b7169203331-01"


def line(**more: Any) -> dict[str, Any]:
    record = logging.makeLogRecord({"name": "x.y", "levelname": "WARNING", "msg": "it %s", "args": ("broke",)} | more)
    said: dict[str, Any] = orjson.loads(JsonFormatter("rapport-web").format(record))
    return said


def test_a_line_of_the_log_is_json_with_the_trace_and_the_request_it_belongs_to() -> None:
    enter_trace(TRACEPARENT, "request-7")
    said = line(path="/customers")
    assert (said["trace_id"], said["request_id"], said["path"]) == (TRACE, "request-7", "/customers")
    assert (said["level"], said["service"], said["logger"], said["message"]) == (
        "warning",
        "rapport-web",
        "x.y",
        "it broke",
    )


def test_a_malformed_trace_begins_a_new_one() -> None:
    enter_trace("00-nonsense")
    assert TRACE not in str(current_traceparent())
    assert len(line()["trace_id"]) == 32


async def test_a_trace_goes_from_the_request_over_outbox_and_topic_to_the_consumer(
    it: Standing, monkeypatch: Any
) -> None:
    """G4."""
    answer = await it.client().post("/notes", json={"id": "a", "text": "x"}, headers={"traceparent": TRACEPARENT})
    assert answer.status_code == 201
    seen: list[str | None] = []
    handle = it.loops[0].consumer.handle

    def watched(tx: Any, messages: Any) -> None:
        seen.append(messages[0].traceparent)
        handle(tx, messages)

    object.__setattr__(it.loops[0].consumer, "handle", watched)
    await it.drain()
    published = (await it.read(topics.CUSTOMER_EVENTS))[0]["traceparent"]
    assert published.split("-")[1] == TRACE
    assert [trace and trace.split("-")[1] for trace in seen] == [TRACE]


def test_a_method_that_a_client_made_up_is_counted_as_other() -> None:
    """R14: what is counted must not grow with what is asked."""
    metrics = Metrics()
    for method in ("GET", "GET", "ODD1", "ODD2"):
        metrics.answered(method, "/x", 200, 0.1)
    counted = {
        sample.labels["method"]: sample.value
        for family in metrics.requests.collect()
        for sample in family.samples
        if sample.name.endswith("_total")
    }
    assert counted == {"GET": 2, "other": 2}


async def test_who_consumes_no_more_tells_no_lag(it: Standing) -> None:
    """Whoever goes on in its place tells it; an alarm and a scaler take the sum of all."""
    metrics = Metrics()
    consumer = Consumer(topics.CUSTOMER_EVENTS, "moves", lambda _tx, _messages: None)
    running = asyncio.create_task(ConsumerLoop(consumer, it.runtime.db, it.runtime.bus, metrics).run())
    async with asyncio.timeout(30):
        while not _samples(metrics.lag):
            await asyncio.sleep(0.01)
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    assert not _samples(metrics.lag)


def _samples(metric: Any) -> list[Any]:
    return [sample for family in metric.collect() for sample in family.samples]
