"""Signing in: the same work for known and unknown users, guessing stopped per user and per address (G1, R14)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from rapport_chassis.clock import Clock
from rapport_chassis.db import Database, Tx
from rapport_chassis.ids import new_id
from rapport_chassis.problems import Problem
from rapport_identity.application.audit import Origin, record
from rapport_identity.application.ports import PasswordHasher
from rapport_identity.domain.lockout import PER_ADDRESS, PER_USER, Attempts, Policy
from rapport_identity.domain.passwords import LONGEST, normalise
from rapport_identity.domain.sessions import SessionPolicy
from rapport_identity.domain.tokens import fingerprint, new_token
from rapport_identity.domain.usernames import username_key
from rapport_identity.store import attempts, sessions, users
from rapport_identity.store.connection import Connection
from rapport_identity.store.users import User

T = TypeVar("T")
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session: `token` goes into the cookie and is kept nowhere, `csrf_token` into the body."""

    user: User
    session_id: str
    token: str
    csrf_token: str


class Doorkeeper:
    """Checks passwords off the event loop, a few at a time: the count of failures can be overrun by no more than that."""

    def __init__(
        self, db: Database, hasher: PasswordHasher, clock: Clock, policy: SessionPolicy, at_once: int = 2
    ) -> None:
        self.hasher = hasher
        self._db = db
        self._clock = clock
        self._policy = policy
        self._turns = asyncio.Semaphore(at_once)
        self._threads = ThreadPoolExecutor(at_once, "password")

    async def hash(self, password: str) -> str:
        """The hash of a new password."""
        return await self._slow(lambda: self.hasher.hash(normalise(password)))

    async def sign_in(self, username: str, password: str, origin: Origin, user_agent: str | None) -> SignedIn:
        """Open a session.

        Raises 401 `invalid_credentials` (wrong password, unknown or disabled user alike), 429 `locked_out` with `Retry-After`.
        """
        key = username_key(username[:_LONGEST_NAME])
        async with self._turns:
            user = await self._check(key, password, origin)
        rehashed = await self.hash(password) if self.hasher.is_outdated(user.password_hash) else None
        return await self._db.write(self._open, user, rehashed, origin, user_agent)

    async def confirm(self, user_id: str, password: str, origin: Origin) -> User:
        """The user, whose own password was given once more. Raises like `sign_in`."""
        user = await self._db.read(users.get, user_id)
        if user is None or user.username_key is None:
            raise _invalid()
        async with self._turns:
            return await self._check(user.username_key, password, origin)

    async def _check(self, key: str, password: str, origin: Origin) -> User:
        user, locked = await self._db.read(self._look_up, key, origin.ip)
        if locked:
            raise _locked_out(locked)
        stored = user.password_hash if user is not None else self.hasher.decoy
        plain = normalise(password[: LONGEST + 1])
        matches = await self._threaded(lambda: self.hasher.verify(stored, plain))
        if user is None or user.disabled or not matches:
            await self._db.write(_failed, key, user, origin)
            raise _invalid()
        return user

    def _look_up(self, conn: Connection, key: str, ip: str | None) -> tuple[User | None, int]:
        known = attempts.of(conn, list(_keys(key, ip)))
        now = self._clock.now()
        return users.by_username(conn, key), max(row.seconds_locked(now) for row in known.values())

    def _open(self, tx: Tx, seen: User, rehashed: str | None, origin: Origin, user_agent: str | None) -> SignedIn:
        user = users.get(tx.conn, seen.id)
        if user is None or user.disabled or user.password_hash != seen.password_hash:
            raise _invalid()  # changed while the password was being checked
        values = {"last_sign_in_at": tx.now} | ({"password_hash": rehashed} if rehashed else {})
        users.change(tx.conn, user.id, values)
        attempts.forget(tx.conn, [f"user:{user.username_key}"])
        token, csrf_token, session_id = new_token(), new_token(), new_id()
        session = sessions.Session(
            id=session_id,
            token_hash=fingerprint(token),
            user_id=user.id,
            csrf_token=csrf_token,
            ip=origin.ip,
            user_agent=user_agent[:300] if user_agent else None,
            created_at=tx.now,
            last_seen_at=tx.now,
            expires_at=tx.now + self._policy.lifetime,
        )
        sessions.add(tx.conn, session)
        sessions.end_oldest(tx.conn, user.id, keep=self._policy.most_per_user)
        by = Origin(user.id, origin.via, origin.ip, origin.request_id)
        record(tx, by, "sign_in", ("session", session_id), {"username": user.username})
        return SignedIn(user, session_id, token, csrf_token)

    async def _slow(self, work: Callable[[], T]) -> T:
        async with self._turns:
            return await self._threaded(work)

    async def _threaded(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def _keys(username_key_: str, ip: str | None) -> dict[str, Policy]:
    keys = {f"user:{username_key_}": PER_USER}
    return keys | ({f"ip:{ip}": PER_ADDRESS} if ip else {})


def _failed(tx: Tx, key: str, user: User | None, origin: Origin) -> None:
    policies = _keys(key, origin.ip)
    attempts.queue(tx.conn, list(policies))
    known = attempts.of(tx.conn, list(policies))
    after: dict[str, Attempts] = {name: known[name].failed(tx.now, policy) for name, policy in policies.items()}
    attempts.put(tx.conn, after)
    seconds = max(row.seconds_locked(tx.now) for row in after.values())
    # An unknown name is not written down: people type their password there by mistake.
    details = {"username": user.username if user else None, "locked_seconds": seconds}
    action = "sign_in_locked_out" if seconds else "sign_in_failed"
    record(tx, origin, action, ("user", user.id if user else None), details)


def _invalid() -> Problem:
    return Problem("invalid_credentials", "The username or the password is wrong.", status=401)


def _locked_out(seconds: int) -> Problem:
    words = f"Too many failed attempts. Try again in {seconds} seconds."
    return Problem("locked_out", words, status=429, headers={"Retry-After": str(seconds)})
