"""Sessions, keys, CSRF, limits: who gets through the gateway."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from rapport_gateway.application.authentication import FRESH_SECONDS
from rapport_gateway.domain.limits import Limiter, Rate
from rapport_gateway.domain.origins import csrf_token_is_right, origin_is_ours

from .conftest import PASSWORD, Clock, World, opened


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_nobody_gets_through_without_a_session_or_key(world: World) -> None:
    assert code(await world.client().get("/customers")) == (401, "unauthenticated")
    for wrong in ("Bearer rpk_wrong", "Bearer ", "Basic bWFzdGVyOng=", "rpk_wrong"):
        assert code(await world.client(authorization=wrong).get("/customers")) == (401, "unauthenticated")
    assert code(await world.client(cookie="rapport_session=made-up").get("/customers")) == (401, "unauthenticated")
    assert world.echoes["customers"].requests == []


async def test_a_session_lets_read_and_with_its_token_write(world: World) -> None:
    """G1: sessions are CSRF-safe."""
    browser = await world.browser()
    assert (await browser.get("/customers")).status_code == 200
    assert (await browser.post("/customers", json={})).status_code == 200
    right = browser.headers.pop("x-csrf-token")
    assert code(await browser.post("/customers", json={})) == (403, "csrf_failed")
    assert code(await browser.delete("/groups/g", headers={"x-csrf-token": "wrong"})) == (403, "csrf_failed")
    other = await world.browser()
    assert code(await browser.patch("/groups/g", headers={"x-csrf-token": other.headers["x-csrf-token"]})) == (
        403,
        "csrf_failed",
    )
    assert (await browser.put("/consent", headers={"x-csrf-token": right})).status_code == 200
    assert (await browser.get("/auth/me")).json()["csrf_token"] == right


@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        ({"origin": "http://rapport.test"}, True),
        ({"origin": "https://rapport.test"}, True),
        ({"origin": "https://evil.test"}, False),
        ({"origin": "http://rapport.test.evil.test"}, False),
        ({"origin": "null"}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-origin"}, True),
    ],
)
async def test_a_page_of_another_site_may_neither_write_nor_sign_in(
    world: World, headers: dict[str, str], passes: bool
) -> None:
    browser = await world.browser()
    assert (await browser.post("/customers", json={}, headers=headers)).status_code == (200 if passes else 403)
    body = {"username": "master", "password": PASSWORD}
    signing_in = await world.client().post("/auth/sign-in", json=body, headers=headers)
    assert signing_in.status_code == (200 if passes else 403)


def test_the_origin_of_the_public_url_is_ours() -> None:
    assert origin_is_ours("https://crm.example", "same-site", "10.0.0.7:8080", frozenset({"https://crm.example"}))
    assert not origin_is_ours("https://crm.example", None, "10.0.0.7:8080", frozenset())
    assert not csrf_token_is_right("", "")
    assert not csrf_token_is_right("x", None)


async def test_an_api_key_needs_no_csrf_token_and_is_cut_to_its_permissions(world: World) -> None:
    """G1: API keys."""
    key = await world.api_key(await world.browser(), permissions=["customers.view"])
    seen = (await key.post("/customers", json={}, headers={"origin": "https://evil.test"})).json()
    caller = await world.it.runtime.directory.authenticate(seen["headers"]["x-rapport-identity"])
    assert caller.permissions == {"customers.view"}
    assert caller.via.startswith("api_key:")
    assert "x-rapport-session" not in seen["headers"]
    assert code(await key.get("/users")) == (403, "forbidden")


async def test_a_session_revoked_here_is_refused_at_once_and_elsewhere_within_five_seconds(world: World) -> None:
    """G1, R12."""
    stays, goes = await world.browser(), await world.browser()
    assert (await goes.get("/customers")).status_code == 200
    assert (await goes.post("/auth/sign-out")).status_code == 204
    goes.cookies.clear()
    assert code(await goes.get("/customers")) == (401, "unauthenticated")
    assert (await stays.get("/customers")).status_code == 200
    # another process ends the session: this one only knows by asking again
    await world.it.runtime.db.write(lambda tx: tx.conn.exec_driver_sql("DELETE FROM sessions"))
    assert (await stays.get("/customers")).status_code == 200
    world.clock.now += FRESH_SECONDS + 0.1
    assert FRESH_SECONDS < 5
    assert code(await stays.get("/customers")) == (401, "unauthenticated")


async def test_a_disabled_user_is_refused_within_seconds(world: World) -> None:
    user = await world.user("reza", roles=["member"])
    reza, master = await world.browser("reza"), await world.browser()
    key = await world.api_key(reza)
    assert (await reza.get("/auth/me")).status_code == (await key.get("/auth/me")).status_code == 200
    etag = {"if-match": f'"{user["version"]}"'}
    changed = await master.patch(f"/users/{user['id']}", json={"disabled": True}, headers=etag)
    await world.known(changed.json()["version"])
    assert code(await reza.get("/auth/me")) == (401, "unauthenticated")  # the directory knows before the cache forgets
    world.clock.now += FRESH_SECONDS + 0.1
    assert code(await reza.get("/customers")) == (401, "unauthenticated")
    assert code(await key.get("/customers")) == (401, "unauthenticated")


async def test_a_change_of_password_ends_the_other_sessions_at_once(world: World) -> None:
    this, other = await world.browser(), await world.browser()
    assert (await other.get("/customers")).status_code == 200
    changed = await this.post("/auth/password", json={"old": PASSWORD, "new": "another good password"})
    assert changed.status_code == 204
    assert code(await other.get("/customers")) == (401, "unauthenticated")
    assert (await this.get("/customers")).status_code == 200
    await world.browser(password="another good password")


async def test_a_made_password_must_be_changed_before_anything_else(world: World) -> None:
    """G1: until then every other path answers 403."""
    master = await world.browser()
    made = (await master.post("/users", json={"username": "reza", "roles": ["member"]})).json()["password"]
    reza = await world.browser("reza", made)
    for path in ("/customers", "/settings", "/live", "/jobs", "/nothing"):
        assert code(await reza.get(path)) == (403, "password_change_required")
    assert code(await reza.post("/customers", json={})) == (403, "password_change_required")
    assert (await reza.get("/auth/me")).json()["password_change_required"] is True
    assert code(await reza.post("/auth/password", json={"old": made, "new": "short"})) == (422, "validation_failed")
    assert (await reza.post("/auth/password", json={"old": made, "new": "a good one at last"})).status_code == 204
    assert (await reza.get("/customers")).status_code == 200


async def test_identity_is_asked_once_for_many_requests_at_once(world: World) -> None:
    browser = await world.browser()
    asked = 0
    resolve = world.it.app

    async def counting(scope: Any, receive: Any, send: Any) -> None:
        nonlocal asked
        asked += scope["path"] == "/internal/credentials:resolve"
        await resolve(scope, receive, send)

    world.replace_peers({"identity": counting})
    await asyncio.gather(*(browser.get("/customers") for _ in range(20)))
    assert asked == 1
    world.clock.now += FRESH_SECONDS + 0.1
    await browser.get("/customers")
    assert asked == 2


async def test_when_identity_is_away_it_says_so(world: World) -> None:
    browser = await world.browser()

    async def broken(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 503, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    world.replace_peers({"identity": broken})
    answer = await browser.get("/customers")
    assert code(answer) == (503, "engine_unavailable")
    assert answer.headers["retry-after"] == "2"


async def test_lockout_reaches_the_client_with_its_wait(world: World) -> None:
    """R14."""
    for _ in range(5):
        wrong = await world.client().post("/auth/sign-in", json={"username": "master", "password": "wrong"})
        assert code(wrong) == (401, "invalid_credentials")
    locked = await world.client().post("/auth/sign-in", json={"username": "master", "password": PASSWORD})
    assert code(locked) == (429, "locked_out")
    assert 0 < int(locked.headers["retry-after"]) <= 30


async def test_too_many_requests_of_one_user_are_429_and_others_go_on(tmp_path: Path, cheap_hashes: None) -> None:
    """G2: rate limits per user, key and address."""
    async with opened(tmp_path, {"RAPPORT_RATE_USER": "2/5"}) as world:
        master = await world.browser()
        key = await world.api_key(master)
        answers = [await master.get("/customers") for _ in range(5)]
        assert [answer.status_code for answer in answers] == [200] * 4 + [429]
        assert code(answers[-1]) == (429, "rate_limited")
        assert answers[-1].headers["retry-after"] == "1"
        assert (await key.get("/customers")).status_code == 200
        world.clock.now += 1
        assert (await master.get("/customers")).status_code == 200


async def test_an_address_is_limited_before_anybody_is_known(tmp_path: Path, cheap_hashes: None) -> None:
    async with opened(tmp_path, {"RAPPORT_RATE_ADDRESS": "1/3"}) as world:
        codes = [(await world.client().get("/customers")).status_code for _ in range(4)]
        assert codes == [401, 401, 401, 429]


async def test_a_providers_callbacks_are_not_limited_while_what_messaging_refuses_is(
    tmp_path: Path, cheap_hashes: None
) -> None:
    """P8, R6: providers send thousands a second from few addresses, and do not repeat what was refused."""
    async with opened(tmp_path, {"RAPPORT_RATE_ADDRESS": "1/3"}) as world:
        callback = "http://rapport.test/webhooks/twilio/status"
        world.echoes["messaging"].status["/webhooks/twilio/status"] = 204
        assert {(await world.client().post(callback)).status_code for _ in range(20)} == {204}
        world.echoes["messaging"].status["/webhooks/twilio/status"] = 503
        assert {(await world.client().post(callback)).status_code for _ in range(20)} == {503}
        world.echoes["messaging"].status["/webhooks/twilio/status"] = 403
        passed = len(world.echoes["messaging"].requests)
        assert [(await world.client().post(callback)).status_code for _ in range(5)] == [403] * 3 + [429] * 2
        assert len(world.echoes["messaging"].requests) == passed + 3


async def test_signing_in_has_a_tighter_limit(tmp_path: Path, cheap_hashes: None) -> None:
    async with opened(tmp_path, {"RAPPORT_RATE_SIGN_IN": "1/2"}) as world:
        body = {"username": "nobody", "password": "x"}
        codes = [code(await world.client().post("/auth/sign-in", json=body)) for _ in range(3)]
        assert codes == [(401, "invalid_credentials"), (401, "invalid_credentials"), (429, "rate_limited")]
        assert (await world.client().get("/customers")).status_code == 401


def test_a_bucket_refills_and_is_forgotten_when_full() -> None:
    clock = Clock()
    limiter = Limiter(Rate.parse("10/2"), clock)
    assert [limiter.take("a") for _ in range(3)] == [0, 0, 1]
    clock.now += 0.1
    assert [limiter.take("a"), limiter.take("a")] == [0, 1]
    for number in range(30_000):
        limiter.take(f"address {number}")
    assert len(limiter._buckets) <= 20_001
    assert Limiter(Rate.parse("0/0"), clock).take("a") == 0


def test_a_token_given_back_can_be_taken_again_and_never_makes_more_than_the_burst() -> None:
    limiter = Limiter(Rate.parse("1/2"), Clock())
    limiter.give_back("a")
    assert [limiter.take("a"), limiter.take("a")] == [0, 0]
    limiter.give_back("a")
    assert [limiter.take("a"), limiter.take("a")] == [0, 1]
    for _ in range(5):
        limiter.give_back("a")
    assert [limiter.take("a") for _ in range(3)] == [0, 0, 1]


async def test_reading_an_export_is_audited_when_it_was_read(world: World) -> None:
    """G3: reads of exports."""
    master = await world.browser()
    world.echoes["import"].status["/imports/i2/errors.xlsx"] = 404
    assert (await master.get("/imports/i1/errors.xlsx")).status_code == 200
    assert (await master.get("/imports/i2/errors.xlsx")).status_code == 404
    entries = (await master.get("/audit", params={"action": "export_read"})).json()["items"]
    assert [(one["subject_type"], one["subject_id"], one["ip"]) for one in entries] == [
        ("import_errors", "i1", "203.0.113.7")
    ]
