"""What can go wrong with a request that is passed on, and is nobody's error."""

from __future__ import annotations


class ClientGone(Exception):  # noqa: N818
    """The client went away before its request was complete."""
