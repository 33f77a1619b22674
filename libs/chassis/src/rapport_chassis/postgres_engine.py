"""How PostgreSQL is connected to: limits on every wait, bytewise order of text, integers as wide as they come."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, types
from sqlalchemy.engine import ExceptionContext, make_url

from rapport_chassis.db import EngineUnavailable, EngineUnfit
from rapport_chassis.postgres_errors import translated

_OLDEST: Final = 140_000
_BYTEWISE: Final = {"C", "POSIX", "C.UTF-8", "C.utf8"}
_LIMITS: Final = {
    "statement_timeout": "30s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
    "tcp_keepalives_idle": "2",
    "tcp_keepalives_interval": "1",
    "tcp_keepalives_count": "2",
    "timezone": "UTC",
}
BEING_FILLED: Final = "being filled by the migration "
"""How the comment on the table `outbox` begins while `rapport migrate` has not finished with the database."""
_REFUSALS: Final = (
    "FATAL",  # the server's
    "no password supplied",  # from here on libpq's, which asks the server no more
    "does not support SSL",
    "certificate",
)
_FOR_NOW: Final = ("starting up", "shutting down", "recovery", "not yet accepting", "too many", "connection slots")


def connect_args(url: str, name: str) -> dict[str, Any]:
    """What the driver is told about every connection to `url`."""
    place = make_url(url).set(drivername="postgresql+psycopg")
    _, said = place.get_dialect()().create_connect_args(place)  # field by field: a URL of libpq takes no space
    return {
        **said,
        "application_name": f"rapport-{name}",
        "client_encoding": "UTF8",  # or a database of bytes (SQL_ASCII) fails before it can be refused
        "connect_timeout": 5,
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": 10_000,
        "options": " ".join(f"-c {key}={value}" for key, value in _LIMITS.items()),
    }


def make_engine(connect: Callable[[], psycopg.Connection[Any]], connections: int) -> Engine:
    """An engine that opens at most `connections`, each when it is first needed."""
    engine = create_engine(
        "postgresql+psycopg://",
        creator=connect,
        pool_size=connections,
        max_overflow=0,
        pool_use_lifo=True,
        pool_recycle=600,
        use_native_hstore=False,
    )
    # a number is bound as wide as it is, not as its column: one too large for it equals none of its rows, and is no error
    engine.dialect.colspecs = {key: value for key, value in engine.dialect.colspecs.items() if key is not types.Integer}

    @event.listens_for(engine, "handle_error")
    def _translate(context: ExceptionContext) -> BaseException | None:
        original = context.original_exception
        meaning = translated(original)
        return None if meaning is original else meaning

    return engine


def refuse_unfit(conn: Connection) -> None:
    """Raises `EngineUnfit` for a server or a database on which the tables would not behave as they do elsewhere."""
    version, encoding, order = conn.exec_driver_sql(
        "SELECT current_setting('server_version_num')::int, pg_encoding_to_char(encoding), datcollate"
        " FROM pg_database WHERE datname = current_database()"
    ).one()
    if version < _OLDEST:
        raise EngineUnfit(f"PostgreSQL {version // 10_000} is too old: {_OLDEST // 10_000} is needed")
    if encoding != "UTF8" or order not in _BYTEWISE:
        raise EngineUnfit(
            f"the database has encoding {encoding} and collation {order}: it must be UTF8 with collation C "
            "(CREATE DATABASE … ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0)"
        )
    comment = conn.exec_driver_sql("SELECT obj_description(to_regclass('outbox'), 'pg_class')").scalar() or ""
    if comment.startswith(BEING_FILLED):
        raise EngineUnfit("a migration to this database is unfinished: run “rapport migrate” again where it was begun")


def unfit_or_away(error: BaseException) -> BaseException:
    """What a connection that failed means: the server's refusal is for who set it up, silence passes."""
    words = str(error)
    if any(refusal in words for refusal in _REFUSALS) and not any(passing in words for passing in _FOR_NOW):
        return EngineUnfit(words.strip())
    return EngineUnavailable(words.strip())
