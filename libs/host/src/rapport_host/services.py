"""The services of an installation, by name; each is imported only by the process that hosts it."""

from __future__ import annotations

import importlib
from collections.abc import Mapping

from rapport_chassis.service import Service

NAMES: tuple[str, ...] = ("identity", "customers", "import", "search", "logging", "messaging")
GATEWAY = "gateway"

WORKERS: Mapping[str, tuple[str, ...]] = {
    "worker": ("identity", "customers", "import"),
    "follower": ("logging", "messaging"),
    "indexer": ("search",),
}
"""The worker processes of one machine, each with an interpreter of its own: who writes customers, who follows what was
written, and who makes index documents. The processor goes to the first of them first."""
ASKED: Mapping[str, tuple[str, ...]] = {"follower": ("customers", "search")}
"""Services that a worker process asks, in the same process instead of over HTTP."""
ROLES: tuple[str, ...] = ("web", *WORKERS)


def load(name: str) -> Service:
    """The service `name`. Raises `LookupError` for a name that is none."""
    if name not in NAMES:
        raise LookupError(f"there is no service {name!r}; there are: {', '.join((*NAMES, GATEWAY))}")
    service: Service = importlib.import_module(f"rapport_{name}.bootstrap").SERVICE
    return service
