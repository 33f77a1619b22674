"""What became of each row of an import: `(run, row)` is unique, so that a repeated batch changes nothing."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, insert, select, update

from rapport_chassis.db import Tx, bulk_insert
from rapport_customers.store.tables import import_rows, import_runs

Result = tuple[int, str, str | None, str | None]
"""Row number, outcome, customer, reason."""

_COLUMNS = ("run_id", "row", "outcome", "customer_id", "reason")


def known_rows(conn: Connection, run_id: str, first: int, last: int) -> set[int]:
    """Which rows from `first` to `last` of the run are written already."""
    query = select(import_rows.c.row).where(import_rows.c.run_id == run_id, import_rows.c.row.between(first, last))
    return set(conn.execute(query).scalars())


def save_results(tx: Tx, run_id: str, results: Sequence[Result]) -> None:
    """Remember what became of rows."""
    bulk_insert(tx.conn, import_rows, _COLUMNS, [(run_id, *result) for result in results])
    seen = tx.conn.execute(update(import_runs).where(import_runs.c.run_id == run_id).values(last_at=tx.now))
    if not seen.rowcount:
        tx.conn.execute(insert(import_runs), {"run_id": run_id, "last_at": tx.now})
