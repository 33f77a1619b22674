"""R10 for the database: PostgreSQL killed and started again under load; a leader that is killed or stopped has a successor."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, insert, select

from rapport_chassis import postgres_engine
from rapport_chassis.db import Database, EngineUnavailable, EngineUnfit, Tx, open_database
from rapport_testkit.databases import new_database
from rapport_testkit.engines import Engine, start
from rapport_testkit.engines.postgres import with_passwords

metadata = MetaData()
numbers = Table("numbers", metadata, Column("n", Integer, primary_key=True))


@pytest.fixture
def own() -> Iterator[Engine]:
    """A server that this test may kill."""
    engine = start("postgres")
    yield engine
    gc.collect()  # psycopg leaves open what was not let in, and the server would wait for it
    engine.stop()


async def opened(url: str) -> Database:
    db = open_database(url, metadata)
    await db.start()
    return db


def put(tx: Tx, n: int) -> int:
    tx.conn.execute(insert(numbers), {"n": n})
    return n


def kill_backends(engine: Engine) -> None:
    """What a crash of a backend does: the server throws everybody out and recovers from its log."""
    assert engine.server
    children = Path(f"/proc/{engine.server.pid()}/task/{engine.server.pid()}/children").read_text().split()
    talking = [child for child in children if b"127.0.0.1(" in Path(f"/proc/{child}/cmdline").read_bytes()]
    assert talking
    os.kill(int(talking[0]), signal.SIGKILL)


async def test_nothing_that_was_acknowledged_is_lost_when_the_server_crashes_under_load(own: Engine) -> None:
    db = await opened(own.url)
    await db.write(lambda tx: metadata.create_all(tx.conn))
    said: list[int] = []
    away = 0
    until = time.monotonic() + 3

    async def keep_writing(first: int) -> None:
        nonlocal away
        n = first
        while time.monotonic() < until:
            try:
                await db.write(put, n)
            except EngineUnavailable:
                away += 1
                n += 1_000_000  # whether that one is there is not known
                await asyncio.sleep(0.05)
            else:
                said.append(n)
                n += 10

    writing = [asyncio.create_task(keep_writing(first)) for first in range(8)]
    for _ in range(3):
        await asyncio.sleep(0.5)
        kill_backends(own)
    await asyncio.gather(*writing)
    for _ in range(100):
        try:
            kept = set(await db.read(lambda conn: conn.execute(select(numbers.c.n)).scalars().all()))
            break
        except EngineUnavailable:
            await asyncio.sleep(0.1)
    assert away
    assert said
    assert set(said) <= kept
    await db.close()


async def test_who_waits_for_a_server_that_stands_still_goes_on_with_it(own: Engine) -> None:
    assert own.server
    db = await opened(own.url)
    await db.write(lambda tx: metadata.create_all(tx.conn))
    with own.server.silent():
        writing = asyncio.create_task(
            db.write(lambda tx: len(tx.conn.execute(insert(numbers).returning(numbers.c.n), {"n": 1}).all()))
        )
        await asyncio.sleep(1)
        assert not writing.done()
    assert await asyncio.wait_for(writing, 10) == 1
    await db.close()


async def test_a_server_that_stays_silent_is_away_for_who_waits_and_at_once_for_the_next(own: Engine) -> None:
    assert own.server
    db = await opened(own.url)
    await db.write(lambda tx: metadata.create_all(tx.conn))
    with own.server.silent():
        began = time.monotonic()
        answers = asyncio.gather(*(db.write(put, n) for n in range(20)), return_exceptions=True)
        assert {type(one) for one in await answers} == {EngineUnavailable}
        waited = time.monotonic() - began
        with pytest.raises(EngineUnavailable, match="does not answer"):
            await asyncio.wait_for(db.read(lambda _: None), 0.5)

    async def answers_again() -> int:
        while True:
            with contextlib.suppress(EngineUnavailable):
                return await db.write(put, 1_000)
            await asyncio.sleep(0.05)

    assert await asyncio.wait_for(answers_again(), 10) == 1_000
    await db.close()
    assert 2 < waited < 8 + 5  # a loaded machine is slow to notice


async def test_who_has_no_connection_yet_waits_for_a_silent_server_once(own: Engine) -> None:
    assert own.server
    db = await opened(own.url)
    db.engine.dispose()
    with own.server.silent():
        began = time.monotonic()
        answers = asyncio.gather(*(db.read(lambda _: None) for _ in range(20)), return_exceptions=True)
        assert {type(one) for one in await answers} == {EngineUnavailable}
        waited = time.monotonic() - began
    await db.close()
    assert waited < 7 + 2  # one after the other they would have waited five seconds each, two at a time


async def test_a_slow_statement_is_no_silence(own: Engine) -> None:
    db = await opened(own.url)
    assert await db.read(lambda conn: conn.exec_driver_sql("SELECT 1 FROM pg_sleep(4)").scalar()) == 1
    await db.close()


async def test_a_server_that_is_gone_is_said_to_be_away_and_one_that_refuses_to_be_unfit(own: Engine) -> None:
    with pytest.raises(EngineUnfit, match="does not exist"):
        await opened(own.url.rpartition("/")[0] + "/nowhere")
    own.stop()
    with pytest.raises(EngineUnavailable):
        await opened(own.url)


@pytest.mark.parametrize(
    ("account", "words"),
    [
        ("rapport:wrong", "password authentication failed"),
        ("nobody:secret", "password authentication failed"),
        ("rapport", "no password supplied"),
        ("rapport:secret", "does not support SSL"),
    ],
)
async def test_who_is_not_let_in_is_unfit(own: Engine, account: str, words: str) -> None:
    with_passwords(own)
    options = "?sslmode=require" if "SSL" in words else ""
    with pytest.raises(EngineUnfit, match=words) as refused:
        await opened(own.url.replace("postgres@", f"{account}@") + options)
    assert "secret" not in str(refused.value)


async def test_a_server_that_is_too_old_is_unfit(own: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """No older server is on the machine: the one that is there is too old for a Rapport to come."""
    monkeypatch.setattr(postgres_engine, "_OLDEST", 990_000)
    with pytest.raises(EngineUnfit, match=r"PostgreSQL \d+ is too old: 99 is needed"):
        await opened(own.url)


LEADER = """
import asyncio, sys
from sqlalchemy import MetaData
from rapport_chassis.db import open_database
async def work():
    print("leads", flush=True)
    await asyncio.Event().wait()
async def main():
    db = open_database(sys.argv[1], MetaData())
    await db.start()
    await db.lead("worker", work)
asyncio.run(main())
"""


@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGSTOP])
async def test_a_leader_that_is_killed_or_stopped_has_a_successor_within_five_seconds(by: signal.Signals) -> None:
    url = new_database()
    piped = asyncio.subprocess.PIPE
    leader = await asyncio.create_subprocess_exec(sys.executable, "-c", LEADER, url, stdout=piped)
    assert leader.stdout
    assert await leader.stdout.readline() == b"leads\n"
    db = await opened(url)
    led = asyncio.Event()

    async def work() -> None:
        led.set()
        await asyncio.Event().wait()

    leading = asyncio.create_task(db.lead("worker", work))
    await asyncio.sleep(1.5)
    assert not led.is_set()
    leader.send_signal(by)
    moved = time.monotonic()
    await asyncio.wait_for(led.wait(), 10)
    took = time.monotonic() - moved
    leading.cancel()
    await asyncio.gather(leading, return_exceptions=True)
    if leader.returncode is None:
        leader.kill()
    await leader.wait()
    await db.close()
    assert took < 5 + 2  # a loaded machine is slow to notice


async def test_a_leader_cut_off_stops_and_leads_again(own: Engine) -> None:
    db = await opened(own.url)
    terms: list[str] = []

    async def work() -> None:
        terms.append("begins")
        try:
            await asyncio.Event().wait()
        finally:
            terms.append("ends")

    leading = asyncio.create_task(db.lead("worker", work))

    async def until(wanted: list[str]) -> None:
        async with asyncio.timeout(15):
            while terms != wanted:
                await asyncio.sleep(0.02)

    await until(["begins"])
    kill_backends(own)
    await until(["begins", "ends", "begins"])
    leading.cancel()
    await asyncio.gather(leading, return_exceptions=True)
    await db.close()
    assert terms == ["begins", "ends", "begins", "ends"]


async def test_a_fault_that_looks_like_a_race_is_raised_as_what_it_is() -> None:
    db = await opened(new_database())
    await db.write(lambda tx: metadata.create_all(tx.conn))
    tries = 0

    def twice(tx: Tx) -> None:
        nonlocal tries
        tries += 1
        tx.conn.execute(insert(numbers), [{"n": 1}, {"n": 1}])

    with pytest.raises(Exception, match="duplicate key"):
        await db.write(twice)
    assert tries == 2
    await db.close()
