"""Ids: UUID version 7 (RFC 9562) as 32 hex digits, so that new rows land at the end of every index."""

from __future__ import annotations

import os
import time


def new_id() -> str:
    """A new id; ids made in a later millisecond sort later."""
    return new_ids(1)[0]


def new_ids(count: int) -> list[str]:
    """`count` new ids in strictly ascending order."""
    millis = time.time_ns() // 1_000_000
    tail = os.urandom(8 * count).hex()
    return [
        f"{millis + (number >> 12):012x}7{number & 0xFFF:03x}{'89ab'[int(tail[16 * number], 16) & 3]}"
        f"{tail[16 * number + 1 : 16 * number + 16]}"
        for number in range(count)
    ]
