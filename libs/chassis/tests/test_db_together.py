"""Small writes that wait at the same time: on either database each is whole, alone in its failure, and kept up by nobody."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextvars import ContextVar
from pathlib import Path

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, Table, Text, func, select, update

from rapport_chassis.db import Ahead, Database, EngineUnavailable, Tx, open_database
from rapport_chassis.poison import attempt
from rapport_chassis.postgres_errors import Undecided
from rapport_chassis.problems import NotFound
from rapport_contracts import topics
from rapport_testkit.databases import new_database
from rapport_testkit.db_conformance import add, metadata, names, things

DIES_AT_COMMIT = (
    """CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
       'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'""",
    """CREATE CONSTRAINT TRIGGER dies AFTER INSERT ON things DEFERRABLE INITIALLY DEFERRED
       FOR EACH ROW EXECUTE FUNCTION die()""",
)
KEY = ("name", "number")
labels = Table(
    "labels", MetaData(), Column("name", Text, primary_key=True), Column("number", Integer, primary_key=True)
)
trace: ContextVar[str] = ContextVar("trace", default="")


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'a.sqlite'}" if request.param == "sqlite" else new_database()


@pytest.fixture
async def db(url: str) -> AsyncIterator[Database]:
    opened = open_database(url, metadata)
    await opened.start()
    await opened.write(lambda tx: metadata.create_all(tx.conn))
    yield opened
    await opened.close()


async def test_all_are_kept_and_who_fails_fails_alone(db: Database) -> None:
    def one(tx: Tx, name: str) -> str:
        add(tx, name)
        if name == "n20":
            raise ValueError(name)
        return name

    wanted = [f"n{number}" for number in range(50)] + ["n7"]
    said = await asyncio.gather(
        *(db.write_together(lambda tx, name=name: one(tx, name)) for name in wanted), return_exceptions=True
    )
    kept = [name for name in wanted[:50] if name != "n20"]
    assert [word for word in said if isinstance(word, str)] == kept
    assert sorted(type(word).__name__ for word in said if not isinstance(word, str)) == ["IntegrityError", "ValueError"]
    assert sorted(await names(db)) == sorted(kept)


async def test_each_sees_those_before_it_and_has_positions_and_a_trace_of_its_own(db: Database) -> None:
    await db.write(add, "counter", count=0)

    def step(tx: Tx) -> tuple[int, list[str], str]:
        count = tx.conn.execute(select(things.c.count).with_for_update()).scalar_one() + 1
        tx.conn.execute(update(things).values(count=count))
        tx.publish_state(topics.CUSTOMERS, [("c", count)])
        return count, tx.positions, trace.get()

    async def traced(number: int) -> tuple[int, list[str], str]:
        trace.set(f"t{number}")
        return await db.write_together(step)

    said = await asyncio.gather(*(traced(number) for number in range(40)))
    assert sorted(count for count, _, _ in said) == list(range(1, 41))
    assert all(positions == [f"c@{count}"] for count, positions, _ in said)
    assert [word for _, _, word in said] == [f"t{number}" for number in range(40)]
    outbox = db.tables.outbox
    assert await db.read(lambda conn: conn.execute(select(func.count()).select_from(outbox)).scalar_one()) == 40


async def test_a_waiter_that_is_cancelled_leaves_a_whole_write_behind(db: Database) -> None:
    def both(tx: Tx) -> None:
        add(tx, "a")
        add(tx, "b")

    task = asyncio.create_task(db.write_together(both))
    await asyncio.sleep(0)
    task.cancel()
    await db.write_together(lambda tx: add(tx, "c"))
    assert await names(db) == ["a", "b", "c"]


async def test_what_waits_is_written_before_the_database_closes(db: Database, url: str) -> None:
    waiting = [asyncio.create_task(db.write_together(lambda tx, n=n: add(tx, f"n{n}"))) for n in range(40)]
    await asyncio.sleep(0)
    await db.close()
    await asyncio.gather(*waiting)
    with pytest.raises(EngineUnavailable):
        await db.write_together(lambda tx: add(tx, "late"))
    again = open_database(url, metadata)
    await again.start()
    assert len(await names(again)) == 40
    await again.close()


async def test_what_a_failed_attempt_held_is_not_held_any_more(db: Database) -> None:
    """Its locks went with its savepoint."""

    def effect(tx: Tx, _messages: object) -> None:
        tx.held["things"] = "read under a lock"

    def kept(tx: Tx) -> list[bool]:
        found = []
        for keep in (True, False):
            attempt(tx, effect, [], keep=keep)
            found.append("things" in tx.held)
        return found

    assert await db.write(kept) == [True, False]


async def test_rows_that_came_and_went_in_one_transaction_are_as_the_last_left_them(db: Database) -> None:
    await db.write(lambda tx: labels.create(tx.conn))
    await db.write(lambda tx: tx.replace_last(labels, KEY, [], [("a", 1), ("b", 1)]))

    def changes(tx: Tx) -> None:
        tx.replace_last(labels, KEY, [("a", 1)], [("c", 1)])
        tx.beside().replace_last(labels, KEY, [("c", 1)], [("a", 1), ("d", 1)])
        tx.replace_last(labels, KEY, [("b", 1), ("d", 1)], [])
        assert _labels(tx.conn) == ["a", "b"]
        tx.flush()
        assert _labels(tx.conn) == ["a"]
        tx.replace_last(labels, KEY, [], [("e", 1)])

    await db.write(changes)
    assert await db.read(_labels) == ["a", "e"]


def _labels(conn: Connection) -> list[str]:
    return sorted(conn.execute(select(labels.c.name)).scalars())


class TestOnPostgres:
    @pytest.fixture
    def url(self) -> str:
        return new_database()

    async def test_those_that_wait_share_a_transaction(self, db: Database) -> None:
        def of(tx: Tx) -> int:
            return tx.conn.execute(select(func.txid_current())).scalar_one()

        together = set(await asyncio.gather(*(db.write_together(of) for _ in range(33))))
        apart = set(await asyncio.gather(*(db.write(of) for _ in range(33))))
        assert (len(together) < 17, len(apart)) == (True, 33)

    async def test_who_is_refused_before_he_changed_anything_takes_nothing_back(self, db: Database) -> None:
        runs: Counter[str] = Counter()

        def one(tx: Tx, name: str) -> str:
            runs[name] += 1
            tx.conn.execute(select(func.count()).select_from(things))
            if name in {"n7", "n20"}:
                raise NotFound("There is no such thing.")
            add(tx, name)
            return name

        wanted = [f"n{number}" for number in range(30)]
        said = await asyncio.gather(
            *(db.write_together(lambda tx, name=name: one(tx, name)) for name in wanted), return_exceptions=True
        )
        assert [type(word) for word in said].count(NotFound) == 2
        assert runs == dict.fromkeys(wanted, 1)
        assert len(await names(db)) == 28

    async def test_who_is_refused_after_he_changed_something_leaves_nothing_behind(self, db: Database) -> None:
        def one(tx: Tx, name: str) -> None:
            add(tx, name)
            if name == "n7":
                raise NotFound("There is no such thing.")

        said = await asyncio.gather(
            *(db.write_together(lambda tx, n=n: one(tx, f"n{n}")) for n in range(20)), return_exceptions=True
        )
        assert [type(word) for word in said if word] == [NotFound]
        assert sorted(await names(db)) == sorted(f"n{number}" for number in range(20) if number != 7)

    async def test_what_they_ask_for_first_is_asked_for_at_once(self, db: Database) -> None:
        asked: list[list[int]] = []

        def ask(tx: Tx, what: list[int]) -> None:
            asked.append(what)
            tx.held |= {str(one): one for one in what}

        def of(tx: Tx, number: int) -> int | None:
            return tx.held.pop(str(number), None)

        said = await asyncio.gather(
            *(db.write_together(lambda tx, n=n: of(tx, n), Ahead(ask, n)) for n in range(40)),
            db.write_together(lambda tx: add(tx, "who asks for nothing")),
        )
        together = [one for what in asked for one in what]
        assert [one for one in said if one is not None] == together
        assert (len(together) > 20, len(asked) < 10) == (True, True)
        assert await db.write_together(lambda tx: of(tx, 7), Ahead(ask, 7)) is None  # alone it asks itself

    @pytest.mark.parametrize("publishing", [False, True])
    async def test_when_the_server_goes_away_during_the_commit_all_are_told_and_none_is_done_again(
        self, db: Database, publishing: bool
    ) -> None:
        """Whether it committed, nobody knows."""
        await db.write(lambda tx: [tx.conn.exec_driver_sql(statement) for statement in DIES_AT_COMMIT])
        runs: Counter[str] = Counter()

        def one(tx: Tx, name: str) -> None:
            runs[name] += 1
            add(tx, name)
            if publishing:
                tx.publish_state(topics.CUSTOMERS, [(name, 1)])

        wanted = [f"n{number}" for number in range(8)]
        said = await asyncio.gather(
            *(db.write_together(lambda tx, name=name: one(tx, name)) for name in wanted), return_exceptions=True
        )
        assert {type(word) for word in said} == {Undecided}
        assert runs == dict.fromkeys(wanted, 1)

    async def test_those_who_wait_for_locks_keep_nobody_up(self, db: Database, url: str) -> None:
        await db.write(lambda tx: [add(tx, name, count=0) for name in ("locked", "too")])
        other = open_database(url, metadata)
        await other.start()
        held, done = asyncio.Event(), asyncio.Event()
        loop = asyncio.get_running_loop()

        def hold(tx: Tx) -> None:
            tx.conn.execute(update(things).values(count=1))
            loop.call_soon_threadsafe(held.set)
            asyncio.run_coroutine_threadsafe(done.wait(), loop).result(20)

        def step(tx: Tx, name: str) -> None:
            tx.conn.execute(update(things).where(things.c.name == name).values(count=things.c.count + 1))

        def refused(tx: Tx) -> None:
            add(tx, "refused")
            raise ValueError

        holding = asyncio.create_task(other.write(hold))
        await held.wait()
        waiting = [asyncio.create_task(db.write_together(lambda tx, n=n: step(tx, n))) for n in ("locked", "too")]
        failing = []
        async with asyncio.timeout(5):
            for some in range(3):  # the first among those who wait, the last while they do
                failing.append(asyncio.create_task(db.write_together(refused)))
                await asyncio.gather(*(db.write_together(lambda tx, n=n: add(tx, n)) for n in _named(some)))
        assert not any(one.done() for one in waiting)
        done.set()
        await asyncio.gather(holding, *waiting)
        said = await asyncio.gather(*failing, return_exceptions=True)
        assert [type(word) for word in said] == [ValueError] * 3
        await other.close()
        counts = select(things.c.count).where(things.c.name.in_(["locked", "too"]))
        assert await db.read(lambda conn: list(conn.execute(counts).scalars())) == [2, 2]


def _named(some: int) -> list[str]:
    return [f"n{some}.{number}" for number in range(20)]
