"""The SMS provider: what any of them must be able to say, so that nothing is sent twice and nothing is lost (M4, measures R3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from rapport_messaging.store.reports import Report

from .receive import Incoming


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to hand to a provider; `id` is the intent, durable before this is called."""

    id: str
    address: str
    body: str


@dataclass(frozen=True, slots=True)
class Taken:
    """The provider has it; `state` is what it says at once (`sent`, or already an end)."""

    reference: str
    state: str = "sent"
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class NotTaken:
    """The provider surely did not take it, and may later: too many requests, connection refused. `wait`: seconds it asked for."""

    reason: str
    wait: float | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider surely did not take it and never will. `opted_out`: it knows that this number must not be written to."""

    state: Literal["failed", "undeliverable"]
    reason: str
    opted_out: bool = False


@dataclass(frozen=True, slots=True)
class Unclear:
    """It may have been taken or not: no answer, a broken one, a server error."""

    reason: str


Answer = Taken | NotTaken | Refused | Unclear


@dataclass(frozen=True, slots=True)
class Lost:
    """A message whose outcome is unknown; the first attempt began at `since`."""

    id: str
    address: str
    body: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Trace:
    """Something that the provider has and that may be the lost message; `exact` when it surely is."""

    reference: str
    state: str
    reason: str | None
    at: datetime
    exact: bool = False


class LookupFailed(Exception):  # noqa: N818  a state of the world
    """The provider does not say now whether it has the message; ask again later."""


class SmsProvider(Protocol):
    """One way to send SMS.

    `recovery`: `idempotent` (sending again is harmless), `lookup` (it can be asked), `neither` (a person must look).
    """

    @property
    def name(self) -> str:
        """Under which name its messages are kept."""

    @property
    def recovery(self) -> Literal["idempotent", "lookup", "neither"]:
        """What can be done about an unknown outcome."""

    async def send(self, message: Outgoing) -> Answer:
        """Hand it over. Never raises for what the provider or the network does: that is an `Answer`."""

    async def find(self, lost: Lost) -> list[Trace]:
        """What the provider has that may be this message; [] when it surely has nothing. Raises `LookupFailed`."""

    async def close(self) -> None:
        """Close connections."""


class Webhooks(Protocol):
    """What a provider calls us with: checked for its signature, then read. `path` begins with a slash, `query` has no “?”.

    Both raise `Problem` 403 `signature_invalid` when it is not signed by the provider for exactly this address and body.
    """

    def status(self, path: str, query: str, body: bytes, signature: str) -> Report | None:
        """A report on a message; None when it says nothing that matters here."""

    def inbound(self, path: str, query: str, body: bytes, signature: str) -> Incoming:
        """A message that came in. Raises `Problem` 422 for what is no SMS."""
