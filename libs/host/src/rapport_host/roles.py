"""Which process of one machine does what. It imports nothing, so that the supervisor stays small."""

from __future__ import annotations

from collections.abc import Mapping

NAMES: tuple[str, ...] = ("identity", "customers", "import", "search", "logging", "messaging")
GATEWAY = "gateway"

WORKERS: Mapping[str, tuple[str, ...]] = {
    "worker": ("identity", "customers", "import"),
    "follower": ("logging", "messaging"),
    "indexer": ("search",),
}
"""The worker processes, each with an interpreter of its own: who writes customers, who follows what was written, and who
makes index documents. The processor goes to the first of them first."""
ASKED: Mapping[str, tuple[str, ...]] = {"follower": ("customers", "search")}
"""Services that a worker process asks, in the same process instead of over HTTP."""
ROLES: tuple[str, ...] = ("web", *WORKERS)
