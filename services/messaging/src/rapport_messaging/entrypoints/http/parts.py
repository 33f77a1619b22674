"""What messaging's routes need besides the runtime; put on the app by bootstrap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from fastapi import Request

from rapport_chassis.problems import NotFound
from rapport_messaging.application.gather import Gather
from rapport_messaging.application.ports import Webhooks
from rapport_messaging.application.receive import Incoming
from rapport_messaging.config import Config
from rapport_messaging.store.reports import Report


@dataclass(frozen=True)
class Parts:
    """The service's settings, the provider's webhooks, and where what they bring is written together."""

    config: Config
    webhooks: Webhooks
    reports: Gather[Report]
    incoming: Gather[Incoming]


def parts_of(request: Request) -> Parts:
    """The parts of this app."""
    return cast("Parts", request.app.state.messaging)


def sandbox_only(request: Request) -> None:
    """A route that is there only while the sandbox is the provider. Raises `NotFound`."""
    if parts_of(request).config.twilio is not None:
        raise NotFound("A real provider is configured: there is no sandbox.")
