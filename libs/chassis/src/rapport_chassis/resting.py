"""How long who publishes or follows rests after a round of work, so that under load a round takes more (ADR 0167, 0175)."""

from __future__ import annotations

from typing import Final

_FOLD: Final = 8  # a ninth of the time is work


def rest_after(worked: float, least: float, most: float) -> float:
    """Seconds of rest after `worked` seconds: eight times as long, from `least` to `most`."""
    return min(max(_FOLD * worked, least), most)
