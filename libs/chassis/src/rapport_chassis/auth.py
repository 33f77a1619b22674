"""Who asks and what they may: the gateway's short-lived signed token, and each process's own copy of users and groups.

Rights are decided here, from topics, never by asking identity: a right taken away is gone within seconds, everywhere.
Identity numbers all its documents by ONE counter (`version`), so "rights version n" means: everything up to n is known.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapport_chassis.broadcast import Broadcast
from rapport_chassis.bus.port import Bus
from rapport_chassis.signing import Signer, unauthenticated
from rapport_chassis.wake import Signal
from rapport_contracts import events, topics
from rapport_contracts.envelope import Message
from rapport_contracts.text import normalise

_RIGHTS_WAIT_SECONDS = 2.0
_FEED_AGAIN_SECONDS = 0.5
_TOKENS = 10_000  # remembered at most
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who asks. Group sets are already expanded to subgroups; None means every group."""

    id: str
    permissions: frozenset[str]
    view_groups: frozenset[str] | None
    edit_groups: frozenset[str] | None
    remove_groups: frozenset[str] | None
    roles: frozenset[str] = frozenset()
    via: str = "form"
    token: str = ""

    def can(self, permission: str) -> bool:
        """Whether the caller has the permission (`rapport_contracts.permissions`)."""
        return permission in self.permissions

    def sees_any(self, groups: Iterable[str]) -> bool:
        """Whether a customer in these groups is visible to the caller."""
        return self.view_groups is None or not self.view_groups.isdisjoint(groups)

    def edits_any(self, groups: Iterable[str]) -> bool:
        """Whether the caller may change a customer in these groups."""
        return self.edit_groups is None or not self.edit_groups.isdisjoint(groups)


class Directory:
    """Users, roles, API keys, settings and the group tree, as the topics say; decides what a caller may."""

    def __init__(self, signer: Signer) -> None:
        self.settings = events.SettingsDocument()
        self.version = 0
        self.changed = Signal()
        self._signer = signer
        self._documents: dict[str, dict[str, Any]] = {}
        self._children: dict[str | None, set[str]] = {}
        self._callers: dict[tuple[str, str | None, str], Caller] = {}
        self._seen: dict[str, tuple[int, Caller]] = {}  # by token: when it ends, whose it is

    def apply(self, messages: Sequence[Message]) -> None:
        """Take in records of identity.users.v1 and customers.definitions.v1 (older versions are ignored)."""
        for message in messages:
            try:
                self._take_in(message)
            except (KeyError, TypeError, ValueError):  # the others count: a right that is taken away must be gone
                _log.exception("a record of rights cannot be read", extra={"topic": message.topic, "key": message.key})
        self._refresh()

    def _take_in(self, message: Message) -> None:
        document = message.data
        version = document["version"]
        known = self._documents.get(message.key)
        if known is None or known["version"] < version:
            self._documents[message.key] = document
        if message.topic == topics.USERS.name:
            self.version = max(self.version, version)

    async def authenticate(self, token: str) -> Caller:
        """The caller of a token. Raises `Problem` 401 `unauthenticated` for a bad token or a disabled user."""
        known = self._seen.get(token)
        if known is not None and self._signer.is_fresh(known[0]):
            return known[1]
        claims = self._signer.verify(token)
        if claims["rv"] > self.version:
            await self._wait_for(claims["rv"])
        caller = self._caller(claims["sub"], claims.get("key"), claims.get("via", "form"), token)
        if claims["rv"] <= self.version:
            self._remember(token, claims["exp"], caller)
        return caller

    def acting_for(self, user_id: str, via: str) -> Caller:
        """The caller a job acts for, with the rights the user has now. Raises `Problem` 401 when the user is gone."""
        return self._caller(user_id, None, via, self._signer.sign(user_id, self.version, via=via))

    def user_name(self, user_id: str) -> str | None:
        """The user's name to show, or None for an unknown one."""
        user = self._documents.get(f"user:{user_id}")
        return None if user is None else str(user.get("name") or user["username"])

    def users_named(self, part: str) -> list[str]:
        """The ids of users, removed ones too, whose name, username or e-mail contains `part` (normalised)."""
        users = [document for key, document in self._documents.items() if key.startswith("user:")]
        return [
            user["id"]
            for user in users
            if any(part in normalise(user.get(field) or "") for field in ("name", "username", "email"))
        ]

    def subtree(self, group_id: str) -> frozenset[str]:
        """The group and everything below it."""
        found = {group_id}
        rest = [group_id]
        while rest:
            below = self._children.get(rest.pop(), set()) - found
            found |= below
            rest.extend(below)
        return frozenset(found)

    def group_exists(self, group_id: str) -> bool:
        """Whether there is such a group, as far as this copy knows."""
        group = self._documents.get(f"group:{group_id}")
        return group is not None and not group.get("removed")

    async def unknown_groups(self, ids: Iterable[str]) -> frozenset[str]:
        """Those of `ids` that are no groups; one that was made a moment ago is waited for, two seconds at most."""
        wanted = frozenset(ids)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_RIGHTS_WAIT_SECONDS):
                while not all(self.group_exists(group_id) for group_id in wanted):
                    await self.changed.wait(self.changed.count, 0.2)
        return frozenset(group_id for group_id in wanted if not self.group_exists(group_id))

    def definitions(self, type_: str) -> list[Mapping[str, Any]]:
        """The live documents of a type of customers.definitions.v1: `group`, `section`, `field` or `list`."""
        head = f"{type_}:"
        return [found for key in self._documents if key.startswith(head) and (found := self._live(key)) is not None]

    def _remember(self, token: str, until: int, caller: Caller) -> None:
        """A token is shown for half a minute: it is verified and decided once, until rights change."""
        if len(self._seen) >= _TOKENS:
            self._seen.clear()
        self._seen[token] = until, caller

    async def _wait_for(self, version: int) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_RIGHTS_WAIT_SECONDS):
                while self.version < version:
                    await self.changed.wait(self.changed.count, 0.2)

    def _refresh(self) -> None:
        self._callers.clear()
        self._seen.clear()
        self._children = {}
        for document in self._documents.values():
            if document.get("type") == "group" and not document.get("removed"):
                self._children.setdefault(document.get("parent_id"), set()).add(document["id"])
        if settings := self._documents.get("settings"):
            self.settings = events.SettingsDocument.model_validate(settings)
        self.changed.set()

    def _caller(self, user_id: str, key_id: str | None, via: str, token: str) -> Caller:
        known = self._callers.get((user_id, key_id, via))
        if known is None:
            known = self._callers[user_id, key_id, via] = self._decide(user_id, key_id, via)
        return _with_token(known, token)

    def _decide(self, user_id: str, key_id: str | None, via: str) -> Caller:
        user = self._live(f"user:{user_id}")
        if user is None or user.get("disabled"):
            raise unauthenticated()
        roles = [role for role_id in user["roles"] if (role := self._live(f"role:{role_id}"))]
        permissions = frozenset(permission for role in roles for permission in role["permissions"])
        if key_id is not None:
            permissions = self._cut_by_key(permissions, key_id)
        grants = [user.get("group_access", []), *(role.get("group_access", []) for role in roles)]
        return Caller(
            id=user_id,
            permissions=permissions,
            view_groups=self._groups(grants, "view"),
            edit_groups=self._groups(grants, "edit"),
            remove_groups=self._groups(grants, "remove"),
            roles=frozenset(role["id"] for role in roles),
            via=via if key_id is None else f"api_key:{key_id}",
        )

    def _cut_by_key(self, permissions: frozenset[str], key_id: str) -> frozenset[str]:
        key = self._live(f"api_key:{key_id}")
        if key is None:
            raise unauthenticated()
        return permissions if key.get("permissions") is None else permissions & frozenset(key["permissions"])

    def _live(self, key: str) -> Mapping[str, Any] | None:
        document = self._documents.get(key)
        return None if document is None or document.get("removed") else document

    def _groups(self, grants: Sequence[Sequence[Mapping[str, Any]] | None], right: str) -> frozenset[str] | None:
        if any(grant is None for grant in grants):
            return None
        given = [access["group_id"] for grant in grants for access in grant or [] if access.get(right)]
        return frozenset().union(*(self.subtree(group) for group in given)) if given else frozenset()


async def feed(directory: Directory, bus: Bus) -> None:
    """Keep `directory` current from the topics, for ever: after trouble of the bus it goes on where it was."""
    broadcast = Broadcast(bus, [topics.USERS, topics.DEFINITIONS], "start")
    while True:
        try:
            async for messages in broadcast:
                directory.apply(messages)
        except Exception:  # noqa: BLE001  ending here would leave every right as it is now, for as long as the process lives
            _log.exception("the rights are not read just now; trying again")
            await asyncio.sleep(_FEED_AGAIN_SECONDS)


async def catch_up(directory: Directory, bus: Bus) -> None:
    """Read what is there now, once: a process is ready only when it knows who may what."""
    broadcast = Broadcast(bus, [topics.USERS, topics.DEFINITIONS], "start")
    await broadcast.until_end(directory.apply)


def _with_token(caller: Caller, token: str) -> Caller:
    import dataclasses

    return dataclasses.replace(caller, token=token)
