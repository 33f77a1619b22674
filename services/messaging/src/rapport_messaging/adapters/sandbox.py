"""The sandbox: a provider that keeps everything in a local mailbox; the default without credentials (M6)."""

from __future__ import annotations

from typing import Any, Final, Literal

from rapport_chassis.db import Database, Tx
from rapport_messaging.application.gather import Gather
from rapport_messaging.application.ports import Answer, Lost, Outgoing, Taken, Trace
from rapport_messaging.application.sandbox import NAME
from rapport_messaging.store import sandbox


class SandboxSmsProvider:
    """Takes everything, once for an intent, so that sending again is harmless."""

    name: Final = NAME
    recovery: Literal["idempotent", "lookup", "neither"] = "idempotent"

    def __init__(self, db: Database) -> None:
        self._db = db
        self._mailbox: Gather[dict[str, Any]] = Gather(db, _accept)

    async def send(self, message: Outgoing) -> Answer:
        """Put it on its way to the phone."""
        await self._mailbox.put({"id": message.id, "phone": message.address, "body": message.body})
        return Taken(reference=message.id)

    async def find(self, lost: Lost) -> list[Trace]:
        """What the mailbox has of this intent."""
        row = (await self._db.read(sandbox.known, [lost.id])).get(lost.id)
        return [] if row is None else [Trace(row.id, row.state, None, row.at, exact=True)]

    async def close(self) -> None:
        """There is nothing to close."""


def _accept(tx: Tx, rows: list[dict[str, Any]]) -> None:
    sandbox.accept(tx, rows)
