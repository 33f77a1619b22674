"""A child of `rapport up`: the web process, the worker, or the indexer.

The indexer is search's worker: making index documents computes a lot, and beside the others it would take their interpreter.
"""

from __future__ import annotations

import os
import sys

from rapport_host.run import run
from rapport_host.services import GATEWAY, NAMES
from rapport_host.settings import read_settings
from rapport_host.stopping import end_with_parent

_INDEXED = "search"
_LESS_URGENT = 5  # when the processor is short, people and writers go first


def main() -> int:
    """Run as `web` or `worker`, as the first argument says."""
    role = sys.argv[1]
    end_with_parent()
    if role == "web":
        return run(read_settings(), "web", [*NAMES, GATEWAY])
    if role == "indexer":
        os.nice(_LESS_URGENT)
        return run(read_settings(), "worker", [_INDEXED])
    return run(read_settings(), "worker", [name for name in NAMES if name != _INDEXED], beside=[_INDEXED])


if __name__ == "__main__":
    sys.exit(main())
