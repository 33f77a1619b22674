"""R12, G1, Q6: nobody sees what they may not: every operation of the merged document for everybody who may not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
import pytest_asyncio

from rapport_contracts import permissions
from rapport_testkit.installation import Client, installed, until
from tests.chaos.killing import LONG, size
from tests.contract.rights_queries import FACETS, Asked, brute_force, random_queries
from tests.contract.rights_requests import Request, every_request
from tests.contract.rights_world import CANARY, World, build

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(3_600 if LONG else 300)]

# What anybody who is signed in may ask: about oneself, or what every page of the console needs.
FOR_ANYBODY_SIGNED_IN = {
    "GET /api/v1/auth/me",
    "POST /api/v1/auth/password",
    "GET /api/v1/auth/sessions",
    "DELETE /api/v1/auth/sessions/{session_id}",
    "POST /api/v1/auth/sessions:revoke-others",
    "POST /api/v1/auth/sign-out",
    "GET /api/v1/api-keys",
    "POST /api/v1/api-keys",
    "GET /api/v1/api-keys/{key_id}",
    "DELETE /api/v1/api-keys/{key_id}",
    "GET /api/v1/settings",
    "GET /api/v1/permissions",
    "POST /api/v1/users:batch-get",
    "GET /api/v1/jobs",
    "GET /api/v1/jobs/{job_id}",
    "POST /api/v1/jobs/{job_id}:{verb}",
    "GET /api/v1/live",
    "GET /api/v1/roles",
    "GET /api/v1/roles/{role_id}",
    "GET /api/v1/users/{user_id}",  # oneself
}
# Paths that name a thing of South, or of a person who does not share it.
HIDDEN = {
    "customer_id",
    "group_id",
    "field_id",
    "entry_id",
    "template_id",
    "message_id",
    "import_id",
    "job_id",
    "filter_id",
    "session_id",
}
GONE_SECONDS = 5.0  # R12; an idle machine needs 3, which is how long the gateway believes a session (FRESH_SECONDS)
PATIENCE = 60.0  # of a test, on a machine that does other things as well
QUERIES = size(300, 10_000)
Expected = Callable[[Request], set[int] | None]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    data: Path = tmp_path_factory.mktemp("rights") / "data"
    async with installed(data, {"RAPPORT_RATE_USER": "0/0", "RAPPORT_RATE_ADDRESS": "0/0"}) as installation:
        yield await build(installation)


async def requests(world: World) -> list[Request]:
    document = await world.master.get("/openapi.json")
    hidden = world.ids["customer_id"]
    values: dict[str, Any] = {
        "ids": [hidden],
        "customer_ids": [hidden],
        "customer_id": hidden,
        "group_ids": [world.ids["group_id"]],
        "groups": [world.ids["group_id"]],
        "parent_id": world.ids["group_id"],
        "audience": {"customer_ids": [hidden]},
        "section_id": world.ids["section_id"],
        "permissions": [],
        "q": CANARY,
        "topics": "customers",
        "name": "x",
        "text": "hello",
    }
    found = list(every_request(document, world.ids, values))
    assert len(found) > 100
    assert {one.template for one in found} == set(document["paths"])
    return found


async def sweep(world: World, client: httpx.AsyncClient, headers: Mapping[str, str], expected: Expected) -> None:
    """Every operation: the status that is expected, no server error, and not one word of South."""
    wrong = []
    for one in await requests(world):
        status, text = await one.by(client, {"if-match": '"999999"', **headers})
        wanted = expected(one)
        told = [secret for secret in world.secrets if secret in text and secret not in one.said]
        if CANARY in text.casefold().replace(f"“{CANARY}”", "") and status < 400:
            told.append(CANARY)
        if status >= 500 or (wanted is not None and status not in wanted) or told:
            wrong.append((one.operation, status, told, text[:300]))
    assert not wrong, "\n".join(map(str, wrong))


def always_unknown(one: Request) -> set[int] | None:
    return None if one.public else {401}


def bare(world: World) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=f"{world.installation.url}/api/v1", timeout=60)


async def test_random_queries_are_answered_as_if_only_the_visible_customers_were_there(world: World) -> None:
    """Q6, Q9: hits in their order, counts, facets, pages and scans equal brute force over what the clerk sees."""
    asked = random_queries(world, QUERIES)
    expected = [brute_force(world, one) for one in asked]
    assert len(asked) == QUERIES
    assert sum(one is not None and bool(one.ids) for one in expected) > QUERIES // 4
    for number, (query, answer) in enumerate(zip(asked, expected, strict=True)):
        body = query.body(limit=500, facets=list(FACETS))
        said = await world.clerk.call("POST", "/customers:search", json=body)
        if answer is None:
            assert said.status_code == 422, (query, said.text)
            continue
        assert said.status_code == 200, (query, said.text)
        found = said.json()
        assert [one["id"] for one in found["items"]] == answer.ids, query
        assert found["count"] == len(answer.ids), query
        for name, counted in answer.facets.items():
            assert {one["value"]: one["count"] for one in found["facets"][name]} == dict(counted), (name, query)
        if number % 6 == 0:
            assert await paged(world.clerk, query) == answer.ids, query
        if number % 6 == 3:
            lines = (await world.clerk.call("POST", "/customers:scan", json={"query": query.query})).text.splitlines()
            assert sorted(orjson.loads(line)["id"] for line in lines) == sorted(answer.ids), query


async def paged(client: Client, query: Asked) -> list[str]:
    ids: list[str] = []
    after = None
    while True:
        page = await client.post("/customers:search", query.body(limit=4, after=after))
        ids += [one["id"] for one in page["items"]]
        after = page["next"]
        if after is None:
            return ids


async def test_every_way_to_read_customers_shows_the_visible_ones_and_no_other(world: World) -> None:
    """Q6: list, batch-get, quick search, timeline, messages."""
    everybody = [one["id"] for one in world.customers]
    listed: list[str] = []
    after: str | None = None
    while True:
        page = await world.clerk.get("/customers", params={"limit": 7} | ({"after": after} if after else {}))
        listed += [one["id"] for one in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert len(listed) == len(set(listed))
    assert set(listed) == world.seen
    got = await world.clerk.post("/customers:batch-get", {"ids": everybody})
    assert {one["id"] for one in got["items"]} == world.seen
    for number, customer in enumerate(everybody):
        found = await world.clerk.get("/customers:quick", params={"q": f"mark{number}x"})
        assert [one["id"] for one in found["items"]] == ([customer] if customer in world.seen else [])
        status = (await world.clerk.call("GET", f"/customers/{customer}/timeline")).status_code
        assert status == (200 if customer in world.seen else 404)
    of_all = (await world.master.get("/messages", params={"limit": 500}))["items"]
    mine = (await world.clerk.get("/messages", params={"limit": 500}))["items"]
    assert {one["id"] for one in mine} == {one["id"] for one in of_all if one["customer_id"] in world.seen}
    assert 0 < len(mine) < len(of_all)


async def test_a_field_of_other_groups_is_unknown_everywhere(world: World) -> None:
    """C4, Q6: refused in the words for a field that never was; never shown, nor offered to a mapping or a text."""
    hidden, never = world.fields["hidden"], "0" * 32
    assert hidden in (await world.master.call("GET", "/custom-fields")).text
    for path in ("/custom-fields", "/imports/targets", "/templates/variables", "/customers?limit=500"):
        said = await world.clerk.call("GET", path, expect=200)
        assert hidden not in said.text, path
        assert f"{CANARY} value" not in said.text, path
    customer = min(world.seen)
    now = (await world.clerk.get(f"/customers/{customer}"))["version"]
    refusals = []
    for field in (hidden, never):
        query = {"query": {"field": f"custom.{field}", "op": "filled"}}
        sort = {"sort": [{"field": f"custom.{field}"}]}
        patch = {"json": {"fields": {field: "x"}}, "headers": {"if-match": f'"{now}"'}}
        answers = [
            await world.clerk.call("POST", "/customers:search", json=query),
            await world.clerk.call("POST", "/customers:scan", json=query),
            await world.clerk.call("POST", "/customers:search", json=sort),
            await world.clerk.call("POST", "/filters", json={"name": field, **query}),
            await world.clerk.call("PATCH", f"/customers/{customer}", **patch),
        ]
        assert {one.status_code for one in answers} == {422}, [one.text for one in answers]
        refusals.append([one.text.replace(field, "FIELD") for one in answers])
    assert refusals[0] == refusals[1]


async def test_anonymous_gets_401_everywhere(world: World) -> None:
    async with bare(world) as client:
        await sweep(world, client, {}, always_unknown)


async def test_a_user_without_any_permission_gets_403(world: World) -> None:
    nobody = await world.user("nobody", [], "north")
    _, key = await world.key(nobody)

    def expected(one: Request) -> set[int] | None:
        if one.public or one.operation in FOR_ANYBODY_SIGNED_IN:
            return None
        return {403}

    async with key:
        await sweep(world, key, {}, expected)


async def test_a_user_with_the_permission_but_only_another_group_is_told_nothing(world: World) -> None:
    """Also with a stale If-Match: what is not seen is 404 before its version is looked at."""
    _, key = await world.key(world.clerk)

    def expected(one: Request) -> set[int] | None:
        return {403, 404} if one.names & HIDDEN else None

    async with key:
        await sweep(world, key, {}, expected)


async def test_the_session_of_a_disabled_user_opens_nothing(world: World) -> None:
    user = await world.user("disabled", list(permissions.ALL), "south")
    assert (await user.get("/customers"))["items"]
    await change(world, "disabled", {"disabled": True})
    await refused_soon(user.http)
    await sweep(world, user.http, {"x-csrf-token": user.csrf}, always_unknown)


async def test_a_revoked_api_key_opens_nothing(world: World) -> None:
    user = await world.user("keyed", list(permissions.ALL), "south")
    key_id, key = await world.key(user)
    async with key:
        assert (await key.get("/customers")).json()["items"]
        await user.call("DELETE", f"/api-keys/{key_id}", expect=204)
        await refused_soon(key)
        await sweep(world, key, {}, always_unknown)


async def test_a_signed_out_session_opens_nothing(world: World) -> None:
    user = await world.user("leaving", list(permissions.ALL), "south")
    cookies = {"cookie": "; ".join(f"{name}={value}" for name, value in user.http.cookies.items())}
    await user.call("POST", "/auth/sign-out", expect=204)
    async with bare(world) as client:
        await sweep(world, client, {"x-csrf-token": user.csrf, **cookies}, always_unknown)


async def test_a_right_taken_away_is_gone_from_list_search_and_live_stream(world: World) -> None:
    user = await world.user("demoted", ["customers.view", "customers.edit"], "north")
    seen = sorted(world.seen)
    frames: list[dict[str, Any]] = []
    listening = asyncio.create_task(listen(user, frames))
    try:
        await until(lambda: told_of(world, seen[0], frames), PATIENCE)
        await change(world, "demoted", {"group_access": []})
        end = time.monotonic() + GONE_SECONDS

        async def gone() -> bool:
            listed = await user.get("/customers")
            found = await user.post("/customers:search", {})
            return bool(listed["items"] == [] and found["count"] == 0 and found["items"] == [])

        await until(gone, PATIENCE)
        await asyncio.sleep(max(0.0, end - time.monotonic()))
        before = len(frames)
        for customer in seen[:5]:
            await touch(world, customer)
        own = await world.master.get(f"/users/{world.users['demoted']}")
        await world.master.call(  # the stream still lives: a frame that is allowed comes after those that are not
            "PATCH", f"/users/{own['id']}", json={"name": "X"}, headers={"if-match": f'"{own["version"]}"'}, expect=200
        )

        async def own_frame() -> bool:
            return any(one["id"] == own["id"] for one in frames[before:])

        await until(own_frame, PATIENCE, lambda: str(frames[before:]))
        assert {one["type"] for one in frames[before:]} == {"user"}
        assert (await user.call("GET", f"/customers/{seen[0]}")).status_code == 404
    finally:
        listening.cancel()


async def test_the_live_stream_of_a_user_who_is_disabled_ends(world: World) -> None:
    user = await world.user("silenced", ["customers.view"], "north")
    frames: list[dict[str, Any]] = []
    listening = asyncio.create_task(listen(user, frames))
    customer = min(world.seen)
    await until(lambda: told_of(world, customer, frames), PATIENCE)
    await change(world, "silenced", {"disabled": True})
    async with asyncio.timeout(PATIENCE):
        await listening


async def listen(user: Client, frames: list[dict[str, Any]]) -> None:
    """Every frame of the user's stream, until it ends."""
    async with user.http.stream("GET", "/live", params={"topics": "customers,users"}, timeout=60) as answer:
        assert answer.status_code == 200
        async for line in answer.aiter_lines():
            frames += [orjson.loads(line[6:])] if line.startswith('data: {"type"') else []


async def told_of(world: World, customer: str, frames: list[dict[str, Any]]) -> bool:
    await touch(world, customer)
    await asyncio.sleep(0.2)
    return any(one["id"] == customer for one in frames)


async def touch(world: World, customer: str) -> None:
    now = await world.master.call("GET", f"/customers/{customer}", expect=200)
    patch = {"description": str(time.time_ns())}
    headers = {"if-match": now.headers["etag"]}
    await world.master.call("PATCH", f"/customers/{customer}", json=patch, headers=headers, expect=200)


async def change(world: World, name: str, patch: dict[str, Any]) -> None:
    now = await world.master.call("GET", f"/users/{world.users[name]}", expect=200)
    headers = {"if-match": now.headers["etag"]}
    await world.master.call("PATCH", f"/users/{world.users[name]}", json=patch, headers=headers, expect=200)


async def refused_soon(client: httpx.AsyncClient) -> None:
    async def refused() -> bool:
        return (await client.get("/customers")).status_code == 401

    await until(refused, PATIENCE)
