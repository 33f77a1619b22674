"""Twilio's words as data: statuses, and codes that say why (Twilio docs: "Message resource", "Error and Warning Dictionary")."""

from __future__ import annotations

from typing import Final, Literal

NAME: Final = "twilio"  # of the provider, as its messages have it
STATUS: Final[dict[str, str]] = {
    "accepted": "sent",  # Twilio has it: whatever happens now, it must not be sent again
    "scheduled": "sent",
    "queued": "sent",
    "sending": "sent",
    "sent": "sent",
    "delivered": "delivered",
    "read": "delivered",
    "undelivered": "undeliverable",
    "failed": "failed",
    "canceled": "failed",
}

End = Literal["failed", "undeliverable"]

# code -> (state, reason) of a message that is refused at once, or fails later.
ERRORS: Final[dict[int, tuple[End, str]]] = {
    21211: ("undeliverable", "invalid_number"),
    21214: ("undeliverable", "unreachable"),
    21217: ("undeliverable", "invalid_number"),
    21401: ("undeliverable", "invalid_number"),
    21408: ("failed", "region_not_enabled"),
    21603: ("failed", "sender_not_valid"),
    21606: ("failed", "sender_not_valid"),
    21608: ("failed", "number_not_verified"),
    21610: ("failed", "opted_out"),
    21612: ("undeliverable", "unreachable"),
    21614: ("undeliverable", "not_a_mobile"),
    21617: ("failed", "too_long"),
    30002: ("failed", "account_suspended"),
    30003: ("undeliverable", "unreachable"),
    30004: ("undeliverable", "blocked"),
    30005: ("undeliverable", "unknown_number"),
    30006: ("undeliverable", "landline"),
    30007: ("undeliverable", "filtered"),
    30008: ("undeliverable", "unknown_error"),
    30010: ("failed", "too_expensive"),
    30034: ("failed", "sender_not_registered"),
}
OPTED_OUT: Final = 21610
LATER: Final = frozenset({20429, 14107, 21611, 30001, 30022})  # too many requests, a full queue: nothing was taken
TRIAL_PREFIX: Final = "Sent from your Twilio trial account - "


def reason(code: int | None) -> str | None:
    """The reason for an error code; a code that is not in the table is named."""
    if not code:
        return None
    known = ERRORS.get(code)
    return known[1] if known else f"provider_error_{code}"


def end_of(code: int | None) -> tuple[End, str]:
    """How a message ends that was refused with this code."""
    return ERRORS.get(code or 0, ("failed", reason(code) or "refused"))
