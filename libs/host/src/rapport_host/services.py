"""The services of an installation, by name; each is imported only by the process that hosts it."""

from __future__ import annotations

import importlib

from rapport_chassis.service import Service
from rapport_host.roles import GATEWAY, NAMES


def load(name: str) -> Service:
    """The service `name`. Raises `LookupError` for a name that is none."""
    if name not in NAMES:
        raise LookupError(f"there is no service {name!r}; there are: {', '.join((*NAMES, GATEWAY))}")
    service: Service = importlib.import_module(f"rapport_{name}.bootstrap").SERVICE
    return service
