"""The one watcher of SQLite files: other connections' commits are noticed, ended watches stay quiet."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from rapport_chassis import sqlite_watch
from rapport_chassis.sqlite_wal import write_ahead
from rapport_chassis.sqlite_watch import watch


@pytest.fixture
def writer(tmp_path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(tmp_path / "watched.sqlite", isolation_level=None)
    write_ahead(connection)
    connection.execute("CREATE TABLE things (name TEXT)")
    return connection


def test_a_commit_is_told_with_a_connection_that_sees_it(tmp_path: Path, writer: sqlite3.Connection) -> None:
    told = threading.Event()
    found: list[str] = []

    def news(connection: sqlite3.Connection) -> bool:
        found.extend(name for (name,) in connection.execute("SELECT name FROM things"))
        told.set()
        return True

    end = watch(tmp_path / "watched.sqlite", news)
    writer.execute("INSERT INTO things VALUES ('one')")
    assert told.wait(10)
    end()
    assert found == ["one"]


def test_several_files_have_one_thread_and_the_last_end_ends_it(tmp_path: Path, writer: sqlite3.Connection) -> None:
    ends = [watch(tmp_path / "watched.sqlite", lambda _: True) for _ in range(3)]
    threads = [thread for thread in threading.enumerate() if thread.name == "sqlite-watch"]
    assert len(threads) == 1
    for end in ends:
        end()
    threads[0].join(10)
    assert not threads[0].is_alive()


def test_after_its_end_nothing_is_told(tmp_path: Path, writer: sqlite3.Connection) -> None:
    told: list[str] = []
    heard = threading.Event()

    def other(_: sqlite3.Connection) -> bool:
        heard.set()
        return True

    watch(tmp_path / "watched.sqlite", lambda _: bool(told.append("ended")))()
    end = watch(tmp_path / "watched.sqlite", other)
    writer.execute("INSERT INTO things VALUES ('one')")
    assert heard.wait(10)
    end()
    assert not told


def test_it_looks_less_often_the_longer_there_is_no_news() -> None:
    paces = [sqlite_watch._pace(quiet) for quiet in (0.0, 1.0, 10.0)]
    assert paces == sorted(paces)
    assert paces[0] < paces[-1]
