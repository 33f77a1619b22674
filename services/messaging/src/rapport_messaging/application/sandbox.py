"""The sandbox's phones come alive: messages arrive after a moment, numbers ending in 0000 fail, answers come in (M6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from rapport_chassis.auth import Caller
from rapport_chassis.clock import Clock
from rapport_chassis.db import Database, Tx
from rapport_chassis.ids import new_id
from rapport_chassis.problems import NotFound
from rapport_messaging.store import reports, sandbox
from rapport_messaging.store.reports import Report

from .receive import Incoming, receive

NAME: Final = sandbox.NAME
_MOMENT: Final = timedelta(milliseconds=300)
_TOGETHER: Final = 500
_FAILS: Final = "0000"


async def deliver_due(db: Database, clock: Clock) -> int:
    """Let what was sent a moment ago arrive; how many."""
    if not await db.read(sandbox.on_their_way, clock.now() - _MOMENT, 1):
        return 0
    return await db.write(_deliver)


def reply(tx: Tx, caller: Caller, number: str, text: str) -> dict[str, Any]:
    """The phone answers. Raises `NotFound` for a phone that was never written to, as far as the caller sees."""
    if not sandbox.conversation(tx.conn, caller.view_groups, number, 1, None):
        raise NotFound("Nothing was ever sent to this phone.")
    message_id = new_id()
    sandbox.answer(tx, message_id, number, text)
    receive(tx, [Incoming(NAME, message_id, number, text)])
    return sandbox.conversation(tx.conn, None, number, 1, None)[0]


def _deliver(tx: Tx) -> int:
    rows = sandbox.on_their_way(tx.conn, tx.now - _MOMENT, _TOGETHER)
    states = {row.id: "failed" if row.phone.endswith(_FAILS) else "delivered" for row in rows}
    sandbox.arrive(tx, states)
    reports.apply(
        tx,
        [
            Report(NAME, message, state, "unreachable" if state == "failed" else None, intent=message)
            for message, state in states.items()
        ],
    )
    return len(rows)
