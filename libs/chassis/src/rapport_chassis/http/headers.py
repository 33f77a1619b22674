"""Headers that a dependency reads from the request itself: the API's description says them, and the framework passes them by.

As parameters of the framework each would be looked for, copied and validated at every request of a hot path.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

F = TypeVar("F", bound=Callable[..., Any])
_READS: Final = "rapport_reads"


def reads(name: str, description: str, **schema: Any) -> Callable[[F], F]:
    """The decorated dependency reads the header `name`, a text of this JSON schema."""
    said = {"name": name, "in": "header", "required": False, "description": description}

    def mark(dependency: F) -> F:
        setattr(dependency, _READS, said | {"schema": {"type": "string"} | schema})
        return dependency

    return mark


def describe(app: FastAPI) -> None:
    """Say in the description of every route what its dependencies read."""
    for route in app.routes:
        if isinstance(route, APIRoute) and (read := list(_read_by(route.dependant))):
            route.openapi_extra = (route.openapi_extra or {}) | {"parameters": read}


def _read_by(dependant: Dependant) -> Iterator[Any]:
    for below in dependant.dependencies:
        if said := getattr(below.call, _READS, None):
            yield dict(said)
        yield from _read_by(below)
