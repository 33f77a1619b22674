"""Tags (L5): what makes two words one tag, and the system's own tags, which are there from the first day."""

from __future__ import annotations

from typing import Final, Literal

from rapport_chassis.problems import FieldError, Invalid
from rapport_contracts.text import collation_key, normalise

State = Literal["system", "verified", "unverified"]
LONGEST: Final = 100

SYSTEM_TAGS: Final = {
    "system-call": "Call",
    "system-meeting": "Meeting",
    "system-visit": "Visit",
    "system-follow-up": "Follow-up",
    "system-request": "Request",
    "system-offer": "Offer",
    "system-payment": "Payment",
    "system-complaint": "Complaint",
    "system-support": "Support",
}


def tag_name(word: str, field: str = "name") -> str:
    """The word as it is shown: white space collapsed. Raises `Invalid` 422 for one of no letters, or beyond 100."""
    name = " ".join(word.split())
    if not normalise(name) or len(name) > LONGEST:
        detail = f"A tag is a word or a few, at most {LONGEST} characters."
        raise Invalid(detail, FieldError(field, "tag_word", detail))
    return name


def tag_key(name: str) -> str:
    """What makes two spellings the same tag."""
    return normalise(name)


def sort_key(name: str) -> str:
    """The order of tags in a list, as text of hex digits."""
    return collation_key(name).hex()
