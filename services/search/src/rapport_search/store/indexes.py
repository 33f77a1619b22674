"""Which physical indexes there are, which of them serves, and how far each has read the topic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, literal, or_, select, update

from rapport_chassis.db import Tx, in_list
from rapport_chassis.jobs import ENDED
from rapport_chassis.tables import ChassisTables
from rapport_search.store.tables import indexes, sweeps

FILLING, SERVING, RETIRED = "filling", "serving", "retired"
GRACE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class IndexRow:
    """A physical index."""

    name: str
    state: str
    job_id: str | None
    reached: datetime | None


def group_of(name: str) -> str:
    """The consumer group that fills an index: each has its own position."""
    return f"search.{name}"


def serving(conn: Connection) -> IndexRow | None:
    """The index that answers."""
    return next(iter(_rows(conn, indexes.c.state == SERVING)), None)


def fed(conn: Connection) -> list[IndexRow]:
    """The indexes that follow the topic."""
    return _rows(conn, indexes.c.state.in_([FILLING, SERVING]))


def find(conn: Connection, name: str) -> IndexRow | None:
    """The index of that name."""
    return next(iter(_rows(conn, indexes.c.name == name)), None)


def known(conn: Connection) -> set[str]:
    """The names of all indexes that have a record."""
    return set(conn.execute(select(indexes.c.name)).scalars())


def expired(conn: Connection, before: datetime) -> list[str]:
    """Names of indexes that were retired before then."""
    query = select(indexes.c.name).where(indexes.c.state == RETIRED, indexes.c.retired_at < before)
    return list(conn.execute(query).scalars())


def to_do(conn: Connection, tables: ChassisTables, before: datetime) -> tuple[list[IndexRow], list[str], list[str]]:
    """The indexes to be fed, the retired ones that are consumers still, and those that were retired before then."""
    return fed(conn), retired_consumers(conn, tables), expired(conn, before)


def retired_consumers(conn: Connection, tables: ChassisTables) -> list[str]:
    """Names of retired indexes that still have a position: whoever looks is shown the lag of somebody who follows no more."""
    group = literal(group_of("")) + indexes.c.name
    query = select(indexes.c.name).join(tables.offsets, tables.offsets.c.consumer == group)
    return list(conn.execute(query.where(indexes.c.state == RETIRED).distinct()).scalars())


def add_filling(tx: Tx, name: str, job_id: str) -> None:
    """A new index begins to fill beside the one that serves."""
    row = {"name": name, "state": FILLING, "job_id": job_id, "created_at": tx.now}
    tx.conn.execute(insert(indexes), row)


def first_serving(tx: Tx, name: str) -> str:
    """The index that serves; `name` when there was none."""
    found = serving(tx.conn)
    if found is not None:
        return found.name
    tx.conn.execute(insert(indexes), {"name": name, "state": SERVING, "created_at": tx.now})
    return name


def replace_serving(tx: Tx, old: str, new: str) -> bool:
    """`new` serves instead of `old` and fills while it does; False when `old` served no more."""
    if not _retire(tx, old, SERVING):
        return False
    tx.conn.execute(insert(indexes), {"name": new, "state": SERVING, "created_at": tx.now})
    return True


def replace_filling(tx: Tx, old: str, new: str) -> bool:
    """`new` is filled instead of `old`, for the same job; False when `old` was being filled no more."""
    row = find(tx.conn, old)
    if row is None or not _retire(tx, old, FILLING):
        return False
    add_filling(tx, new, row.job_id or "")
    return True


def filled_by(conn: Connection, job_id: str) -> IndexRow | None:
    """The index that a reindex job fills."""
    return next(iter(_rows(conn, indexes.c.job_id == job_id, indexes.c.state == FILLING)), None)


def swap(tx: Tx, new: str) -> None:
    """`new`, filled, serves from this transaction on, and the one before is retired. Raises `LookupError` for another state."""
    tx.conn.execute(update(indexes).where(indexes.c.state == SERVING).values(state=RETIRED, retired_at=tx.now))
    done = update(indexes).where(indexes.c.name == new, indexes.c.state == FILLING).values(state=SERVING, job_id=None)
    if tx.conn.execute(done).rowcount != 1:
        raise LookupError(f"{new} is not being filled")


def retire_abandoned(tx: Tx) -> int:
    """Retire fillings whose job has ended without a swap; how many."""
    jobs = tx.tables.jobs
    ended = select(jobs.c.id).where(jobs.c.state.in_(ENDED))
    query = update(indexes).where(indexes.c.state == FILLING, indexes.c.job_id.in_(ended))
    return tx.conn.execute(query.values(state=RETIRED, retired_at=tx.now)).rowcount


def forget(tx: Tx, name: str) -> None:
    """Remove every trace of a retired index."""
    forget_consumers(tx, [name])
    tx.conn.execute(delete(sweeps).where(sweeps.c.index_name == name))
    tx.conn.execute(delete(indexes).where(indexes.c.name == name))


def forget_consumers(tx: Tx, names: Sequence[str]) -> None:
    """Remove the positions and parked messages of these indexes, which nobody feeds any more."""
    groups = [group_of(name) for name in names]
    for table in (tx.tables.offsets, tx.tables.parked):
        tx.conn.execute(delete(table).where(in_list(table.c.consumer, groups)))


def reach(tx: Tx, name: str, at: datetime) -> None:
    """The index holds records up to this time."""
    older = or_(indexes.c.reached.is_(None), indexes.c.reached < at)
    tx.conn.execute(update(indexes).where(indexes.c.name == name, older).values(reached=at))


def positions(conn: Connection, tables: ChassisTables, name: str) -> dict[int, int]:
    """For each partition the next offset the index will read; empty before it began."""
    offsets = tables.offsets
    query = select(offsets.c.partition, offsets.c.next).where(offsets.c.consumer == group_of(name))
    return {row.partition: row.next for row in conn.execute(query)}


def incarnations(conn: Connection, tables: ChassisTables, name: str) -> set[str]:
    """The logs that the index's positions were taken on."""
    offsets = tables.offsets
    return set(conn.execute(select(offsets.c.incarnation).where(offsets.c.consumer == group_of(name))).scalars())


@dataclass(frozen=True, slots=True)
class Sweep:
    """What a sweep found."""

    checked: int
    lost: int
    stale: int
    extra: int


def last_sweep(conn: Connection, name: str) -> datetime | None:
    """When the index was last compared with its topic; its creation when it never was."""
    swept = select(sweeps.c.at).where(sweeps.c.index_name == name).scalar_subquery()
    query = select(func.coalesce(swept, indexes.c.created_at)).where(indexes.c.name == name)
    found: datetime | None = conn.execute(query).scalar()
    return found


def record_sweep(tx: Tx, name: str, found: Sweep) -> None:
    """Remember a sweep; one row an index."""
    tx.conn.execute(delete(sweeps).where(sweeps.c.index_name == name))
    row = {"checked": found.checked, "lost": found.lost, "stale": found.stale, "extra": found.extra}
    tx.conn.execute(insert(sweeps), row | {"index_name": name, "at": tx.now})


def _retire(tx: Tx, name: str, state: str) -> bool:
    query = update(indexes).where(indexes.c.name == name, indexes.c.state == state)
    return tx.conn.execute(query.values(state=RETIRED, retired_at=tx.now)).rowcount == 1


def _rows(conn: Connection, *conditions: object) -> list[IndexRow]:
    columns = (indexes.c.name, indexes.c.state, indexes.c.job_id, indexes.c.reached)
    query = select(*columns).where(*conditions).order_by(indexes.c.name)  # type: ignore[arg-type]
    return [IndexRow(*row) for row in conn.execute(query)]
