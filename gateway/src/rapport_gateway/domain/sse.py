"""Server-sent events, as the WHATWG HTML standard frames them."""

from __future__ import annotations

from typing import Any

import orjson

PING = b": ping\n\n"
READY = b"retry: 2000\n: ready\n\n"


def frame(event: str, data: Any, event_id: int) -> bytes:
    """One event; `data` is JSON on one line."""
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (event_id, event.encode(), orjson.dumps(data, option=orjson.OPT_UTC_Z))
