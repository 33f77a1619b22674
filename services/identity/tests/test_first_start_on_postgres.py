"""Two processes that start at once on an empty database: on SQLite the second waits anyway."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import Connection

from rapport_chassis.db import open_database
from rapport_identity.adapters.argon2 import Argon2Hasher
from rapport_identity.application.first_start import prepare
from rapport_identity.bootstrap import SERVICE
from rapport_identity.store import roles
from rapport_testkit.databases import postgres_url

_LONG_ENOUGH = 1.0  # seconds, for who is not kept waiting


async def test_two_processes_at_once_make_what_must_be_there_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """G1: the second looks before the first commits and goes on after it, and neither fails."""
    url = postgres_url("identity", SERVICE.metadata, SERVICE.migrations, tmp_path)
    one, other = (open_database(url, SERVICE.metadata) for _ in range(2))
    made, looked, committed = Event(), Event(), Event()
    shown: list[str] = []
    look = roles.documents

    def looks(conn: Connection, ids: Sequence[str]) -> list[roles.Role]:
        found = look(conn, ids)
        if made.is_set():
            looked.set()
            committed.wait(10)
        return found

    def slowly(password: str) -> None:
        """Called before the commit, when all is made."""
        shown.append(password)
        made.set()
        looked.wait(_LONG_ENOUGH)

    monkeypatch.setattr(roles, "documents", looks)
    for db in (one, other):
        await db.start()
    first = asyncio.create_task(one.write(prepare, Argon2Hasher(), None, slowly))
    await asyncio.to_thread(made.wait, 10)
    second = asyncio.create_task(other.write(prepare, Argon2Hasher(), None, shown.append))
    await first
    committed.set()
    await second
    assert len(shown) == 1
    for db in (one, other):
        await db.close()
