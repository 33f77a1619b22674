"""What an entry says: the content of a system entry before it is written, and the parts of any entry once it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from rapport_contracts.text import normalise

Action = dict[str, Any]
"""One action of an entry: `{"text": str, "tags": [tag id]}`."""


@dataclass(frozen=True, slots=True)
class SystemEntry:
    """What an event makes known (L1). `natural_key` is the event's, message's or batch part's identity: one entry each.

    `customer_ids` are in the event's order; the first one's chain holds the entry.
    """

    natural_key: str
    kind: str
    customer_ids: tuple[str, ...]
    occurred_at: datetime
    recorded_by: str | None = None
    text: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    link: dict[str, Any] | None = None
    delivery: Delivery | None = None

    @property
    def actions(self) -> list[Action]:
        """The text as the only action; none without a text."""
        return [{"text": self.text, "tags": []}] if self.text else []


@dataclass(frozen=True, slots=True)
class Delivery:
    """How far a message got (L3): `version` is the message's, so that an older report never replaces a newer one."""

    state: str
    reason: str | None
    at: str
    version: int

    @property
    def document(self) -> dict[str, Any]:
        """As the API shows it."""
        return {"state": self.state, "reason": self.reason, "at": self.at}

    @property
    def words(self) -> str:
        """What stands for a description as long as nobody wrote one."""
        return f"{self.state} {self.reason or ''}".strip()


def text_key(actions: Sequence[Action]) -> str:
    """The text of all actions as timelines are searched by (L9)."""
    return normalise(" ".join(action["text"] for action in actions))


def description_key(description: str | None, delivery: dict[str, Any] | None) -> str:
    """The description as timelines are searched by: the person's, else the sending status (L3)."""
    if description:
        return normalise(description)
    return normalise(f"{delivery['state']} {delivery['reason'] or ''}") if delivery else ""


def content(
    *,
    natural_key: str | None,
    kind: str,
    occurred_at: int,
    recorded_at: int,
    recorded_by: str | None,
    customer_ids: Sequence[str],
    actions: Sequence[Action],
    data: dict[str, Any],
    link: dict[str, Any] | None,
) -> bytes:
    """The canonical form of what a chain vouches for: a JSON array with sorted keys; instants in microseconds.

    Descriptions and delivery are left out on purpose (L3), so is the entry's place in other customers' timelines.
    """
    parts = [natural_key, kind, occurred_at, recorded_at, recorded_by, list(customer_ids), list(actions), data, link]
    return orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)
