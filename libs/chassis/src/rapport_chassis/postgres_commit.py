"""Asking PostgreSQL to begin and to commit in as few round trips as can be, and what is known when it does not answer."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Connection

from rapport_chassis.db import Tx
from rapport_chassis.postgres_errors import Undecided, may_have_committed
from rapport_chassis.postgres_pipeline import driver_of, unasked

_COMMIT: Final = "SELECT pg_current_xact_id_if_assigned() IS NOT NULL; COMMIT"
_ROWS_TOGETHER: Final = 256  # are better inserted in the round trip of the commit than copied before it


def said_by(conn: Connection, statements: str) -> Any:
    """Run statements in one round trip; the one value that they give."""
    found = None
    for result in driver_of(conn).execute(statements, prepare=False).results():
        if result.description:
            (found,) = result.fetchone() or (None,)
    return found


class Decision:
    """What becomes of a transaction: `asked` when the server may have been told to commit."""

    asked = False


@contextlib.contextmanager
def deciding() -> Iterator[Decision]:
    """Raises `Undecided` when the server went away while it was asked to commit."""
    decision = Decision()
    try:
        yield decision
    except Exception as error:
        if decision.asked and may_have_committed(error):
            raise Undecided(f"PostgreSQL went away during a commit: {error}") from error
        raise


def flushed_and_committed(tx: Tx) -> bool:
    """Write what is queued and commit, both in one round trip when it is not much; False when nothing is queued."""
    rows = tx.queued
    if not rows:
        return False
    with unasked(tx.conn) if rows <= _ROWS_TOGETHER else contextlib.nullcontext():
        tx.flush()
        driver_of(tx.conn).execute("COMMIT")
    return True


def committed(conn: Connection) -> bool:
    """Commit; whether anything was written."""
    return bool(said_by(conn, _COMMIT))
