"""Users are found by what they are called."""

from __future__ import annotations

from typing import Any

import orjson

from rapport_chassis.auth import Directory
from rapport_chassis.signing import Signer
from rapport_contracts import topics
from rapport_contracts.envelope import Message


def told(*users: dict[str, Any]) -> Directory:
    directory = Directory(Signer("a-test-key-that-is-long-enough-for-hs256"))
    documents = [{"type": "user", "roles": [], "version": 1, **user} for user in users]
    directory.apply(
        [
            Message(topics.USERS.name, 0, at, f"user:{one['id']}", orjson.dumps({"data": one}))
            for at, one in enumerate(documents)
        ]
    )
    return directory


def test_a_part_of_name_username_or_address_finds_its_users_in_any_spelling() -> None:
    """L9, L10: typing “user1” finds what user1 logged."""
    directory = told(
        {"id": "a", "username": "user1", "name": "Zoë Karimi", "email": "zoe@example.org"},
        {"id": "b", "username": "user2", "name": None, "email": None},
        {"id": "c", "username": "x", "name": "كريمى", "removed": True},
    )
    assert directory.users_named("user1") == ["a"]
    assert directory.users_named("user") == ["a", "b"]
    assert directory.users_named("zoe") == ["a"]
    assert directory.users_named("example.org") == ["a"]
    assert directory.users_named("کریمی") == ["c"]
    assert directory.users_named("nobody") == []
