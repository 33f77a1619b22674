"""Signing in and out, and guessing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from rapport_identity.adapters.argon2 import Argon2Hasher

from .conftest import PASSWORD, House

Code = Callable[[httpx.Response], tuple[int, str]]


async def test_a_sign_in_gives_a_cookie_that_scripts_cannot_read_and_only_its_hash_is_kept(house: House) -> None:
    """G1."""
    answer = await house.try_sign_in("MASTER", PASSWORD)
    assert answer.status_code == 200
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    token = answer.cookies["rapport_session"]
    kept = await house.it.runtime.db.read(lambda conn: str(conn.execute(text("SELECT * FROM sessions")).all()))
    assert token not in kept
    assert PASSWORD not in answer.text
    found = (await house.resolve(session=token)).json()
    assert found["csrf_token"] == answer.json()["csrf_token"]
    assert found["subject"] == answer.json()["user"]["id"]


async def test_wrong_password_unknown_user_and_disabled_user_are_one_answer(house: House, code: Code) -> None:
    await house.user("reza", disabled=True)
    answers = [
        await house.try_sign_in("master", "not the password"),
        await house.try_sign_in("nobody", PASSWORD),
        await house.try_sign_in("reza", PASSWORD),
    ]
    assert {code(answer) for answer in answers} == {(401, "invalid_credentials")}
    assert len({answer.content for answer in answers}) == 1


async def test_an_unknown_user_costs_as_much_hashing_as_a_known_one(house: House, monkeypatch: Any) -> None:
    verified: list[str] = []
    verify = Argon2Hasher.verify

    def noted(hasher: Argon2Hasher, password_hash: str, password: str) -> bool:
        verified.append(password_hash)
        return verify(hasher, password_hash, password)

    monkeypatch.setattr(Argon2Hasher, "verify", noted)
    await house.try_sign_in("nobody", PASSWORD)
    await house.try_sign_in("master", "not the password")
    decoy, real = verified
    assert decoy.split("$")[:4] == real.split("$")[:4]
    assert decoy != real


async def test_repeated_failures_lock_a_user_out_for_a_while_even_with_the_right_password(
    house: House, code: Code
) -> None:
    for _ in range(5):
        assert code(await house.try_sign_in("master", "wrong", ip="10.0.0.9")) == (401, "invalid_credentials")
    locked = await house.try_sign_in("master", PASSWORD, ip="10.0.0.10")
    assert code(locked) == (429, "locked_out")
    assert locked.headers["retry-after"] == "30"
    house.clock.advance(seconds=29)
    assert code(await house.try_sign_in("master", PASSWORD)) == (429, "locked_out")
    house.clock.advance(seconds=1)
    assert (await house.try_sign_in("master", PASSWORD)).status_code == 200
    assert [entry["details"]["locked_seconds"] for entry in await house.audit("sign_in_locked_out")] == [30]


async def test_a_success_forgets_the_users_failures(house: House) -> None:
    for _ in range(3):
        for _ in range(4):
            await house.try_sign_in("master", "wrong")
        assert (await house.try_sign_in("master", PASSWORD)).status_code == 200


async def test_an_address_that_guesses_at_many_users_is_locked_out(house: House, code: Code) -> None:
    for number in range(50):
        await house.try_sign_in(f"user{number}", "wrong", ip="10.6.6.6")
    assert code(await house.try_sign_in("master", PASSWORD, ip="10.6.6.6")) == (429, "locked_out")
    assert (await house.try_sign_in("master", PASSWORD, ip="10.0.0.1")).status_code == 200


async def test_guesses_made_at_once_do_not_get_past_the_lock(house: House) -> None:
    answers = await asyncio.gather(*(house.try_sign_in("master", f"wrong {number}") for number in range(30)))
    assert sum(answer.status_code == 401 for answer in answers) <= 6  # the one beside the fifth may be under way


async def test_signing_out_ends_the_session(house: House, code: Code) -> None:
    answer = await house.try_sign_in("master", PASSWORD)
    client = await house.sign_in()
    signed_out = await client.post("/auth/sign-out")
    assert signed_out.status_code == 204
    assert 'rapport_session=""' in signed_out.headers["set-cookie"]
    assert (await client.get("/auth/me")).json()["csrf_token"] is None
    assert (await house.resolve(session=answer.cookies["rapport_session"])).status_code == 200  # the other one stays


async def test_a_session_ends_when_idle_and_when_old(house: House, code: Code) -> None:
    token = (await house.try_sign_in("master", PASSWORD)).cookies["rapport_session"]
    for _ in range(14 * 24 // 23):
        house.clock.advance(hours=23)
        assert (await house.resolve(session=token)).status_code == 200
    house.clock.advance(hours=23)
    assert code(await house.resolve(session=token)) == (401, "unauthenticated")
    other = (await house.try_sign_in("master", PASSWORD)).cookies["rapport_session"]
    house.clock.advance(hours=24)
    assert code(await house.resolve(session=other)) == (401, "unauthenticated")


async def test_a_disabled_users_sessions_and_keys_are_refused_at_once(house: House, code: Code) -> None:
    user = await house.user("reza", roles=["member"])
    reza = await house.sign_in("reza")
    token = (await house.try_sign_in("reza", PASSWORD)).cookies["rapport_session"]
    key = (await reza.post("/api-keys", json={"name": "k"})).json()["key"]
    assert (await house.resolve(api_key=key)).status_code == 200
    master = await house.sign_in()
    etag = {"if-match": f'"{user["version"]}"'}
    assert (await master.patch(f"/users/{user['id']}", json={"disabled": True}, headers=etag)).status_code == 200
    assert code(await house.resolve(session=token)) == (401, "unauthenticated")
    assert code(await house.resolve(api_key=key)) == (401, "unauthenticated")


@pytest.mark.parametrize("body", [{}, {"username": "master"}, {"username": "", "password": "x"}, {"username": 7}])
async def test_a_malformed_sign_in_is_422(house: House, code: Code, body: dict[str, Any]) -> None:
    assert code(await house.it.client(None).post("/auth/sign-in", json=body)) == (422, "validation_failed")


def test_passwords_are_kept_by_argon2id_as_rfc_9106_recommends() -> None:
    """G1: its second recommended option, salted, and outdated when it was made with less."""
    hasher = Argon2Hasher()
    made = hasher.hash("a quiet river")
    assert made.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert made != hasher.hash("a quiet river")
    assert hasher.verify(made, "a quiet river")
    assert not hasher.verify(made, "a quiet rivers")
    assert hasher.is_outdated(Argon2Hasher(memory_kib=8, passes=1, lanes=1).hash("x"))
