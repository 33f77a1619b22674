"""Batches of runs: which were sent, which were answered and how; rows that were not written and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, case, func, insert, select, update

from rapport_chassis.db import Tx, bulk_insert, in_list
from rapport_import.store.tables import OUTCOMES, run_batches, run_problems

_RECENT: Final = 20
Problem = tuple[int, str, str, str]
"""(row, outcome, code, reason)"""


@dataclass(frozen=True, slots=True)
class RunStatus:
    """How far a run is: `counts` of what was answered, `read` among them, `outstanding` batches, `problems` kept."""

    counts: Mapping[str, int]
    read: int
    batches: int
    outstanding: int
    next_batch: int


NOT_BEGUN: Final = RunStatus(dict.fromkeys(OUTCOMES, 0), 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a batch."""

    import_id: str
    batch: int
    counts: Mapping[str, int]
    positions: Sequence[str]
    problems: Sequence[Problem]


def record_batch(tx: Tx, import_id: str, batch: int, read: int, problems: Sequence[Problem], *, answered: bool) -> None:
    """A batch was made; `answered` when there is nothing in it to be written."""
    row = {
        "import_id": import_id,
        "batch": batch,
        "read": read,
        "submitted_at": tx.now,
        "answered_at": tx.now if answered else None,
        "failed": len(problems),
    }
    tx.conn.execute(insert(run_batches), row)
    _insert_problems(tx, [(import_id, *problem) for problem in problems])


def record_answers(tx: Tx, answers: Sequence[Answer]) -> None:
    """Fold answers in; each batch of each run counts once, however often it is answered."""
    waiting = _unanswered(tx.conn, {answer.import_id for answer in answers})
    fresh: dict[tuple[str, int], Answer] = {}
    for answer in answers:
        place = (answer.import_id, answer.batch)
        if place in waiting:
            fresh.setdefault(place, answer)
    if not fresh:
        return
    of_batch = (run_batches.c.import_id == bindparam("b_import"), run_batches.c.batch == bindparam("b_batch"))
    folded = {name: run_batches.c[name] + bindparam(f"b_{name}") for name in OUTCOMES}
    change = (
        update(run_batches)
        .where(*of_batch)
        .values(answered_at=tx.now, positions=bindparam("b_positions", type_=run_batches.c.positions.type), **folded)
    )
    tx.conn.execute(change, [_parameters(answer) for answer in fresh.values()])
    _insert_problems(tx, [(one.import_id, *problem) for one in fresh.values() for problem in one.problems])


def _parameters(answer: Answer) -> dict[str, Any]:
    named = {"b_import": answer.import_id, "b_batch": answer.batch, "b_positions": list(answer.positions)}
    return named | {f"b_{name}": answer.counts.get(name, 0) for name in OUTCOMES}


def _unanswered(conn: Connection, import_ids: set[str]) -> set[tuple[str, int]]:
    query = select(run_batches.c.import_id, run_batches.c.batch).where(
        in_list(run_batches.c.import_id, sorted(import_ids)), run_batches.c.answered_at.is_(None)
    )
    return {(row.import_id, row.batch) for row in conn.execute(query)}


def _insert_problems(tx: Tx, rows: Sequence[tuple[Any, ...]]) -> None:
    bulk_insert(tx.conn, run_problems, ("import_id", "row", "outcome", "code", "reason"), rows)


def run_status(conn: Connection, import_id: str) -> RunStatus:
    """How far the run is."""
    return statuses(conn, [import_id]).get(import_id, NOT_BEGUN)


def statuses(conn: Connection, import_ids: Sequence[str]) -> dict[str, RunStatus]:
    """How far runs are; those without a batch are left out."""
    answered = run_batches.c.answered_at.is_not(None)
    sums = [func.sum(case((answered, run_batches.c[name]), else_=0)).label(name) for name in ("read", *OUTCOMES)]
    query = (
        select(
            run_batches.c.import_id,
            func.count().label("batches"),
            func.count(run_batches.c.answered_at).label("answered"),
            func.max(run_batches.c.batch).label("last"),
            *sums,
        )
        .where(in_list(run_batches.c.import_id, import_ids))
        .group_by(run_batches.c.import_id)
    )
    return {row.import_id: _status(row._mapping) for row in conn.execute(query)}  # noqa: SLF001  SQLAlchemy's public way


def _status(row: Mapping[Any, Any]) -> RunStatus:
    counts = {name: int(row[name]) for name in OUTCOMES}
    return RunStatus(counts, int(row["read"]), row["batches"], row["batches"] - row["answered"], row["last"] + 1)


def outstanding(conn: Connection, import_id: str) -> int:
    """How many batches are sent and not answered."""
    query = select(func.count()).where(run_batches.c.import_id == import_id, run_batches.c.answered_at.is_(None))
    return conn.execute(query).scalar_one()


def recent_answers(conn: Connection, import_id: str) -> list[tuple[datetime, int]]:
    """(when, rows read) of the latest answered batches, newest first: what the rate is made of."""
    query = (
        select(run_batches.c.answered_at, run_batches.c.read)
        .where(run_batches.c.import_id == import_id, run_batches.c.answered_at.is_not(None))
        .order_by(run_batches.c.answered_at.desc())
        .limit(_RECENT)
    )
    return [(row.answered_at, row.read) for row in conn.execute(query)]


def positions_of(conn: Connection, import_id: str) -> list[list[str]]:
    """The positions that each batch reached, in the order of the batches."""
    query = select(run_batches.c.positions).where(
        run_batches.c.import_id == import_id, run_batches.c.positions.is_not(None)
    )
    return list(conn.execute(query.order_by(run_batches.c.batch)).scalars())


def problems_after(conn: Connection, import_id: str, row: int, limit: int) -> list[tuple[int, str]]:
    """(row, reason) of wrong and ambiguous rows after `row`, ascending."""
    query = select(run_problems.c.row, run_problems.c.reason).where(
        run_problems.c.import_id == import_id, run_problems.c.row > row
    )
    return [(found.row, found.reason) for found in conn.execute(query.order_by(run_problems.c.row).limit(limit))]


def count_problems(conn: Connection, import_id: str) -> int:
    """How many rows there are in the error workbook."""
    query = select(func.count()).select_from(run_problems).where(run_problems.c.import_id == import_id)
    return conn.execute(query).scalar_one()
