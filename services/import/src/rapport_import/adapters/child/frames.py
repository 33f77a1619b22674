"""What a child says on its standard output: frames of a kind, a JSON head and raw bytes."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import orjson

PREFIX: Final = struct.Struct(">cII")
DONE, REFUSED, FULL, TOTAL, BATCH = b"D", b"X", b"F", b"T", b"B"


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame."""

    kind: bytes
    head: dict[str, Any]
    body: bytes


def write_frame(to: BinaryIO, kind: bytes, head: dict[str, Any], body: bytes = b"") -> None:
    """Send one frame; it blocks while the reader does not read, which is how a run is slowed down."""
    head_bytes = orjson.dumps(head)
    to.write(PREFIX.pack(kind, len(head_bytes), len(body)))
    to.write(head_bytes)
    to.write(body)
    to.flush()
