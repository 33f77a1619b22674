"""Runs one role of some services in this process: event loop, logs, metrics, and words for what goes wrong at the start."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable

import uvloop

from rapport_chassis.telemetry import configure_logging
from rapport_host.settings import Misconfigured, Settings
from rapport_host.supervisor import REFUSED
from rapport_host.web import serve_web
from rapport_host.worker import serve_worker


def run(settings: Settings, role: str, names: list[str]) -> int:
    """Serve until told to stop; the exit status (78: the configuration is wrong, starting again would not help)."""
    configure_logging(f"rapport-{role}", settings.env.get("RAPPORT_LOG_LEVEL", "WARNING"))
    serve = serve_web if role == "web" else serve_worker
    try:
        with contextlib.suppress(KeyboardInterrupt):
            uvloop.run(_serve(serve, settings, names))
    except Misconfigured as error:
        print(f"rapport: {error}", file=sys.stderr, flush=True)
        return REFUSED
    return 0


async def _serve(serve: Callable[..., object], settings: Settings, names: list[str]) -> None:
    result = serve(settings, names, _ready)
    assert asyncio.iscoroutine(result)  # noqa: S101  both serve functions are coroutine functions
    await result


def _ready(where: str) -> None:
    if where.startswith("http"):
        print(f"Rapport is open at {where}", flush=True)
