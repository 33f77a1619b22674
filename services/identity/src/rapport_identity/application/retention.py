"""What grows here and how long it is kept: sessions that are over, forgotten failures, old audit entries."""

from __future__ import annotations

from datetime import timedelta

from rapport_chassis.db import Database
from rapport_chassis.retention import forget_in_portions
from rapport_identity.domain.sessions import SessionPolicy
from rapport_identity.store import attempts, audit, sessions

_FAILURES_KEPT = timedelta(days=1)


async def purge(db: Database, policy: SessionPolicy, audit_kept: timedelta) -> dict[str, int]:
    """Delete what is out of date, in portions: a kill leaves the rest to the next round; how many of each."""
    return {
        "sessions": await forget_in_portions(db, lambda tx: sessions.purge(tx.conn, tx.now, tx.now - policy.idle)),
        "attempts": await forget_in_portions(db, lambda tx: attempts.purge(tx.conn, tx.now - _FAILURES_KEPT)),
        "audit": await forget_in_portions(db, lambda tx: audit.purge(tx.conn, tx.now - audit_kept)),
    }
