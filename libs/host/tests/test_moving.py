"""The parts of a move: which side may be started, where consumers go on, what counts as the same."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from rapport_chassis.db import open_database
from rapport_chassis.migrate import migrate
from rapport_contracts.topics import CUSTOMERS
from rapport_host.moving.digest import digest
from rapport_host.moving.mark import Mark, read_mark, wrong_side
from rapport_host.moving.positions import Positions
from rapport_host.moving.staying import reposition
from rapport_host.roles import NAMES
from rapport_host.services import load
from rapport_host.settings import Settings, read_settings

KAFKA = {"RAPPORT_BUS_URL": "kafka://user:secret@broker:9092?prefix=a."}
POSTGRES = {"RAPPORT_DATABASE_URL": "postgresql://user:secret@server/rapport_{service}"}


def settings(data: Path, **env: str) -> Settings:
    return read_settings({"RAPPORT_DATA": str(data)} | env)


def test_a_folder_that_nothing_moved_out_of_starts_on_whatever_is_set(tmp_path: Path) -> None:
    assert wrong_side(settings(tmp_path)) is None
    assert wrong_side(settings(tmp_path, **KAFKA)) is None


def test_only_one_side_may_be_started_and_it_is_said_which(tmp_path: Path) -> None:
    mark = Mark().saved(tmp_path, engines={"BUS": "kafka://broker:9092"})
    assert wrong_side(settings(tmp_path)) is None
    assert "run “rapport migrate” again, or unset" in (wrong_side(settings(tmp_path, **KAFKA)) or "")

    mark = mark.saved(tmp_path, state="switching")
    for env in ({}, KAFKA):
        assert "run “rapport migrate” again" in (wrong_side(settings(tmp_path, **env)) or "")

    assert mark.finished(tmp_path) == read_mark(tmp_path)
    assert wrong_side(settings(tmp_path, **KAFKA)) is None
    said = wrong_side(settings(tmp_path)) or ""
    assert "has moved; set RAPPORT_BUS_URL (kafka://broker:9092)" in said
    assert "secret" not in said


def test_what_moved_before_stays_moved_while_something_else_moves(tmp_path: Path) -> None:
    moved = Mark().saved(tmp_path, engines={"BUS": "kafka://broker:9092"}).finished(tmp_path)
    Mark(moved=moved.moved).saved(tmp_path, engines={"DATABASE": "postgresql://server/rapport_{service}"})
    assert "has moved" in (wrong_side(settings(tmp_path)) or "")
    assert wrong_side(settings(tmp_path, **KAFKA)) is None
    assert "unfinished" in (wrong_side(settings(tmp_path, **KAFKA, **POSTGRES)) or "")


def test_what_was_restored_for_engines_does_not_start_on_them_before_it_has_moved(tmp_path: Path) -> None:
    Mark(state="restored").saved(tmp_path)
    assert wrong_side(settings(tmp_path)) is None
    assert "has not moved to the engines yet: run “rapport migrate”" in (wrong_side(settings(tmp_path, **KAFKA)) or "")


@pytest.mark.parametrize(
    "other", [[(1, "a")], [(1, "a"), (2, "c")], [(1, "a"), (2, "b"), (2, "b")], [("1", "a"), (2, "b")]]
)
def test_rows_are_the_same_in_any_order_and_only_then(other: list[tuple[object, ...]]) -> None:
    rows: list[tuple[object, ...]] = [(1, "a"), (2, "b")]
    assert digest(rows) == digest(reversed(rows))
    assert digest(rows) != digest(other)


async def test_databases_that_stay_get_the_new_positions_once(tmp_path: Path) -> None:
    """A parked message of the old log stands before everything of the new one, and search begins at the start."""
    here = settings(tmp_path)
    for name in NAMES:
        db = open_database(here.database_url(name), load(name).metadata)
        await db.start()
        await migrate(db, load(name).migrations)
        await db.close()
    topic = CUSTOMERS.name
    for name in ("messaging", "search"):
        with closing(sqlite3.connect(here.database_path(name))) as file, file:
            file.execute("INSERT INTO offsets VALUES ('c', ?, 3, 70, 'old'), ('c', 'other', 3, 70, 'old')", (topic,))
            file.execute(
                'INSERT INTO parked_messages (id, consumer, topic, partition, "offset", key, value, error, at)'
                " VALUES ('p', 'c', ?, 3, 7, 'k', x'00', 'KeyError', 0), ('q', 'c', ?, 3, 8, 'k', x'00', 'behind', 0)",
                (topic, topic),
            )
    positions = Positions({topic: "new"}, {(topic, 3): 5}, refill=True)
    for _ in range(2):
        await reposition(here, positions)
        with closing(sqlite3.connect(here.database_path("messaging"))) as file:
            found = file.execute('SELECT topic, "next", incarnation FROM offsets ORDER BY topic').fetchall()
            parked = file.execute('SELECT "offset" FROM parked_messages ORDER BY id').fetchall()
        assert found == [(topic, 5, "new"), ("other", 70, "old")]
        assert parked == [(7 - (1 << 40),), (8 - (1 << 40),)]
        with closing(sqlite3.connect(here.database_path("search"))) as file:
            assert file.execute("SELECT count(*) FROM offsets").fetchone() == (0,)
