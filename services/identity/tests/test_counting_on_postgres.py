"""Failures that several processes count at once, which SQLite's one writer never meets."""

from __future__ import annotations

import asyncio
from pathlib import Path

from rapport_chassis.db import open_database
from rapport_identity.application.audit import Origin
from rapport_identity.application.sign_in import _failed
from rapport_identity.bootstrap import SERVICE
from rapport_identity.store import attempts
from rapport_testkit.databases import postgres_url

AT_ONCE = 30


async def test_no_failure_is_lost_when_many_are_counted_at_once(tmp_path: Path) -> None:
    """G1, R14."""
    db = open_database(postgres_url("identity", SERVICE.metadata, SERVICE.migrations, tmp_path), SERVICE.metadata)
    await db.start()
    try:
        origin = Origin(None, "api", "10.0.0.1", None)
        await asyncio.gather(*(db.write(_failed, "reza", None, origin) for _ in range(AT_ONCE)))
        counted = await db.read(attempts.of, ["user:reza", "ip:10.0.0.1"])
        assert {key: row.failures for key, row in counted.items()} == {"user:reza": AT_ONCE, "ip:10.0.0.1": AT_ONCE}
    finally:
        await db.close()
