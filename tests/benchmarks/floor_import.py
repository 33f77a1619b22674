"""The floor of P1: calamine → pydantic → dedupe → one SQLite bulk insert of the same columns with the same durability.

Run as a program: `python -m tests.benchmarks.floor_import WORKBOOK DATABASE` prints the seconds it took.
"""

from __future__ import annotations

import sqlite3
import sys
import time

from pydantic import TypeAdapter
from python_calamine import CalamineWorkbook

COLUMNS = 12


def run(workbook: str, database: str) -> float:
    """The seconds of the bare minimum."""
    began = time.perf_counter()
    rows = CalamineWorkbook.from_path(workbook).get_sheet_by_index(0).to_python()[1:]
    checked = TypeAdapter(list[tuple[str, ...]]).validate_python([tuple(str(cell) for cell in row) for row in rows])
    unique = list(dict.fromkeys(checked))
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(f"CREATE TABLE customers ({', '.join(f'c{n} TEXT' for n in range(COLUMNS))})")
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(f"INSERT INTO customers VALUES ({','.join('?' * COLUMNS)})", unique)
    connection.execute("COMMIT")
    connection.close()
    return time.perf_counter() - began


if __name__ == "__main__":
    print(run(sys.argv[1], sys.argv[2]))
