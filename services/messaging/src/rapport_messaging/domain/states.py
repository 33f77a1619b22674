"""The life of a message (features.md M4): which state follows which, so that reports in any order, repeated, end the same."""

from __future__ import annotations

from typing import Final, Literal, get_args

State = Literal["queued", "sending", "sent", "delivered", "failed", "undeliverable", "unknown", "received"]
STATES: Final[tuple[str, ...]] = get_args(State)

# What a provider reports only ever raises the rank; the highest reported wins, whatever the order. A receipt of delivery is the
# strongest word there is, so it outranks a failure. `unknown` is below everything a provider can say.
RANK: Final[dict[str, int]] = {
    "queued": 0,
    "sending": 1,
    "unknown": 2,
    "sent": 3,
    "failed": 4,
    "undeliverable": 5,
    "delivered": 6,
    "received": 9,
}
ENDED: Final = frozenset({"delivered", "failed", "undeliverable", "received"})
REPORTED: Final = frozenset({"sent", "delivered", "failed", "undeliverable"})


def supersedes(new: str, old: str) -> bool:
    """Whether a provider's report `new` changes a message that is `old` (M4: out of order and repeated are harmless)."""
    return RANK[new] > RANK[old]
