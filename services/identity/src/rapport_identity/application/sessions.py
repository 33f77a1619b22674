"""Sessions after the sign-in: resolved for the gateway, listed, ended (G1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rapport_chassis.db import Tx
from rapport_chassis.problems import NotFound, Problem
from rapport_identity.application.audit import Origin, record
from rapport_identity.domain.sessions import SessionPolicy
from rapport_identity.domain.tokens import fingerprint
from rapport_identity.store import api_keys, roles, sessions, users
from rapport_identity.store.connection import Connection
from rapport_identity.store.sessions import Session
from rapport_identity.store.users import User


@dataclass(frozen=True, slots=True)
class Resolved:
    """Whom a credential stands for. `session_id` and `csrf_token` of a session, `api_key_id` of a key; `touch`: note its use.

    `rights_version` is the newest version among the user, its roles and the key: services wait until they know that one.
    """

    subject: str
    rights_version: int
    password_change_required: bool
    session_id: str | None = None
    csrf_token: str | None = None
    api_key_id: str | None = None
    touch: bool = False


def resolve_session(conn: Connection, token: str, now: datetime, policy: SessionPolicy) -> Resolved:
    """Whose session it is. Raises 401 `unauthenticated` when it is unknown, over, or its user disabled."""
    session = sessions.by_token(conn, fingerprint(token))
    if session is None:
        raise _unauthenticated()
    over = policy.is_over(now=now, expires_at=session.expires_at, last_seen_at=session.last_seen_at)
    user = _enabled(conn, session.user_id)
    if over:
        raise _unauthenticated()
    return Resolved(
        subject=user.id,
        rights_version=_rights_version(conn, user),
        password_change_required=user.must_change_password,
        session_id=session.id,
        csrf_token=session.csrf_token,
        touch=now - session.last_seen_at >= policy.seen_every,
    )


def resolve_api_key(conn: Connection, key: str, now: datetime, policy: SessionPolicy) -> Resolved:
    """Whose key it is. Raises 401 `unauthenticated` when it is unknown or its user disabled."""
    found = api_keys.by_hash(conn, fingerprint(key))
    if found is None:
        raise _unauthenticated()
    user = _enabled(conn, found.user_id)
    return Resolved(
        subject=user.id,
        rights_version=max(found.version, _rights_version(conn, user)),
        password_change_required=user.must_change_password,
        api_key_id=found.id,
        touch=found.last_used_at is None or now - found.last_used_at >= policy.seen_every,
    )


def note_use(tx: Tx, resolved: Resolved) -> None:
    """Remember that the session or key was used now."""
    if resolved.session_id is not None:
        sessions.seen(tx.conn, resolved.session_id, tx.now)
    if resolved.api_key_id is not None:
        api_keys.used(tx.conn, resolved.api_key_id, tx.now)


def sign_out(tx: Tx, user_id: str, session_id: str, origin: Origin) -> None:
    """End the session of this very sign-in; one that is over already is no error."""
    if sessions.end(tx.conn, session_id, user_id):
        record(tx, origin, "sign_out", ("session", session_id))


def own_sessions(conn: Connection, user_id: str, now: datetime, policy: SessionPolicy) -> list[Session]:
    """The user's sessions that still count, newest first."""
    return [
        session
        for session in sessions.of_user(conn, user_id)
        if not policy.is_over(now=now, expires_at=session.expires_at, last_seen_at=session.last_seen_at)
    ]


def revoke(tx: Tx, user_id: str, session_id: str, origin: Origin) -> None:
    """End one of the user's own sessions. Raises 404 `not_found`."""
    if not sessions.end(tx.conn, session_id, user_id):
        raise NotFound("There is no such session.")
    record(tx, origin, "session_revoked", ("session", session_id))


def revoke_others(tx: Tx, user_id: str, session_id: str | None, origin: Origin) -> int:
    """End the user's other sessions; how many there were."""
    ended = sessions.end_all(tx.conn, user_id, but=session_id)
    if ended:
        record(tx, origin, "session_revoked", ("user", user_id), {"sessions": ended})
    return ended


def _enabled(conn: Connection, user_id: str) -> User:
    user = users.get(conn, user_id)
    if user is None or user.disabled:
        raise _unauthenticated()
    return user


def _rights_version(conn: Connection, user: User) -> int:
    return max(user.version, *(role.version for role in roles.documents(conn, user.roles)), 0)


def _unauthenticated() -> Problem:
    return Problem("unauthenticated", "Sign in, or send a valid API key.", status=401)
