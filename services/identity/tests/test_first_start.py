"""What is there after the first start."""

from __future__ import annotations

from pathlib import Path

import pytest

from rapport_contracts import topics
from rapport_contracts.permissions import BUILT_IN_ROLES
from rapport_identity.bootstrap import SERVICE, on_start
from rapport_testkit.service import running


def printed(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out.strip().rpartition(" ")[2]


async def test_the_first_start_prints_a_password_once_which_must_be_changed(
    tmp_path: Path, cheap_hashes: None, capsys: pytest.CaptureFixture[str]
) -> None:
    """G1: first start creates the master with a one-time password."""
    async with running(SERVICE, tmp_path) as it:
        password = printed(capsys)
        body = {"username": "Master", "password": password}
        answer = await it.client(None).post("/auth/sign-in", json=body)
        assert answer.status_code == 200
        assert answer.json()["user"]["password_change_required"] is True
        assert answer.json()["user"]["roles"] == ["master"]
    async with running(SERVICE, tmp_path):
        assert capsys.readouterr().out == ""


async def test_a_preset_password_need_not_be_changed_and_is_not_printed(
    tmp_path: Path, cheap_hashes: None, capsys: pytest.CaptureFixture[str]
) -> None:
    async with running(SERVICE, tmp_path, env={"RAPPORT_MASTER_PASSWORD": "chosen by the operator"}) as it:
        assert capsys.readouterr().out == ""
        body = {"username": "master", "password": "chosen by the operator"}
        answer = await it.client(None).post("/auth/sign-in", json=body)
        assert answer.json()["user"]["password_change_required"] is False


async def test_starting_again_changes_nothing(tmp_path: Path, cheap_hashes: None) -> None:
    async with running(SERVICE, tmp_path) as it:
        await it.drain()
        before = await it.read(topics.USERS)
        await on_start(it.runtime)
        await it.drain()
        assert await it.read(topics.USERS) == before


async def test_roles_users_and_settings_are_published_in_the_contracts_shape(
    tmp_path: Path, cheap_hashes: None
) -> None:
    async with running(SERVICE, tmp_path) as it:
        await it.drain()
        made = [record["data"] for record in await it.read(topics.USERS) if record["subject"] not in FAKES]
        roles = {one["id"]: one for one in made if one["type"] == "role"}
        assert {name: frozenset(role["permissions"]) for name, role in roles.items()} == BUILT_IN_ROLES
        assert {name: role["group_access"] for name, role in roles.items()} == {
            "master": None,
            "manager": None,
            "member": [],
        }
        (user,) = (one for one in made if one["type"] == "user")
        assert (user["username"], user["roles"], user["disabled"]) == ("master", ["master"], False)
        assert not any("password" in one for one in made)
        (settings,) = (one for one in made if one["type"] == "settings")
        assert settings["calendar"] == "gregorian"
        assert len({one["version"] for one in made}) == len(made)


# The test kit's own stand-ins, which it publishes while the service has published nothing yet.
FAKES = ("user:master", "role:role-master")
