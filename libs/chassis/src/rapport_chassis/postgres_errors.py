"""What PostgreSQL's errors mean here: it is away, transactions met, or the caller's statement was wrong (left as it is)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import psycopg
from sqlalchemy.exc import DBAPIError, IntegrityError

from rapport_chassis.db import Contended, DiskFull, EngineUnavailable

_MET = {"40001", "40P01"}  # serialization failure, deadlock
_AWAY = {
    "55P03",  # lock timeout
    "57014",  # statement timeout
    "25P03",  # idle in transaction for too long
    "25006",  # read only: a standby answers
}
_AWAY_CLASSES = {"08", "53", "57", "58"}  # connection, resources (memory, too many connections), shutdown, I/O
_GONE = ("08", "57P", "58")  # beginnings: the connection, a shutdown, I/O
_DISK_FULL = "53100"
_UNIQUE = "23505"
UNFIT = {"28000", "28P01", "3D000", "42501"}  # user, password, no such database, not allowed


def translated(error: BaseException) -> BaseException:
    """`EngineUnavailable`, `DiskFull` or `Contended` for what trying again may cure; any other error itself."""
    driver = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(driver, psycopg.Error):
        return error
    state = driver.sqlstate
    if state in _MET:
        return Contended(f"PostgreSQL: {driver}")
    if state == _DISK_FULL:
        return DiskFull(f"PostgreSQL: {driver}")
    lost = state is None and isinstance(driver, psycopg.OperationalError | psycopg.InterfaceError)
    if lost or state in _AWAY or (state or "")[:2] in _AWAY_CLASSES:
        return EngineUnavailable(f"PostgreSQL: {driver}")
    return error


class Undecided(EngineUnavailable):
    """The server went away while it was asked to commit: whether it did, nobody here knows, so nobody may do it again."""


def may_have_committed(error: BaseException) -> bool:
    """Whether an error that came when a commit was asked for leaves open what became of it; what a server refuses is not done."""
    cause: BaseException | None = error
    while cause is not None:
        driver = cause.orig if isinstance(cause, DBAPIError) else cause
        if isinstance(driver, psycopg.Error):
            return driver.sqlstate is None or driver.sqlstate.startswith(_GONE)
        cause = cause.__cause__
    return False


def may_be_a_race(error: BaseException) -> bool:
    """Whether a unique key was taken: perhaps by a transaction that began after this one looked, which a new try will see."""
    driver = error.orig if isinstance(error, DBAPIError) else error
    return isinstance(driver, psycopg.Error) and driver.sqlstate == _UNIQUE


@contextlib.contextmanager
def raised_as_usual() -> Iterator[None]:
    """Around what speaks to the driver itself: its errors come as SQLAlchemy's would."""
    try:
        yield
    except psycopg.IntegrityError as error:
        raise IntegrityError("bulk insert", None, error) from error
    except psycopg.Error as error:
        raise translated(error) from error
