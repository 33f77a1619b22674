"""How long who publishes or follows rests after a round of work, so that under load a round takes more (ADR 0167, 0175)."""

from __future__ import annotations

from rapport_chassis.bus.port import Bus


def rest_after(bus: Bus, worked: float, least: float, most: float) -> float:
    """Seconds of rest after `worked` seconds: `bus.rest_fold` times as long, from `least` to `most`."""
    return min(max(bus.rest_fold * worked, least), most)
