"""What search's routes stand on, made once a process by bootstrap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from fastapi import Request

from rapport_search.application.filters import Filters
from rapport_search.application.searching import Searching
from rapport_search.application.serving import Serving


@dataclass(frozen=True)
class Parts:
    """The use cases with their engine."""

    searching: Searching
    serving: Serving
    filters: Filters


def parts_of(request: Request) -> Parts:
    """The parts of the application that answers."""
    return cast("Parts", request.app.state.search)
