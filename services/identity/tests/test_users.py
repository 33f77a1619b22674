"""Users: made, changed, deleted; the last enabled master; nobody hands on more than they hold."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from rapport_contracts import topics

from .conftest import PASSWORD, House

Code = Callable[[httpx.Response], tuple[int, str]]


def etag(thing: dict[str, Any]) -> dict[str, str]:
    return {"if-match": f'"{thing["version"]}"'}


async def test_a_user_is_made_read_changed_and_published(house: House) -> None:
    """G1."""
    master = await house.sign_in()
    body = {
        "username": " Reza ",
        "name": "Reza Ahmadi",
        "email": "reza@example.com",
        "roles": ["member"],
        "group_access": [{"group_id": "north", "edit": True}],
        "password": PASSWORD,
    }
    made = await master.post("/users", json=body)
    user = made.json()
    assert made.status_code == 201
    assert made.headers["location"] == f"/api/v1/users/{user['id']}"
    assert "password" not in {name for name, value in user.items() if value is not None}
    assert user["username"] == "Reza"
    assert user["group_access"] == [{"group_id": "north", "view": True, "edit": True, "remove": False}]
    read = await master.get(f"/users/{user['id']}")
    assert read.headers["etag"] == f'"{user["version"]}"'
    patch = {"name": None, "group_access": [{"group_id": "south"}]}
    changed = (await master.patch(f"/users/{user['id']}", json=patch, headers=etag(user))).json()
    assert (changed["name"], changed["email"]) == (None, "reza@example.com")
    assert changed["group_access"] == [{"group_id": "south", "view": True, "edit": False, "remove": False}]
    assert changed["version"] > user["version"]
    await house.settle()
    published = [one["data"] for one in await house.it.read(topics.USERS) if one["data"]["id"] == user["id"]]
    assert published[-1]["group_access"] == changed["group_access"]
    assert house.it.runtime.directory.acting_for(user["id"], "job").view_groups == frozenset({"south"})


async def test_a_user_without_a_password_gets_one_that_must_be_changed(house: House) -> None:
    master = await house.sign_in()
    made = (await master.post("/users", json={"username": "reza"})).json()
    assert made["password_change_required"] is True
    signed_in = await house.try_sign_in("reza", made["password"])
    assert signed_in.json()["user"]["password_change_required"] is True
    listed = (await master.get("/users")).json()["items"]
    assert all(user.get("password") is None for user in listed)


async def test_a_repeated_create_gives_the_same_answer_with_the_same_password(house: House, code: Code) -> None:
    """R5."""
    master, keyed = await house.sign_in(), {"idempotency-key": "k1"}
    first = await master.post("/users", json={"username": "reza"}, headers=keyed)
    again = await master.post("/users", json={"username": "reza"}, headers=keyed)
    assert first.json() == again.json()
    kept = await house.it.runtime.db.read(
        lambda conn: str(conn.exec_driver_sql("SELECT * FROM idempotency_keys").all())
    )
    assert first.json()["password"] not in kept
    other = await master.post("/users", json={"username": "sara"}, headers=keyed)
    assert code(other) == (422, "idempotency_mismatch")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"username": "a"}, "username"),
        ({"username": "has space"}, "username"),
        ({"username": "reza", "password": "short"}, "password"),
        ({"username": "reza", "email": "no"}, "email"),
        ({"username": "reza", "roles": ["nobody"]}, "roles.0"),
        ({"username": "reza", "unknown": 1}, "unknown"),
        ({"username": "reza", "roles": None}, "roles"),
        ({}, "username"),
    ],
)
async def test_a_wrong_user_is_422_and_names_the_field(
    house: House, code: Code, body: dict[str, Any], field: str
) -> None:
    answer = await (await house.sign_in()).post("/users", json=body)
    assert code(answer) == (422, "validation_failed")
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_a_username_is_unique_in_every_spelling_and_free_again_after_deletion(house: House, code: Code) -> None:
    user = await house.user("Reza")
    master = await house.sign_in()
    taken = await master.post("/users", json={"username": "REZA"})
    assert code(taken) == (409, "name_taken")
    other = await house.user("sara")
    renamed = await master.patch(f"/users/{other['id']}", json={"username": "reza"}, headers=etag(other))
    assert code(renamed) == (409, "name_taken")
    assert (await master.delete(f"/users/{user['id']}", headers=etag(user))).status_code == 204
    assert code(await master.get(f"/users/{user['id']}")) == (404, "not_found")
    assert (await master.post("/users", json={"username": "reza"})).status_code == 201


async def test_a_deleted_user_is_gone_everywhere_but_keeps_a_name_for_what_was_written(
    house: House, code: Code
) -> None:
    user = await house.user("reza", roles=["member"], name="Reza")
    reza = await house.sign_in("reza")
    key = (await reza.post("/api-keys", json={"name": "k"})).json()["key"]
    master = await house.sign_in()
    await master.delete(f"/users/{user['id']}", headers=etag(user))
    assert code(await house.try_sign_in("reza", PASSWORD)) == (401, "invalid_credentials")
    assert code(await house.resolve(api_key=key)) == (401, "unauthenticated")
    await house.settle()
    assert (await reza.get("/auth/me")).status_code == 401
    named = (await master.post("/users:batch-get", json={"ids": [user["id"], "unknown"]})).json()["items"]
    assert named == [{"id": user["id"], "username": "reza", "name": "Reza", "removed": True}]


async def test_a_stale_or_blind_change_is_refused(house: House, code: Code) -> None:
    user = await house.user("reza")
    master, url = await house.sign_in(), f"/users/{user['id']}"
    assert code(await master.patch(url, json={"name": "x"})) == (428, "precondition_required")
    await master.patch(url, json={"name": "x"}, headers=etag(user))
    stale = await master.patch(url, json={"name": "y"}, headers=etag(user))
    assert code(stale) == (412, "stale_version")
    assert stale.json()["current"]["name"] == "x"
    assert code(await master.delete(url, headers=etag(user))) == (412, "stale_version")


@pytest.mark.parametrize("patch", [{"disabled": True}, {"roles": ["manager"]}, {"roles": []}, None])
async def test_the_last_enabled_master_stays(house: House, code: Code, patch: dict[str, Any] | None) -> None:
    """G1."""
    master = await house.sign_in()
    me = (await master.get("/auth/me")).json()["user"]
    url = f"/users/{me['id']}"

    async def try_it() -> httpx.Response:
        version = (await master.get(url)).json()
        if patch is None:
            return await master.delete(url, headers=etag(version))
        return await master.patch(url, json=patch, headers=etag(version))

    assert code(await try_it()) == (409, "in_use")
    disabled = await house.user("second", roles=["master"], disabled=True)
    assert code(await try_it()) == (409, "in_use")
    await master.patch(f"/users/{disabled['id']}", json={"disabled": False}, headers=etag(disabled))
    assert (await try_it()).status_code in (200, 204)


async def test_a_new_password_by_the_master_ends_the_users_sessions(house: House, code: Code) -> None:
    user = await house.user("reza")
    token = (await house.try_sign_in("reza", PASSWORD)).cookies["rapport_session"]
    master = await house.sign_in()
    patch = {"password": "given by the master"}
    changed = await master.patch(f"/users/{user['id']}", json=patch, headers=etag(user))
    assert changed.json()["password_change_required"] is False
    assert code(await house.resolve(session=token)) == (401, "unauthenticated")
    token = (await house.try_sign_in("reza", "given by the master")).cookies["rapport_session"]
    made = (await master.post(f"/users/{user['id']}:reset-password")).json()
    assert code(await house.resolve(session=token)) == (401, "unauthenticated")
    assert (await house.try_sign_in("reza", made["password"])).json()["user"]["password_change_required"] is True


async def test_ones_own_password_is_changed_only_with_the_old_one(house: House, code: Code) -> None:
    master = await house.sign_in()
    me = (await master.get("/auth/me")).json()["user"]
    patched = await master.patch(f"/users/{me['id']}", json={"password": "taken over now"}, headers=etag(me))
    assert code(patched) == (403, "forbidden")
    assert code(await master.post(f"/users/{me['id']}:reset-password")) == (403, "forbidden")
    assert (await house.try_sign_in("master", PASSWORD)).status_code == 200


async def test_whoever_edits_users_gives_no_right_they_do_not_hold(house: House, code: Code) -> None:
    """R12."""
    master = await house.sign_in()
    role = (await master.post("/roles", json={"name": "desk", "permissions": ["users.edit", "customers.view"]})).json()
    await house.user("desk", roles=[role["id"]], group_access=[{"group_id": "north"}])
    desk = await house.sign_in("desk")
    admin = (await master.get("/auth/me")).json()["user"]
    refused = [
        await desk.post("/users", json={"username": "x1", "roles": ["master"]}),
        await desk.post("/users", json={"username": "x2", "group_access": [{"group_id": "south"}]}),
        await desk.post("/users", json={"username": "x3", "group_access": [{"group_id": "north", "edit": True}]}),
        await desk.patch(f"/users/{admin['id']}", json={"password": "now it is mine"}, headers=etag(admin)),
        await desk.patch(f"/users/{admin['id']}", json={"email": "me@evil.test"}, headers=etag(admin)),
        await desk.delete(f"/users/{admin['id']}", headers=etag(admin)),
        await desk.post(f"/users/{admin['id']}:reset-password"),
    ]
    assert {code(answer) for answer in refused} == {(403, "forbidden")}
    allowed = {"username": "x4", "roles": [role["id"]], "group_access": [{"group_id": "north"}]}
    assert (await desk.post("/users", json=allowed)).status_code == 201
    own = (await desk.get("/auth/me")).json()["user"]
    more = await desk.patch(f"/users/{own['id']}", json={"roles": ["master"]}, headers=etag(own))
    assert code(more) == (403, "forbidden")


async def test_users_are_for_those_who_edit_them_and_everybody_sees_their_own(house: House, code: Code) -> None:
    user = await house.user("reza", roles=["member"])
    reza = await house.sign_in("reza")
    other = (await (await house.sign_in()).get("/auth/me")).json()["user"]
    assert code(await reza.get("/users")) == (403, "forbidden")
    assert code(await reza.get(f"/users/{other['id']}")) == (404, "not_found")
    assert (await reza.get(f"/users/{user['id']}")).json()["username"] == "reza"
    names = (await reza.post("/users:batch-get", json={"ids": [other["id"]]})).json()["items"]
    assert names[0]["username"] == "master"


async def test_users_are_paged_by_keyset_and_found_by_role(house: House) -> None:
    for name in ("u1", "u2", "u3"):
        await house.user(name, roles=["member"])
    master = await house.sign_in()
    first = (await master.get("/users", params={"limit": 2})).json()
    second = (await master.get("/users", params={"limit": 2, "after": first["next"]})).json()
    assert [user["username"] for user in first["items"] + second["items"]] == ["master", "u1", "u2", "u3"]
    members = (await master.get("/users", params={"role": "member"})).json()["items"]
    assert [user["username"] for user in members] == ["u1", "u2", "u3"]


async def test_access_to_a_group_that_is_not_there_is_refused(house: House, code: Code) -> None:
    """G1: a name that was mistyped must not become a right nobody notices."""
    master = await house.sign_in()
    user = await house.user("reza", group_access=[{"group_id": "north"}])
    role = (await master.post("/roles", json={"name": "Desk", "permissions": []})).json()
    wrong = [{"group_id": "north"}, {"group_id": "nroth"}]
    refused = await asyncio.gather(  # each waits in vain for a group that may have been made just now
        master.post("/users", json={"username": "sara", "group_access": wrong}),
        master.patch(f"/users/{user['id']}", json={"group_access": wrong}, headers=etag(user)),
        master.post("/roles", json={"name": "Other", "permissions": [], "group_access": wrong}),
        master.patch(f"/roles/{role['id']}", json={"group_access": wrong}, headers=etag(role)),
    )
    assert [code(answer) for answer in refused] == [(422, "validation_failed")] * 4
    assert {answer.json()["errors"][0]["field"] for answer in refused} == {"group_access.1.group_id"}


async def test_a_group_that_was_removed_since_may_stay_where_it_stands(house: House) -> None:
    """G1: otherwise nobody could change such a user any more."""
    master = await house.sign_in()
    user = await house.user("reza", group_access=[{"group_id": "north"}])
    removed = {"type": "group", "id": "north", "name": "north", "parent_id": None, "version": 2, "removed": True}
    await house.it.publish(topics.DEFINITIONS, "group:north", removed)
    await house.settle()
    both = {"group_access": [{"group_id": "north"}, {"group_id": "south"}]}
    changed = await master.patch(f"/users/{user['id']}", json=both, headers=etag(user))
    assert changed.status_code == 200, changed.text


async def test_a_group_made_a_moment_ago_is_waited_for(house: House) -> None:
    """G1: it was acknowledged, only its news is still on the way."""
    master = await house.sign_in()
    body = {"username": "reza", "group_access": [{"group_id": "new"}]}
    asked = asyncio.create_task(master.post("/users", json=body))
    await house.it.group("new")
    assert (await asked).status_code == 201
