"""A child of `rapport up`: the web process, or one of the worker processes of `rapport_host.services`."""

from __future__ import annotations

import os
import sys
from dataclasses import replace

from rapport_host.roles import ASKED, GATEWAY, NAMES, ROLES, WORKERS
from rapport_host.run import run
from rapport_host.settings import Settings, read_settings
from rapport_host.stopping import end_with_parent

_LESS_URGENT = 19  # when the processor is short, people and writers go first


def main() -> int:
    """Run in the role that the first argument says."""
    role = sys.argv[1]
    end_with_parent()
    os.environ["RAPPORT_ONE_MACHINE"] = "yes"
    settings = _beside_the_others(read_settings(), role)
    if role == "web":
        return run(settings, "web", [*NAMES, GATEWAY])
    if role != "worker":
        os.nice(_LESS_URGENT)
    return run(settings, "worker", list(WORKERS[role]), beside=ASKED.get(role, ()))


def _beside_the_others(settings: Settings, role: str) -> Settings:
    """Metrics on a port of its own: web on the one that was set, the workers on the next ones."""
    first = settings.metrics_port
    return settings if first is None else replace(settings, metrics_port=first + ROLES.index(role))


if __name__ == "__main__":
    sys.exit(main())
