"""Identity and rights: who a token is, what the topics say they may, and how soon a right is gone."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from rapport_chassis.auth import Directory, feed
from rapport_chassis.bus.embedded import EmbeddedBus
from rapport_chassis.bus.port import NewRecord
from rapport_chassis.clock import SetClock
from rapport_chassis.db import EngineUnavailable
from rapport_chassis.problems import Problem
from rapport_chassis.signing import Signer
from rapport_contracts import topics
from rapport_contracts.envelope import Message, seal

KEY = "a-key-of-at-least-thirty-two-bytes!!"


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 11, 22, tzinfo=UTC))


@pytest.fixture
def directory(clock: SetClock) -> Directory:
    return Directory(Signer(KEY, clock))


def say(directory: Directory, key: str, document: dict[str, Any], topic: topics.Topic = topics.USERS) -> None:
    value = seal(source="t", type_=topic.name, subject=key, data=orjson.dumps(document), time=datetime.now(UTC))
    directory.apply([Message(topic.name, 0, 0, key, value)])


def group(directory: Directory, id_: str, parent: str | None = None, **more: Any) -> None:
    document = {"type": "group", "id": id_, "name": id_, "parent_id": parent, "version": 1} | more
    say(directory, f"group:{id_}", document, topics.DEFINITIONS)


def user(directory: Directory, version: int, **more: Any) -> None:
    document = {"type": "user", "id": "u", "username": "u", "roles": ["r"], "version": version} | more
    say(directory, "user:u", document)


def role(directory: Directory, version: int, **more: Any) -> None:
    say(directory, "role:r", {"type": "role", "id": "r", "name": "r", "permissions": [], "version": version} | more)


async def code_of(directory: Directory, token: str) -> str:
    with pytest.raises(Problem) as raised:
        await directory.authenticate(token)
    return raised.value.code


async def test_group_access_covers_everything_below_the_group(directory: Directory, clock: SetClock) -> None:
    """G1: group access."""
    for id_, parent in [("a", None), ("a1", "a"), ("a11", "a1"), ("b", None)]:
        group(directory, id_, parent)
    role(directory, 1, permissions=["customers.view"])
    user(directory, 2, group_access=[{"group_id": "a", "view": True, "edit": False}])
    caller = await directory.authenticate(Signer(KEY, clock).sign("u", 2))
    assert caller.view_groups == {"a", "a1", "a11"}
    assert caller.edit_groups == frozenset()
    assert not caller.sees_any(["b"])


async def test_a_role_without_group_access_list_sees_every_group(directory: Directory, clock: SetClock) -> None:
    role(directory, 1, group_access=None)
    user(directory, 2)
    caller = await directory.authenticate(Signer(KEY, clock).sign("u", 2))
    assert caller.view_groups is None
    assert caller.sees_any(["anything"])


async def test_rights_taken_away_are_gone_with_the_next_record(directory: Directory, clock: SetClock) -> None:
    role(directory, 1, permissions=["customers.edit"])
    user(directory, 2)
    token = Signer(KEY, clock).sign("u", 2)
    assert (await directory.authenticate(token)).can("customers.edit")
    role(directory, 3, permissions=[])
    assert not (await directory.authenticate(token)).can("customers.edit")
    user(directory, 4, disabled=True)
    assert await code_of(directory, token) == "unauthenticated"


async def test_an_older_version_that_comes_late_changes_nothing(directory: Directory, clock: SetClock) -> None:
    role(directory, 5, permissions=[])
    role(directory, 1, permissions=["customers.edit"])
    user(directory, 6)
    assert not (await directory.authenticate(Signer(KEY, clock).sign("u", 6))).can("customers.edit")


async def test_forged_foreign_and_expired_tokens_are_refused(directory: Directory, clock: SetClock) -> None:
    role(directory, 1)
    user(directory, 2)
    good = Signer(KEY, clock).sign("u", 2)
    assert await code_of(directory, good[:-2] + "xx") == "unauthenticated"
    assert (
        await code_of(directory, Signer("another-key-of-thirty-two-bytes!!!!!", clock).sign("u", 2))
        == "unauthenticated"
    )
    assert await code_of(directory, "nonsense") == "unauthenticated"
    clock.advance(seconds=61)
    assert await code_of(directory, good) == "unauthenticated"


async def test_an_api_key_can_only_narrow_what_its_user_may(directory: Directory, clock: SetClock) -> None:
    role(directory, 1, permissions=["customers.view", "customers.edit"])
    user(directory, 2)
    say(
        directory,
        "api_key:k",
        {"type": "api_key", "id": "k", "user_id": "u", "permissions": ["customers.view", "users.edit"], "version": 3},
    )
    token = Signer(KEY, clock).sign("u", 3, api_key="k")
    assert (await directory.authenticate(token)).permissions == {"customers.view"}
    say(directory, "api_key:k", {"type": "api_key", "id": "k", "user_id": "u", "removed": True, "version": 4})
    assert await code_of(directory, token) == "unauthenticated"


class FlakyBus:
    """The bus of a moment's trouble: the first read after the start fails."""

    def __init__(self, bus: EmbeddedBus) -> None:
        self._bus = bus
        self.troubles = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bus, name)

    async def read(self, positions: Any, limit: int, *most_bytes: int) -> list[Message]:
        if not self.troubles:
            self.troubles += 1
            raise EngineUnavailable("the bus file does not answer: database is locked")
        return await self._bus.read(positions, limit, *most_bytes)


async def test_a_moments_trouble_of_the_bus_does_not_end_the_feeding_of_rights(
    directory: Directory, tmp_path: Path
) -> None:
    """R12: a right taken away is gone within seconds, whatever the process met before."""
    bus = EmbeddedBus(tmp_path / "bus.sqlite")
    await bus.start()
    flaky = FlakyBus(bus)
    feeding = asyncio.create_task(feed(directory, flaky))  # type: ignore[arg-type]
    document = orjson.dumps({"type": "user", "id": "u", "username": "u", "roles": [], "version": 1})
    value = seal(source="t", type_="user", subject="user:u", data=document, time=datetime.now(UTC))
    await (await bus.producer("identity")).append([NewRecord(topics.USERS, "user:u", value)])
    async with asyncio.timeout(10):
        while directory.version < 1:
            await asyncio.sleep(0.01)
            assert not feeding.done(), feeding.exception()
    assert flaky.troubles == 1
    feeding.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await feeding
    await bus.close()


async def test_one_record_that_cannot_be_read_does_not_end_the_feeding_of_rights(directory: Directory) -> None:
    """R7, R12: the others count."""
    broken = Message(topics.USERS.name, 0, 0, "user:x", b"{")
    document = orjson.dumps({"type": "user", "id": "u", "username": "u", "roles": [], "version": 1})
    value = seal(source="t", type_="user", subject="user:u", data=document, time=datetime.now(UTC))
    directory.apply([broken, Message(topics.USERS.name, 0, 1, "user:u", value)])
    assert directory.version == 1


async def test_a_token_that_was_seen_ends_when_it_says_and_follows_every_change_of_rights(
    directory: Directory, clock: SetClock
) -> None:
    """R12: what is remembered of a token is neither older than the rights nor older than the token."""
    role(directory, 1, permissions=["customers.view"])
    user(directory, 2)
    token = Signer(KEY, clock).sign("u", 2)
    assert await directory.authenticate(token) is await directory.authenticate(token)
    role(directory, 3, permissions=[])
    assert not (await directory.authenticate(token)).can("customers.view")
    user(directory, 4, disabled=True)
    assert await code_of(directory, token) == "unauthenticated"
    user(directory, 5)
    await directory.authenticate(token)
    clock.advance(seconds=61)
    assert await code_of(directory, token) == "unauthenticated"
