"""Roles of one's own and API keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from rapport_contracts.permissions import ALL, BUILT_IN_ROLES

from .conftest import House

Code = Callable[[httpx.Response], tuple[int, str]]


def etag(thing: dict[str, Any]) -> dict[str, str]:
    return {"if-match": f'"{thing["version"]}"'}


async def test_a_role_is_made_changed_used_and_deleted(house: House, code: Code) -> None:
    """G1: own roles with permissions and group access."""
    master = await house.sign_in()
    body = {"name": "Desk", "permissions": ["entries.view", "customers.view"], "group_access": [{"group_id": "north"}]}
    role = (await master.post("/roles", json=body)).json()
    assert role["permissions"] == ["customers.view", "entries.view"]
    user = await house.user("reza", roles=[role["id"]])
    reza = await house.sign_in("reza")
    assert (await reza.get("/auth/me")).json()["permissions"] == ["customers.view", "entries.view"]
    patch = {"permissions": ["customers.view", "tags.edit"]}
    role = (await master.patch(f"/roles/{role['id']}", json=patch, headers=etag(role))).json()
    assert role["group_access"] == [{"group_id": "north", "view": True, "edit": False, "remove": False}]
    await house.settle()
    assert (await reza.get("/auth/me")).json()["permissions"] == ["customers.view", "tags.edit"]
    in_use = await master.delete(f"/roles/{role['id']}", headers=etag(role))
    assert (code(in_use), in_use.json()["users"]) == ((409, "in_use"), 1)
    await master.delete(f"/users/{user['id']}", headers=etag(user))
    assert (await master.delete(f"/roles/{role['id']}", headers=etag(role))).status_code == 204
    assert code(await master.get(f"/roles/{role['id']}")) == (404, "not_found")
    assert (await master.post("/roles", json=body)).status_code == 201


async def test_a_role_for_every_group(house: House) -> None:
    master = await house.sign_in()
    role = {"name": "All", "permissions": ["customers.view"], "group_access": None}
    made = (await master.post("/roles", json=role)).json()
    user = await house.user("reza", roles=[made["id"]])
    assert house.it.runtime.directory.acting_for(user["id"], "job").view_groups is None


async def test_a_role_shows_only_the_groups_that_its_reader_sees(house: House) -> None:
    """R12: an unknown group is invisible, also in the rights of others; who edits roles or users sees them all."""
    master = await house.sign_in()
    body = {"name": "Two", "permissions": [], "group_access": [{"group_id": "north"}, {"group_id": "south"}]}
    two = (await master.post("/roles", json=body)).json()
    await house.user("reza", roles=["member"], group_access=[{"group_id": "north"}])
    reza = await house.sign_in("reza")
    listed = {role["id"]: role for role in (await reza.get("/roles")).json()["items"]}
    for role in (listed[two["id"]], (await reza.get(f"/roles/{two['id']}")).json()):
        assert [one["group_id"] for one in role["group_access"]] == ["north"]
    assert (await master.get(f"/roles/{two['id']}")).json()["group_access"] == two["group_access"]
    assert listed["master"]["group_access"] is None


@pytest.mark.parametrize("name", ["master", "manager", "member"])
async def test_the_built_in_roles_cannot_be_changed(house: House, code: Code, name: str) -> None:
    master = await house.sign_in()
    role = (await master.get(f"/roles/{name}")).json()
    assert set(role["permissions"]) == BUILT_IN_ROLES[name]
    assert code(await master.patch(f"/roles/{name}", json={"name": "x"}, headers=etag(role))) == (403, "forbidden")
    assert code(await master.delete(f"/roles/{name}", headers=etag(role))) == (403, "forbidden")
    assert code(await master.post("/roles", json={"name": name.upper()})) == (409, "name_taken")


async def test_unknown_permissions_are_422(house: House, code: Code) -> None:
    answer = await (await house.sign_in()).post("/roles", json={"name": "x", "permissions": ["customers.fly"]})
    assert code(answer) == (422, "validation_failed")
    assert answer.json()["errors"][0]["field"] == "permissions.0"


async def test_whoever_edits_roles_gives_no_right_they_do_not_hold(house: House, code: Code) -> None:
    """R12."""
    master = await house.sign_in()
    role = (await master.post("/roles", json={"name": "r", "permissions": ["roles.edit"]})).json()
    await house.user("reza", roles=[role["id"]])
    reza = await house.sign_in("reza")
    refused = [
        await reza.post("/roles", json={"name": "x", "permissions": ["users.edit"]}),
        await reza.post("/roles", json={"name": "x", "group_access": None}),
        await reza.patch(
            f"/roles/{role['id']}", json={"permissions": ["roles.edit", "users.edit"]}, headers=etag(role)
        ),
        await reza.patch(f"/roles/{role['id']}", json={"group_access": None}, headers=etag(role)),
    ]
    assert {code(answer) for answer in refused} == {(403, "forbidden")}


async def test_all_permissions_are_listed_by_section(house: House) -> None:
    sections = (await (await house.sign_in()).get("/permissions")).json()["items"]
    assert sorted(name for section in sections for name in section["permissions"]) == sorted(ALL)


async def test_an_api_key_is_shown_once_and_kept_as_a_hash(house: House, code: Code) -> None:
    """G1: API keys."""
    master = await house.sign_in()
    made = (await master.post("/api-keys", json={"name": "sync", "permissions": ["customers.view"]})).json()
    key = made["key"]
    listed = (await master.get("/api-keys")).json()["items"]
    assert [(one["name"], one["hint"], "key" in one) for one in listed] == [("sync", key[-4:], False)]
    kept = await house.it.runtime.db.read(lambda conn: str(conn.exec_driver_sql("SELECT * FROM api_keys").all()))
    assert key not in kept
    found = (await house.resolve(api_key=key)).json()
    assert (found["api_key_id"], found["session_id"]) == (made["id"], None)
    await house.settle()
    token = house.it.signer.sign(found["subject"], 0, api_key=made["id"])
    caller = await house.it.runtime.directory.authenticate(token)
    assert caller.permissions == {"customers.view"}
    assert (await master.get(f"/api-keys/{made['id']}")).json()["last_used_at"] is not None
    assert (await master.delete(f"/api-keys/{made['id']}")).status_code == 204
    assert code(await house.resolve(api_key=key)) == (401, "unauthenticated")
    assert code(await master.delete(f"/api-keys/{made['id']}")) == (404, "not_found")


async def test_a_repeated_create_shows_the_same_key(house: House) -> None:
    """R5."""
    master, keyed = await house.sign_in(), {"idempotency-key": "k1"}
    answers = [await master.post("/api-keys", json={"name": "sync"}, headers=keyed) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert (await house.resolve(api_key=answers[0].json()["key"])).status_code == 200
    kept = await house.it.runtime.db.read(
        lambda conn: str(conn.exec_driver_sql("SELECT * FROM idempotency_keys").all())
    )
    assert answers[0].json()["key"] not in kept


async def test_a_key_can_do_no_more_than_whoever_made_it(house: House, code: Code) -> None:
    await house.user("reza", roles=["member"])
    reza = await house.sign_in("reza")
    refused = await reza.post("/api-keys", json={"name": "k", "permissions": ["users.edit"]})
    assert code(refused) == (403, "forbidden")
    master = await house.sign_in()
    small = (await master.post("/api-keys", json={"name": "small", "permissions": ["customers.view"]})).json()
    await house.settle()
    by_key = house.it.client(None)
    me = (await house.resolve(api_key=small["key"])).json()["subject"]
    by_key.headers["x-rapport-identity"] = house.it.signer.sign(me, 0, api_key=small["id"])
    child = (await by_key.post("/api-keys", json={"name": "child"})).json()
    assert child["permissions"] == ["customers.view"]
    changing = await by_key.post("/auth/password", json={"old": "x", "new": "another good one"})
    assert code(changing) == (403, "forbidden")


async def test_keys_of_others_are_seen_and_deleted_only_with_users_edit(house: House, code: Code) -> None:
    await house.user("reza", roles=["member"])
    reza, master = await house.sign_in("reza"), await house.sign_in()
    his = (await reza.post("/api-keys", json={"name": "his"})).json()
    hers = (await master.post("/api-keys", json={"name": "hers"})).json()
    assert code(await reza.get(f"/api-keys/{hers['id']}")) == (404, "not_found")
    assert code(await reza.delete(f"/api-keys/{hers['id']}")) == (404, "not_found")
    assert code(await reza.get("/api-keys", params={"user_id": hers["user_id"]})) == (403, "forbidden")
    assert [key["name"] for key in (await reza.get("/api-keys")).json()["items"]] == ["his"]
    every = (await master.get("/api-keys", params={"user_id": "*"})).json()["items"]
    assert {key["name"] for key in every} == {"his", "hers"}
    assert (await master.delete(f"/api-keys/{his['id']}")).status_code == 204
