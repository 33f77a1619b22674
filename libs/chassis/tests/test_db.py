"""The database port on SQLite: group commit, isolation of each write, snapshots, wake-ups across processes."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text, insert, select, text

from rapport_chassis.db import Database, EngineUnavailable, Tx, bulk_insert, in_list, open_database

metadata = MetaData()
things = Table("things", metadata, Column("id", Integer, primary_key=True), Column("name", Text, unique=True))


@pytest.fixture(params=["file", "memory"])
async def db(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    url = f"sqlite:///{tmp_path / 'a.sqlite'}" if request.param == "file" else "sqlite://"
    opened = open_database(url, metadata)
    await opened.start()
    await opened.write(lambda tx: metadata.create_all(tx.conn))
    yield opened
    await opened.close()


def add(tx: Tx, name: str) -> None:
    tx.conn.execute(insert(things), {"name": name})


async def names(db: Database) -> list[str]:
    return await db.read(lambda conn: list(conn.execute(select(things.c.name).order_by(things.c.id)).scalars()))


async def test_writes_that_wait_together_are_committed_together_but_fail_alone(db: Database) -> None:
    wanted = [f"n{number}" for number in range(50)] + ["n7"]
    results = await asyncio.gather(*(db.write(add, name) for name in wanted), return_exceptions=True)
    assert sum(isinstance(result, Exception) for result in results) == 1
    assert sorted(await names(db)) == sorted(set(wanted))


async def test_a_failed_write_changes_nothing_even_after_its_first_statement(db: Database) -> None:
    def half(tx: Tx) -> None:
        add(tx, "half")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await db.write(half)
    assert await names(db) == []


async def test_a_cancelled_waiter_leaves_a_whole_write_behind(db: Database) -> None:
    task = asyncio.create_task(db.write(add, "a"))
    await asyncio.sleep(0)
    task.cancel()
    await db.write(add, "b")
    assert await names(db) == ["a", "b"]


async def test_membership_scales_and_uses_the_index(db: Database) -> None:
    await db.write(lambda tx: bulk_insert(tx.conn, things, ["id", "name"], [(n, f"n{n}") for n in range(2_000)]))
    query = select(things.c.id).where(in_list(things.c.id, list(range(0, 4_000, 2))))
    assert len(await db.read(lambda conn: conn.execute(query).all())) == 1_000
    compiled = str(query.compile(compile_kwargs={}))
    plan = await db.read(lambda conn: conn.execute(text(f"EXPLAIN QUERY PLAN {compiled}"), {"listed_1": "[1,2]"}).all())
    assert any("SEARCH things" in row[-1] for row in plan), plan


async def test_a_closed_database_says_so(db: Database) -> None:
    await db.close()
    with pytest.raises(EngineUnavailable):
        await db.write(add, "late")


async def test_a_snapshot_stays_while_others_write(tmp_path: Path) -> None:
    db = open_database(f"sqlite:///{tmp_path / 'a.sqlite'}", metadata)
    await db.start()
    await db.write(lambda tx: metadata.create_all(tx.conn))
    loop = asyncio.get_running_loop()

    def twice(conn: object) -> tuple[int, int]:
        count = text("SELECT count(*) FROM things")
        first = conn.execute(count).scalar_one()  # type: ignore[attr-defined]
        asyncio.run_coroutine_threadsafe(db.write(add, "meanwhile"), loop).result(5)
        return first, conn.execute(count).scalar_one()  # type: ignore[attr-defined]

    assert await db.read(twice) == (0, 0)
    assert await names(db) == ["meanwhile"]
    await db.close()


async def test_a_commit_of_another_process_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    db = open_database(f"sqlite:///{path}", metadata)
    await db.start()
    await db.write(lambda tx: metadata.create_all(tx.conn))
    await asyncio.sleep(0.1)
    seen = db.changed.count
    statement = "INSERT INTO things (name) VALUES ('x')"
    program = f"import sqlite3; c = sqlite3.connect({str(path)!r}); c.execute({statement!r}); c.commit(); c.close()"
    await asyncio.to_thread(subprocess.run, [sys.executable, "-c", program], check=True)
    assert await db.changed.wait(seen, 60)
    await db.close()


async def test_a_write_waits_while_another_process_has_the_write_lock(tmp_path: Path) -> None:
    """Longer than SQLite is asked to wait at a time; what cannot wait any longer says so."""
    db = open_database(f"sqlite:///{tmp_path / 'a.sqlite'}", metadata)
    await db.start()
    await db.write(lambda tx: metadata.create_all(tx.conn))
    with contextlib.closing(sqlite3.connect(tmp_path / "a.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.create_task(db.write(add, "patient"))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("rapport_chassis.sqlite._BUSY_SECONDS", 0.0)
            other.execute("COMMIT")
            await waiting
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(EngineUnavailable):
                await db.write(add, "impatient")
        other.execute("ROLLBACK")
    assert await names(db) == ["patient"]
    await db.close()


async def test_many_processes_may_open_a_new_file_at_the_same_moment(tmp_path: Path) -> None:
    """Three processes start together on an empty folder: none may find the file locked."""
    program = f"""
import asyncio
from sqlalchemy import MetaData
from rapport_chassis.db import open_database
async def main():
    for number in range(20):
        db = open_database(f"sqlite:///{tmp_path}/{{number}}.sqlite", MetaData())
        await db.start()
        await db.read(lambda conn: conn.exec_driver_sql("SELECT 1").scalar())
        await db.write(lambda tx: None)
        await db.close()
asyncio.run(main())
"""
    starting = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", program, stderr=asyncio.subprocess.PIPE)
        for _ in range(4)
    ]
    for process in starting:
        _, said = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode == 0, said.decode()[-2_000:]


async def test_a_glance_sees_what_was_committed_and_an_error_in_it_ends_nothing(tmp_path: Path) -> None:
    db = open_database(f"sqlite:///{tmp_path / 'a.sqlite'}", metadata)
    await db.start()
    await db.write(lambda tx: metadata.create_all(tx.conn))
    await db.write(lambda tx: tx.conn.execute(insert(things), {"name": "x"}))
    with pytest.raises(ZeroDivisionError):
        await db.glance(lambda _: 1 // 0)
    assert await db.glance(lambda conn: conn.execute(select(things.c.name)).scalars().all()) == ["x"]
    await db.close()
    with pytest.raises(EngineUnavailable):
        await db.glance(lambda _: None)
