"""Real engines for development and tests, without containers: downloaded once, pinned, checksummed, stopped with their starter.

`running("kafka")` is that engine for the rest of this process and for those it starts: the one that the environment
names (`make engines`), or one started now and stopped at the end. Where something is missing, `EngineMissing` says what;
nothing is skipped.
"""

from __future__ import annotations

import atexit
import importlib
import os
from importlib.util import find_spec

from rapport_testkit.engines.engine import Engine, EngineMissing

__all__ = ["NAMES", "Engine", "EngineMissing", "running", "start", "variable"]

NAMES = tuple(name for name in ("kafka", "opensearch", "postgres", "s3") if find_spec(f"{__name__}.{name}"))
"""The engines that have a module here."""

_running: dict[str, Engine] = {}


def variable(name: str) -> str:
    """The environment variable that names the URL of an engine which already runs."""
    return f"RAPPORT_ENGINE_{name.upper()}"


def running(name: str) -> Engine:
    """The engine `name`, shared by everything in this process. Raises `EngineMissing`, or `EngineDidNotStart` with its log."""
    if name not in _running:
        url = os.environ.get(variable(name))
        _running[name] = Engine(name, url) if url else start(name)
        os.environ[variable(name)] = _running[name].url  # a worker that a test starts shall find the same one
        atexit.register(_running[name].stop)
    return _running[name]


def start(name: str) -> Engine:
    """A new engine on free ports, which the caller stops. Raises as `running` does."""
    engine: Engine = importlib.import_module(f"rapport_testkit.engines.{name}").start()
    return engine
