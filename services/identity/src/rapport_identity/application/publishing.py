"""Announcing changed documents on identity.users.v1."""

from __future__ import annotations

from rapport_chassis.db import Tx
from rapport_contracts import topics


def publish(tx: Tx, version: int, *keys: str) -> None:
    """Queue the current documents of `keys` (`user:<id>`, …). They give no `X-Position`: no search waits for them."""
    before = len(tx.positions)
    tx.publish_state(topics.USERS, [(key, version) for key in keys])
    del tx.positions[before:]
