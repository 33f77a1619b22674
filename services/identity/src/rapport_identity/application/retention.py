"""What grows here and how long it is kept: sessions that are over, forgotten failures, old audit entries."""

from __future__ import annotations

from datetime import timedelta

from rapport_chassis.db import Tx
from rapport_identity.domain.sessions import SessionPolicy
from rapport_identity.store import attempts, audit, sessions

_FAILURES_KEPT = timedelta(days=1)


def purge(tx: Tx, policy: SessionPolicy, audit_kept: timedelta) -> dict[str, int]:
    """Delete what is out of date; how many of each."""
    return {
        "sessions": sessions.purge(tx.conn, expired_at=tx.now, unseen_since=tx.now - policy.idle),
        "attempts": attempts.purge(tx.conn, tx.now - _FAILURES_KEPT),
        "audit": audit.purge(tx.conn, tx.now - audit_kept),
    }
