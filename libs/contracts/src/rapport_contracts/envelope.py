"""The CloudEvents 1.0 envelope, structured JSON, around every record value (CloudEvents spec, "JSON Event Format")."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import local
from typing import Any

import orjson


def seal(
    *,
    source: str,
    type_: str,
    subject: str,
    data: bytes,
    time: datetime,
    event_id: str | None = None,
    traceparent: str | None = None,
) -> bytes:
    """The record value for `data`, which is already JSON: it is embedded as it is, never parsed again."""
    head: dict[str, Any] = {
        "specversion": "1.0",
        "id": event_id or uuid.uuid4().hex,
        "source": f"/{source}",
        "type": type_,
        "subject": subject,
        "time": time,
        "datacontenttype": "application/json",
    }
    if traceparent:
        head["traceparent"] = traceparent
    return orjson.dumps(head, option=orjson.OPT_UTC_Z)[:-1] + b',"data":' + data + b"}"


class _Looked(local):
    """The message whose content this thread looked into last: who is the first suspect when a batch fails."""

    last: Message | None = None


looked = _Looked()


@dataclass(eq=False, slots=True)
class Message:
    """One record as a consumer sees it; the envelope is parsed when it is first looked into.

    Nobody changes one. It is not frozen because millions are made: that takes four times as long.
    """

    topic: str
    partition: int
    offset: int
    key: str
    raw: bytes = field(repr=False)
    _envelope: dict[str, Any] | None = field(default=None, init=False, repr=False)

    @property
    def envelope(self) -> dict[str, Any]:
        """The parsed envelope. Raises `orjson.JSONDecodeError` for a value that is not JSON."""
        looked.last = self
        if self._envelope is None:
            self._envelope = orjson.loads(self.raw)
        return self._envelope

    @property
    def id(self) -> str:
        """The event's id: the natural key against a producer's repetition."""
        return str(self.envelope["id"])

    @property
    def type(self) -> str:
        """The event's type, such as `customers.customer.created`."""
        return str(self.envelope["type"])

    @property
    def data(self) -> dict[str, Any]:
        """The event's payload."""
        payload: dict[str, Any] = self.envelope["data"]
        return payload

    @property
    def time(self) -> datetime:
        """When it happened, UTC."""
        return datetime.fromisoformat(self.envelope["time"]).astimezone(UTC)

    @property
    def traceparent(self) -> str | None:
        """W3C trace context of the request that caused it."""
        return self.envelope.get("traceparent")
