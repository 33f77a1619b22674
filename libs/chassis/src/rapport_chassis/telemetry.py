"""What operators see: the one registry of metric names, structured logs, trace context through HTTP, outbox and topics."""

from __future__ import annotations

import logging
import random
import re
import sys
import time
from contextvars import ContextVar
from dataclasses import dataclass, field

import orjson
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_TRACEPARENT = re.compile(r"^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_traceparent: ContextVar[str | None] = ContextVar("traceparent", default=None)
_request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


def current_traceparent() -> str | None:
    """The trace context of the work at hand, to be sent along."""
    return _traceparent.get()


def current_request_id() -> str | None:
    """The id of the request at hand."""
    return _request_id.get()


def enter_trace(traceparent: str | None, request_id: str | None = None) -> None:
    """Continue the given trace in this context (a malformed or missing one starts a new trace).

    Ids are unlike each other, not secret: they need no system call each.
    """
    match = _TRACEPARENT.match(traceparent or "")
    trace = match.group(1) if match else f"{random.getrandbits(128):032x}"
    _traceparent.set(f"00-{trace}-{random.getrandbits(64):016x}-01")
    _request_id.set(request_id or f"{random.getrandbits(64):016x}")


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, service, logger, message, trace, request, and what `extra` says."""

    _usual = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName", "color_message"}

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, object] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "service": self._service,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if trace := current_traceparent():
            line["trace_id"] = trace[3:35]
        if request := current_request_id():
            line["request_id"] = request
        line |= {key: value for key, value in record.__dict__.items() if key not in self._usual}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()


def configure_logging(service: str, level: str = "INFO") -> None:
    """Structured logs on standard error for the whole process."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(service))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)


@dataclass(frozen=True)
class Metrics:
    """Every metric there is, one registry a service (label `service` is added where several share a process).

    requests        http_requests_total{method,route,status}           RED: rate and errors
    duration        http_request_duration_seconds{method,route}        RED: duration
    lag             consumer_lag_records{consumer,topic}               records not yet consumed
    handled         consumer_records_total{consumer,topic}             records consumed
    parked          consumer_parked_messages{consumer}                 poison messages waiting for a person
    stopped         consumer_stopped{consumer}                         1 = a run of failures stopped it
    outbox_age      outbox_age_seconds                                 age of the oldest row not yet published
    published       outbox_published_total{topic}                      records published
    index_age       search_index_age_seconds                           how far the index is behind
    adapter_up      adapter_up{adapter}                                1 = an engine of the service's own answers
    provider_queue  messaging_provider_queue{provider}                 messages waiting for a provider
    provider_sent   messaging_provider_requests_total{provider,result} what providers answered
    jobs            jobs_active{kind,state}                            jobs that wait, run or are paused
    """

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    requests: Counter = field(init=False)
    duration: Histogram = field(init=False)
    lag: Gauge = field(init=False)
    handled: Counter = field(init=False)
    parked: Gauge = field(init=False)
    stopped: Gauge = field(init=False)
    outbox_age: Gauge = field(init=False)
    published: Counter = field(init=False)
    index_age: Gauge = field(init=False)
    adapter_up: Gauge = field(init=False)
    provider_queue: Gauge = field(init=False)
    provider_sent: Counter = field(init=False)
    jobs: Gauge = field(init=False)
    _answers: dict[tuple[str, str, int], tuple[Counter, Histogram]] = field(init=False, default_factory=dict)

    def answered(self, method: str, route: str, status: int, seconds: float | None) -> None:
        """Count a request by its route's template, and time it unless `seconds` is None; methods that are none are `other`."""
        known = self._answers.get((method, route, status))
        if known is None:
            named = method if method in _METHODS else "other"
            known = self.requests.labels(named, route, status), self.duration.labels(named, route)
            if named == method:  # what a client makes up is not remembered
                self._answers[method, route, status] = known
        known[0].inc()
        if seconds is not None:
            known[1].observe(seconds)

    def __post_init__(self) -> None:
        """Register them."""

        def put(name: str, metric: object) -> None:
            object.__setattr__(self, name, metric)

        to = self.registry
        put("requests", Counter("http_requests", "HTTP requests", ["method", "route", "status"], registry=to))
        put("duration", Histogram("http_request_duration_seconds", "Duration", ["method", "route"], registry=to))
        put("lag", Gauge("consumer_lag_records", "Records not yet consumed", ["consumer", "topic"], registry=to))
        put("handled", Counter("consumer_records", "Records consumed", ["consumer", "topic"], registry=to))
        put("parked", Gauge("consumer_parked_messages", "Parked messages", ["consumer"], registry=to))
        put("stopped", Gauge("consumer_stopped", "1 when stopped by a run of failures", ["consumer"], registry=to))
        put("outbox_age", Gauge("outbox_age_seconds", "Age of the oldest unpublished row", registry=to))
        put("published", Counter("outbox_published", "Records published", ["topic"], registry=to))
        put("index_age", Gauge("search_index_age_seconds", "How far the index is behind", registry=to))
        put(
            "adapter_up", Gauge("adapter_up", "1 when an engine of the service's own answers", ["adapter"], registry=to)
        )
        put("provider_queue", Gauge("messaging_provider_queue", "Messages waiting", ["provider"], registry=to))
        names = ["provider", "result"]
        put("provider_sent", Counter("messaging_provider_requests", "Provider answers", names, registry=to))
        put("jobs", Gauge("jobs_active", "Jobs that wait, run or are paused", ["kind", "state"], registry=to))
