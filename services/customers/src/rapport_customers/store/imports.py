"""Which rows of an import are written: a batch is a range of them, and what a repeated batch brings again is left out."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, insert, select

from rapport_chassis.db import Tx
from rapport_customers.store.tables import import_batches as written


def known_rows(conn: Connection, run_id: str, first: int, last: int) -> Callable[[int], bool]:
    """Whether a row from `first` to `last` of the run is written already."""
    query = select(written.c.first_row, written.c.last_row)
    query = query.where(written.c.run_id == run_id, written.c.first_row <= last, written.c.last_row >= first)
    ranges = [range(one.first_row, one.last_row + 1) for one in conn.execute(query)]
    return lambda row: any(row in one for one in ranges)


def save_written(tx: Tx, run_id: str, first: int, last: int) -> None:
    """Remember that the rows from `first` to `last` are written."""
    tx.conn.execute(insert(written), {"run_id": run_id, "first_row": first, "last_row": last, "at": tx.now})
