"""Changing one's own password, and making a new one for somebody else (G1)."""

from __future__ import annotations

from rapport_chassis.db import Tx
from rapport_chassis.problems import FieldError, Invalid, Stale
from rapport_identity.application.audit import Origin, record
from rapport_identity.domain.passwords import password_fault
from rapport_identity.store import sessions, users
from rapport_identity.store.users import User


def check_new(password: str, *, username: str, field: str) -> None:
    """Raises 422 `validation_failed` naming `field` when the rules do not allow the password."""
    fault = password_fault(password, username=username)
    if fault is not None:
        raise Invalid(fault[1], FieldError(field, *fault))


def refuse_same(old: str, new: str) -> None:
    """Raises 422 `validation_failed` when the new password is the old one."""
    if old == new:
        words = "The new password is the old one."
        raise Invalid(words, FieldError("new", "unchanged", words))


def change_own(tx: Tx, user: User, password_hash: str, session_id: str | None, origin: Origin) -> None:
    """Set the password of `user`, as it was when the old one was confirmed; every other session of the user ends.

    Raises 412 `stale_version` when the password was changed meanwhile.
    """
    now = users.get(tx.conn, user.id)
    if now is None or now.password_hash != user.password_hash:
        raise Stale(None)
    values = {"password_hash": password_hash, "must_change_password": False, "updated_at": tx.now}
    users.change(tx.conn, user.id, values)
    ended = sessions.end_all(tx.conn, user.id, but=session_id)
    record(tx, origin, "password_changed", ("user", user.id), {"sessions_ended": ended})
