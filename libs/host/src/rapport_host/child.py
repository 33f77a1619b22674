"""A child of `rapport up`: one role, all services."""

from __future__ import annotations

import sys

from rapport_host.run import run
from rapport_host.services import GATEWAY, NAMES
from rapport_host.settings import read_settings
from rapport_host.stopping import end_with_parent


def main() -> int:
    """Run as `web` or `worker`, as the first argument says."""
    role = sys.argv[1]
    end_with_parent()
    names = [*NAMES, GATEWAY] if role == "web" else list(NAMES)
    return run(read_settings(), role, names)


if __name__ == "__main__":
    sys.exit(main())
