"""The floor of P1: calamine → pydantic → dedupe → the same columns in bulk, with the database's own durability.

On SQLite one insert with `synchronous=FULL`, on PostgreSQL a COPY and an upsert.
Run as a program: `python -m tests.benchmarks.floor_import WORKBOOK DATABASE` (a path, or a URL) prints the seconds it took.
"""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Sequence

import psycopg
from pydantic import TypeAdapter
from python_calamine import CalamineWorkbook

COLUMNS = 12
_NAMES = ", ".join(f"c{number} TEXT" for number in range(COLUMNS))
_Rows = Sequence[tuple[str, ...]]


def run(workbook: str, database: str) -> float:
    """The seconds of the bare minimum."""
    began = time.perf_counter()
    rows = CalamineWorkbook.from_path(workbook).get_sheet_by_index(0).to_python()[1:]
    checked = TypeAdapter(list[tuple[str, ...]]).validate_python([tuple(str(cell) for cell in row) for row in rows])
    unique = list(dict.fromkeys(checked))
    (_copied if database.startswith("postgresql:") else _inserted)(unique, database)
    return time.perf_counter() - began


def _inserted(rows: _Rows, path: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(f"CREATE TABLE customers ({_NAMES})")
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(f"INSERT INTO customers VALUES ({','.join('?' * COLUMNS)})", rows)
    connection.execute("COMMIT")
    connection.close()


def _copied(rows: _Rows, url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(f"CREATE TABLE customers (id bigint PRIMARY KEY, {_NAMES})")
        connection.execute("CREATE TEMPORARY TABLE incoming (LIKE customers)")
        with connection.cursor().copy("COPY incoming FROM STDIN") as to:
            for number, row in enumerate(rows):
                to.write_row((number, *row))
        connection.execute("INSERT INTO customers SELECT * FROM incoming ON CONFLICT (id) DO NOTHING")


if __name__ == "__main__":
    print(run(sys.argv[1], sys.argv[2]))
