"""Everything that grows has a retention: what the chassis keeps in every service."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, MetaData, Table, Text, insert, select, update

from rapport_chassis.clock import SetClock
from rapport_chassis.http import create_app
from rapport_chassis.jobs import create_job
from rapport_chassis.retention import forget, forget_ended_jobs
from rapport_chassis.service import Service, Worker
from rapport_chassis.tables import chassis_tables
from rapport_testkit.service import Standing, running

metadata = MetaData()
jobs = chassis_tables(metadata).jobs
letters = Table("letters", metadata, Column("id", Text, primary_key=True), Column("job_id", Text, index=True))
SERVICE = Service(
    "letters", metadata, "letters_migrations", lambda runtime: create_app(runtime, []), lambda _: Worker()
)


@pytest.fixture
async def it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Standing]:
    """A service one of whose tables names jobs."""

    async def create_all(db: Any, _package: str) -> None:
        await db.write(lambda tx: metadata.create_all(tx.conn))

    monkeypatch.setattr("rapport_testkit.service.migrate", create_all)
    async with running(SERVICE, tmp_path, clock=SetClock(datetime(2026, 1, 1, tzinfo=UTC))) as standing:
        yield standing


def job(tx: Any, state: str) -> str:
    made = create_job(tx, "letters", "send", {}, "master")
    tx.conn.execute(update(jobs).where(jobs.c.id == made.id).values(state=state))
    return made.id


async def left(it: Standing) -> set[str]:
    return await it.runtime.db.read(lambda conn: set(conn.execute(select(jobs.c.id)).scalars()))


async def test_jobs_that_ended_are_forgotten_after_90_days_and_others_never(it: Standing) -> None:
    db, clock = it.runtime.db, it.runtime.clock
    assert isinstance(clock, SetClock)
    ended = {await db.write(job, state) for state in ("done", "failed", "cancelled")}
    waiting = {await db.write(job, state) for state in ("queued", "running", "paused")}
    clock.advance(days=89)
    await forget(db)
    assert await left(it) == ended | waiting
    clock.advance(days=2)
    young = await db.write(job, "done")
    await forget(db)
    assert await left(it) == waiting | {young}


async def test_a_job_stays_as_long_as_something_names_it(it: Standing) -> None:
    db, clock = it.runtime.db, it.runtime.clock
    assert isinstance(clock, SetClock)
    named = await db.write(job, "done")
    await db.write(
        lambda tx: tx.conn.execute(insert(letters), [{"id": "a", "job_id": named}, {"id": "b", "job_id": None}])
    )
    clock.advance(days=91)
    await forget(db)
    assert await left(it) == {named}
    await db.write(lambda tx: tx.conn.execute(letters.delete()))
    await forget(db)
    assert await left(it) == set()


async def test_more_than_one_portion_is_forgotten(it: Standing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rapport_chassis.db.MOST_DELETED", 2)
    db, clock = it.runtime.db, it.runtime.clock
    assert isinstance(clock, SetClock)
    for _ in range(5):
        await db.write(job, "done")
    clock.advance(days=91)
    assert await db.write(forget_ended_jobs) == 2
    await forget(db)
    assert await left(it) == set()
