"""What every database adapter must do, written once against the port; an adapter's tests subclass `DatabaseConformance`."""

# ruff: noqa: D102  the name of a test is its promise

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    LargeBinary,
    MetaData,
    Select,
    Table,
    Text,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from rapport_chassis.clock import to_micros
from rapport_chassis.db import Database, EngineUnavailable, Tx, bulk_insert, in_list, open_database
from rapport_chassis.dialects import new_numbers, together
from rapport_chassis.tables import Instant, Json, Serial, chassis_tables
from rapport_contracts import topics

metadata = MetaData()
chassis_tables(metadata)
things = Table(
    "things",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("name", Text, unique=True),
    Column("count", BigInteger),
    Column("good", Boolean),
    Column("at", Instant),
    Column("document", Json),
    Column("raw", LargeBinary),
    sqlite_autoincrement=True,
)
COLUMNS = ("id", "name", "count", "good", "at", "document", "raw")

ANOTHER_PROCESS = """
import asyncio, sys
from sqlalchemy import insert
from rapport_chassis.db import open_database
from rapport_testkit.db_conformance import metadata, things
async def main():
    db = open_database(sys.argv[1], metadata)
    await db.start()
    await db.write(lambda tx: tx.conn.execute(insert(things), {"name": "from another process"}).rowcount)
    await db.close()
asyncio.run(main())
"""


def add(tx: Tx, name: str, count: int | None = None) -> None:
    """Insert a thing."""
    tx.conn.execute(insert(things), {"name": name, "count": count})


def insert_all(tx: Tx, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert things, many at once."""
    bulk_insert(tx.conn, things, columns, rows)


def found(conn: Connection, query: Select[Any]) -> list[Any]:
    """All rows."""
    return list(conn.execute(query))


async def names(db: Database) -> list[str]:
    """All things, in order."""
    return await db.read(lambda conn: list(conn.execute(select(things.c.name).order_by(things.c.id)).scalars()))


class DatabaseConformance:
    """Transactions, snapshots, wake-ups, leaders, and what comes back. A subclass gives the fixture `url`: an empty database."""

    @pytest.fixture
    async def db(self, url: str) -> AsyncIterator[Database]:
        """The database, opened, with its tables."""
        opened = open_database(url, metadata)
        await opened.start()
        await opened.write(lambda tx: metadata.create_all(tx.conn))
        yield opened
        await opened.close()

    @pytest.fixture
    async def other(self, db: Database, url: str) -> AsyncIterator[Database]:
        """The same database, opened once more."""
        opened = open_database(url, metadata)
        await opened.start()
        yield opened
        await opened.close()

    async def test_writes_at_the_same_time_are_all_kept_and_fail_alone(self, db: Database) -> None:
        wanted = [f"n{number}" for number in range(50)] + ["n7"]
        results = await asyncio.gather(*(db.write(add, name) for name in wanted), return_exceptions=True)
        assert [type(result) for result in results if result is not None] == [IntegrityError]
        assert sorted(await names(db)) == sorted(set(wanted))

    async def test_a_failed_write_changes_nothing_even_after_its_first_statement(self, db: Database) -> None:
        def half(tx: Tx) -> None:
            add(tx, "half")
            raise ValueError("no")

        with pytest.raises(ValueError, match="no"):
            await db.write(half)
        assert await names(db) == []

    async def test_a_cancelled_waiter_leaves_a_whole_write_behind(self, db: Database) -> None:
        def both(tx: Tx) -> None:
            add(tx, "a")
            add(tx, "b")

        task = asyncio.create_task(db.write(both))
        await asyncio.sleep(0)
        task.cancel()
        for _ in range(100):
            if kept := await names(db):
                break
            await asyncio.sleep(0.02)
        assert kept == ["a", "b"]

    async def test_counting_up_loses_no_step(self, db: Database, other: Database) -> None:
        """What is read under a row's lock is true until the commit."""
        await db.write(add, "counter", count=0)

        def step(tx: Tx) -> None:
            count = tx.conn.execute(select(things.c.count).with_for_update()).scalar_one()
            tx.conn.execute(update(things).values(count=count + 1))

        await asyncio.gather(*(one.write(step) for one in (db, other) for _ in range(40)))
        assert await db.read(lambda conn: conn.execute(select(things.c.count)).scalar_one()) == 80

    async def test_who_looks_first_and_then_inserts_meets_the_other_and_sees_its_row(
        self, db: Database, other: Database
    ) -> None:
        """A race for a natural key ends as if one had come after the other."""

        def once(tx: Tx) -> str:
            known = tx.conn.execute(select(things.c.name).where(things.c.name == "key")).scalar()
            if known:
                return "known"
            add(tx, "key")
            return "new"

        said = await asyncio.gather(*(one.write(once) for one in (db, other) for _ in range(10)))
        assert sorted(said) == ["known"] * 19 + ["new"]

    async def test_locks_taken_crosswise_end_in_both_writes(self, db: Database, other: Database) -> None:
        await db.write(insert_all, ("name", "count"), [("a", 0), ("b", 0)])

        def raise_both(tx: Tx, *order: str) -> None:
            for name in order:
                row = things.c.name == name
                tx.conn.execute(update(things).where(row).values(count=things.c.count + 1))

        steps = [one.write(raise_both, *order) for one in (db, other) for order in ("ab", "ba") for _ in range(3)]
        await asyncio.gather(*steps)
        counts = await db.read(lambda conn: list(conn.execute(select(things.c.count)).scalars()))
        assert counts == [12, 12]

    async def test_a_snapshot_stays_while_others_write(self, db: Database) -> None:
        loop = asyncio.get_running_loop()

        def twice(conn: Any) -> tuple[int, int]:
            first = len(conn.execute(select(things)).all())
            asyncio.run_coroutine_threadsafe(db.write(add, "meanwhile"), loop).result(5)
            return first, len(conn.execute(select(things)).all())

        assert await db.read(twice) == (0, 0)
        assert await names(db) == ["meanwhile"]

    @pytest.mark.parametrize("more", [0, 9])
    async def test_what_is_stored_comes_back_byte_for_byte(self, db: Database, more: int) -> None:
        """Few rows and more go in by different ways."""
        at = datetime(2026, 3, 20, 20, 29, 59, 999_999, tzinfo=UTC)
        document = '{"b": 1, "a": [1.0, "نیم‌فاصله", "\\\\u0000", "tab\\\\t"]}'
        rows = [
            (1, "Robert'); DROP\tTABLE\n\\N", 2**62, True, to_micros(at), document, b"\x00\xff\n\\."),
            (2, None, None, None, None, None, None),
            (3, "", -1, False, 0, "[]", b""),
        ]
        rows += [(4 + number, f"n{number}", number, None, None, None, None) for number in range(more)]
        await db.write(lambda tx: bulk_insert(tx.conn, things, COLUMNS, rows))
        found = await db.read(
            lambda conn: [tuple(row) for row in conn.exec_driver_sql("SELECT * FROM things ORDER BY id")]
        )
        assert found == rows
        assert await db.read(lambda conn: conn.execute(select(things.c.at).where(things.c.id == 1)).scalar()) == at

    async def test_numbers_of_new_rows_rise_and_are_given_once(self, db: Database, other: Database) -> None:
        def take(tx: Tx, count: int) -> list[int]:
            return [*new_numbers(tx.conn, things, count), *new_numbers(tx.conn, things, 1)]

        def in_vain(tx: Tx) -> None:
            take(tx, 2)
            raise ValueError("no")

        taken = await db.write(take, 3)
        with pytest.raises(ValueError, match="no"):
            await db.write(in_vain)
        taken += await other.write(take, 1)
        await db.write(lambda tx: tx.conn.execute(insert(things), {"id": taken[0], "name": "a taken one"}))
        await db.write(add, "one that takes none")
        (last,) = await db.read(found, select(things.c.id).where(things.c.name == "one that takes none"))
        taken += [last[0], *await db.write(take, 500)]
        assert len(taken) == 4 + 2 + 1 + 501
        assert taken == sorted(set(taken))

    async def test_many_rows_go_in_at_once(self, db: Database) -> None:
        for size in (1, 7, 20, 499, 1_203):
            rows = [(f"{size}-{number}", number) for number in range(size)]
            await db.write(insert_all, ("name", "count"), rows)
        assert len(await names(db)) == 1_730

    async def test_few_changes_go_together_and_are_seen_behind_it(self, db: Database) -> None:
        def change(tx: Tx) -> list[Any]:
            with together(tx.conn, 1):
                tx.conn.execute(update(things).where(things.c.name == "a").values(count=7))
                bulk_insert(tx.conn, things, ("name",), [(f"n{number}",) for number in range(20)])
                tx.conn.execute(delete(things).where(things.c.name == "n19"))
            return found(tx.conn, select(things.c.name, things.c.count).order_by(things.c.id))

        await db.write(add, "a", 1)
        rows = [tuple(row) for row in await db.write(change)]
        assert rows == [("a", 7), *((f"n{number}", None) for number in range(19))]

    async def test_of_changes_together_one_that_cannot_be_takes_all_back(self, db: Database) -> None:
        def change(tx: Tx) -> None:
            with together(tx.conn, 1):
                bulk_insert(tx.conn, things, ("name",), [("b",)])
                bulk_insert(tx.conn, things, ("name",), [("a",)])
                bulk_insert(tx.conn, things, ("name",), [("c",)])

        await db.write(add, "a")
        with pytest.raises(IntegrityError):
            await db.write(change)
        assert await names(db) == ["a"]
        await db.write(add, "d")  # the connection is as it was
        assert await names(db) == ["a", "d"]

    @pytest.mark.parametrize("facts", [1, 20])
    async def test_what_cannot_be_said_is_not_done(self, db: Database, facts: int) -> None:
        nowhere = replace(topics.CUSTOMER_EVENTS, name=None)  # type: ignore[arg-type]

        def change(tx: Tx) -> None:
            add(tx, "a")
            for _ in range(facts):
                tx.publish_fact(nowhere, "c", "x", "{}")

        with pytest.raises(IntegrityError):
            await db.write(change)
        await db.write(add, "b")
        assert await names(db) == ["b"]

    @pytest.mark.parametrize("many", [1, 6, 10])
    async def test_a_bulk_insert_that_meets_a_unique_key_is_taken_back_whole(self, db: Database, many: int) -> None:
        await db.write(add, "n5")
        names_of_all = [(f"n{n}",) for n in range(6 - min(many, 6), 6 - min(many, 6) + many)]
        with pytest.raises(IntegrityError):
            await db.write(lambda tx: bulk_insert(tx.conn, things, ("name",), names_of_all))
        assert await names(db) == ["n5"]

    async def test_text_is_ordered_by_its_bytes(self, db: Database) -> None:
        wanted = ["10", "9", "A", "B", "a", "b", "é", "آ", "ی", "𝄞"]
        await db.write(lambda tx: bulk_insert(tx.conn, things, ("name",), [(one,) for one in reversed(wanted)]))
        query = select(things.c.name).order_by(things.c.name)
        assert await db.read(lambda conn: list(conn.execute(query).scalars())) == wanted
        query = query.where(things.c.name > "b")
        assert await db.read(lambda conn: list(conn.execute(query).scalars())) == wanted[6:]

    @pytest.mark.parametrize("many", [0, 1, 2_000, 100_000])
    async def test_membership_takes_any_number_of_values(self, db: Database, many: int) -> None:
        await db.write(lambda tx: bulk_insert(tx.conn, things, ("id", "name"), [(n, f"n{n}") for n in range(2_000)]))
        for column, values in ((things.c.id, range(many)), (things.c.name, [f"n{n}" for n in range(many)])):
            inside = select(things.c.id).where(in_list(column, list(values)))
            outside = select(things.c.id).where(~in_list(column, list(values)))
            assert len(await db.read(found, inside)) == min(many, 2_000)
            assert len(await db.read(found, outside)) == 2_000 - min(many, 2_000)

    async def test_a_number_too_large_for_its_column_equals_nothing(self, db: Database) -> None:
        await db.write(add, "a")
        offsets = chassis_tables(metadata).offsets
        for column in (things.c.id, offsets.c.partition):
            assert await db.read(found, select(column).where(column == 10**18)) == []

    async def test_a_commit_is_noticed_by_who_waits_in_this_and_another_process(
        self, db: Database, other: Database, url: str
    ) -> None:
        await asyncio.sleep(0.2)
        for writing in (db, other):
            seen = db.changed.count, other.changed.count
            await writing.write(add, f"by {id(writing)}")
            assert await db.changed.wait(seen[0], 2)
            assert await other.changed.wait(seen[1], 2)
        seen = db.changed.count, other.changed.count
        await asyncio.to_thread(subprocess.run, [sys.executable, "-c", ANOTHER_PROCESS, url], check=True)
        assert await db.changed.wait(seen[0], 2)
        assert await other.changed.wait(seen[1], 2)

    async def test_what_wrote_nothing_wakes_nobody(self, db: Database, other: Database) -> None:
        await asyncio.sleep(0.3)
        seen = db.changed.count, other.changed.count
        await db.write(lambda tx: tx.conn.execute(select(things)).all())
        assert not await db.changed.wait(seen[0], 0.2)
        assert other.changed.count == seen[1]

    async def test_the_time_of_a_transaction_is_one_and_about_now(self, db: Database) -> None:
        def twice(tx: Tx) -> tuple[datetime, datetime]:
            return tx.now, tx.now

        first, second = await db.write(twice)
        assert first == second
        assert abs(datetime.now(UTC) - first) < timedelta(seconds=5)

    async def test_outbox_rows_keep_their_order(self, db: Database) -> None:
        def say(tx: Tx, number: int) -> None:
            tx.publish_fact(topics.CUSTOMER_EVENTS, "c", "x", f'{{"n": {number}}}', event_id=str(number))
            tx.publish_state(topics.CUSTOMERS, [("c", number)])
            assert tx.positions == [f"c@{number}"]

        for number in range(5):
            await db.write(say, number)
        outbox = db.tables.outbox
        query = select(outbox.c.event_id, outbox.c["keys"]).order_by(outbox.c.id)
        rows = await db.read(lambda conn: [tuple(row) for row in conn.execute(query)])
        assert rows == [(word, ["c"]) for number in range(5) for word in (str(number), None)]

    async def test_the_lead_is_taken_and_given_back(self, db: Database) -> None:
        led = asyncio.Event()

        async def work() -> None:
            led.set()
            await asyncio.Event().wait()

        leading = asyncio.create_task(db.lead("worker", work))
        await asyncio.wait_for(led.wait(), 5)
        leading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leading

    async def test_a_leader_that_fails_says_so(self, db: Database) -> None:
        async def work() -> None:
            raise ValueError("no")

        with pytest.raises(ValueError, match="no"):
            await db.lead("worker", work)

    async def test_a_closed_database_says_so(self, db: Database) -> None:
        await db.close()
        await db.close()
        with pytest.raises(EngineUnavailable):
            await db.write(add, "late")
        with pytest.raises(EngineUnavailable):
            await names(db)
