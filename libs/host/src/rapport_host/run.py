"""Runs one role of some services in this process: event loop, logs, metrics, and words for what goes wrong at the start."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Sequence

import uvloop

from rapport_chassis.adapters import WrongSetting
from rapport_chassis.bus.port import BusUnusable
from rapport_chassis.db import EngineUnavailable, EngineUnfit
from rapport_chassis.telemetry import configure_logging
from rapport_host.settings import Misconfigured, Settings
from rapport_host.supervisor import REFUSED, UNAVAILABLE
from rapport_host.web import serve_web
from rapport_host.worker import serve_worker


def run(settings: Settings, role: str, names: list[str], beside: Sequence[str] = ()) -> int:
    """Serve until told to stop; the exit status (78: the configuration is wrong; 75: an engine is away now)."""
    configure_logging(f"rapport-{role}", settings.env.get("RAPPORT_LOG_LEVEL", "WARNING"))
    serving = serve_web(settings, names, _ready) if role == "web" else serve_worker(settings, names, _ready, beside)
    try:
        with contextlib.suppress(KeyboardInterrupt):
            uvloop.run(serving)
    except (Misconfigured, BusUnusable, WrongSetting, EngineUnfit) as error:
        return _said(error, REFUSED)
    except EngineUnavailable as error:
        return _said(error, UNAVAILABLE)
    return 0


def _said(error: Exception, status: int) -> int:
    print(f"rapport: {error}", file=sys.stderr, flush=True)
    return status


def _ready(where: str) -> None:
    if where.startswith("http"):
        print(f"Rapport is open at {where}", flush=True)
