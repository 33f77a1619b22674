"""A child of `rapport up`: the web process, or one of the worker processes of `rapport_host.services`."""

from __future__ import annotations

import os
import sys

from rapport_host.roles import ASKED, GATEWAY, NAMES, WORKERS
from rapport_host.run import run
from rapport_host.settings import read_settings
from rapport_host.stopping import end_with_parent

_LESS_URGENT = 19  # when the processor is short, people and writers go first


def main() -> int:
    """Run in the role that the first argument says."""
    role = sys.argv[1]
    end_with_parent()
    if role == "web":
        return run(read_settings(), "web", [*NAMES, GATEWAY])
    if role != "worker":
        os.nice(_LESS_URGENT)
    return run(read_settings(), "worker", list(WORKERS[role]), beside=ASKED.get(role, ()))


if __name__ == "__main__":
    sys.exit(main())
