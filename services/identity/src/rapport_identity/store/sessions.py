"""Queries on sessions: found by the hash of their token, listed by user, ended one by one or all but one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from rapport_chassis.db import delete_some
from rapport_identity.store.tables import sessions


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in."""

    id: str
    token_hash: str
    user_id: str
    csrf_token: str
    ip: str | None
    user_agent: str | None
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


def add(conn: Connection, session: Session) -> None:
    """Insert a session."""
    values = {column.name: getattr(session, column.name) for column in sessions.columns}
    conn.execute(insert(sessions), values)


def by_token(conn: Connection, token_hash: str) -> Session | None:
    """The session whose token has this hash."""
    row = conn.execute(select(sessions).where(sessions.c.token_hash == token_hash)).first()
    return None if row is None else _session(row)


def get(conn: Connection, session_id: str) -> Session | None:
    """The session with this id."""
    row = conn.execute(select(sessions).where(sessions.c.id == session_id)).first()
    return None if row is None else _session(row)


def of_user(conn: Connection, user_id: str) -> list[Session]:
    """The user's sessions, newest first (there are few: see `SessionPolicy.most_per_user`)."""
    query = select(sessions).where(sessions.c.user_id == user_id).order_by(sessions.c.id.desc())
    return [_session(row) for row in conn.execute(query)]


def end(conn: Connection, session_id: str, user_id: str | None = None) -> bool:
    """Delete a session (only if it is `user_id`'s, when given); whether there was one."""
    query = delete(sessions).where(sessions.c.id == session_id)
    if user_id is not None:
        query = query.where(sessions.c.user_id == user_id)
    return conn.execute(query).rowcount > 0


def end_all(conn: Connection, user_id: str, *, but: str | None = None) -> int:
    """Delete the user's sessions except `but`; how many there were."""
    query = delete(sessions).where(sessions.c.user_id == user_id)
    if but is not None:
        query = query.where(sessions.c.id != but)
    return conn.execute(query).rowcount


def end_oldest(conn: Connection, user_id: str, *, keep: int) -> None:
    """Delete the user's oldest sessions so that `keep` remain."""
    newest = select(sessions.c.id).where(sessions.c.user_id == user_id).order_by(sessions.c.id.desc()).limit(keep)
    conn.execute(delete(sessions).where(sessions.c.user_id == user_id, sessions.c.id.not_in(newest)))


def seen(conn: Connection, session_id: str, at: datetime) -> None:
    """Remember that the session was used."""
    conn.execute(update(sessions).where(sessions.c.id == session_id).values(last_seen_at=at))


def purge(conn: Connection, expired_at: datetime, unseen_since: datetime) -> int:
    """Delete some sessions that are over; how many."""
    over = or_(sessions.c.expires_at <= expired_at, sessions.c.last_seen_at <= unseen_since)
    return delete_some(conn, sessions.c.id, over)


def _session(row: Row[Any]) -> Session:
    return Session(**row._mapping)  # noqa: SLF001  the public name of a row's mapping starts so
