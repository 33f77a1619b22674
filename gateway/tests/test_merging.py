"""What the gateway says for all services together: OpenAPI, jobs, parked messages, health."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import orjson
import pytest
import schemathesis

from rapport_gateway.application.openapi import merged, operations
from rapport_gateway.domain.routing import compiled

from .conftest import World


def page(*ids: str, next_: str | None = None) -> dict[str, Any]:
    return {"items": [{"id": one, "state": "done"} for one in ids], "next": next_}


async def test_jobs_of_all_services_are_one_list_newest_first(world: World) -> None:
    """G2: `GET /jobs` merges them."""
    echoes = world.echoes
    for name in echoes:
        echoes[name].answers["/jobs"] = page()
    echoes["customers"].answers["/jobs"] = page("customers-05", "customers-01")
    echoes["import"].answers["/jobs"] = page("import-09", "import-03")
    browser = await world.browser()
    every = (await browser.get("/jobs")).json()
    assert [job["id"] for job in every["items"]] == ["import-09", "customers-05", "import-03", "customers-01"]
    assert (every["next"], every["missing"]) == (None, [])


class Shelf:
    """A service with jobs, as the chassis pages them."""

    def __init__(self, *ids: str) -> None:
        self.ids = ids

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        query = {key: values[0] for key, values in parse_qs(scope["query_string"].decode()).items()}
        limit = int(query["limit"])
        shown = [one for one in self.ids if "after" not in query or one < query["after"]][:limit]
        body = page(*shown, next_=shown[-1] if len(shown) == limit else None)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": orjson.dumps(body)})


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8])
async def test_paging_through_merged_jobs_shows_each_once(world: World, limit: int) -> None:
    browser = await world.browser()
    shelves = {name: Shelf() for name in ("search", "logging", "messaging")}
    shelves["customers"] = Shelf("customers-08", "customers-05", "customers-02")
    shelves["import"] = Shelf("import-09", "import-07", "import-06", "import-01")
    world.replace_peers({"identity": world.it.app, **shelves})
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        answer = (await browser.get("/jobs", params={"limit": str(limit)} | after)).json()
        seen += [job["id"].partition("-")[2] for job in answer["items"]]
        if answer["next"] is None:
            break
        after = {"after": answer["next"]}
    assert seen == ["09", "08", "07", "06", "05", "02", "01"]


async def test_a_service_that_is_away_is_named_and_the_others_are_shown(world: World) -> None:
    browser = await world.browser()
    for name in world.echoes:
        world.echoes[name].answers["/jobs"] = page()
    world.echoes["import"].answers["/jobs"] = page("import-09")
    world.echoes["search"].status["/jobs"] = 503
    answer = (await browser.get("/jobs")).json()
    assert [job["id"] for job in answer["items"]] == ["import-09"]
    assert answer["missing"] == ["search"]


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=x", "after=%21", "after=" + "x" * 3000])
async def test_odd_pages_are_422(world: World, query: str) -> None:
    answer = await (await world.browser()).get(f"/jobs?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")


async def test_parked_messages_of_all_services_are_one_list_oldest_first(world: World) -> None:
    for name in world.echoes:
        world.echoes[name].answers["/parked-messages"] = page()
    world.echoes["search"].answers["/parked-messages"] = page("search-2")
    world.echoes["logging"].answers["/parked-messages"] = page("logging-1", "logging-3")
    browser = await world.browser()
    found = (await browser.get("/parked-messages")).json()["items"]
    assert [one["id"] for one in found] == ["logging-1", "search-2", "logging-3"]
    await world.user("weak", roles=["member"])
    weak = await (await world.browser("weak")).get("/parked-messages")
    assert (weak.status_code, weak.json()["code"]) == (403, "forbidden")


async def test_ready_only_when_every_service_is_and_lag_does_not_matter(world: World) -> None:
    """G4: health and readiness."""
    client = world.client()
    assert (await client.get("http://rapport.test/healthz")).json() == {"ok": True}
    behind = {"service": "search", "ok": True, "consumers": [{"name": "search.index", "lag": 100_000}]}
    world.echoes["search"].answers["/internal/health"] = behind
    ready = await client.get("http://rapport.test/readyz")
    assert (ready.status_code, ready.json()["ready"]) == (200, True)
    assert ready.json()["services"]["search"] == behind
    world.echoes["search"].status["/internal/health"] = 503
    unready = await client.get("http://rapport.test/readyz")
    assert (unready.status_code, unready.json()["ready"]) == (503, False)
    assert unready.json()["services"]["search"]["ok"] is False


async def test_the_system_is_for_those_who_may_see_it(world: World) -> None:
    system = (await (await world.browser()).get("/system")).json()
    assert set(system["services"]) == {"identity", "customers", "import", "search", "logging", "messaging"}
    await world.user("weak", roles=["member"])
    assert (await (await world.browser("weak")).get("/system")).status_code == 403


def service(*paths: str, **schemas: Any) -> dict[str, Any]:
    operation = {"operationId": "do_it", "responses": {"200": {"description": "fine"}, "422": {"description": "x"}}}
    return {"paths": {path: {"get": dict(operation)} for path in paths}, "components": {"schemas": schemas}}


def test_merging_leaves_out_what_is_internal_or_routed_elsewhere() -> None:
    """G2: one merged OpenAPI document."""
    one = service("/customers", "/internal/health", "/customers:quick", "/jobs/{id}", A={"type": "string"})
    two = service(
        "/customers:quick", "/jobs/{id}", "/webhooks/x", A={"type": "integer"}, B={"$ref": "#/components/schemas/A"}
    )
    document = merged({"customers": one, "search": two, "messaging": service("/webhooks/x")}, compiled())
    own = {"/api/v1/jobs", "/api/v1/live", "/api/v1/parked-messages", "/api/v1/system"}
    assert set(document["paths"]) - own == {
        "/api/v1/customers",
        "/api/v1/customers:quick",
        "/api/v1/jobs/{id}",
        "/webhooks/x",
    }
    schemas = document["components"]["schemas"]
    assert (schemas["A"], schemas["SearchA"]) == ({"type": "string"}, {"type": "integer"})
    assert schemas["B"] == {"$ref": "#/components/schemas/SearchA"}
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(ids) == len(set(ids))
    assert document["paths"]["/webhooks/x"]["get"]["security"] == []


async def test_the_served_document_is_valid_and_says_how_to_sign_in(world: World) -> None:
    for name in world.echoes:
        world.echoes[name].answers["/internal/openapi.json"] = service()
    document = (await world.client().get("/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    schemathesis.openapi.from_dict(document).validate()
    paths = document["paths"]
    assert paths["/api/v1/auth/sign-in"]["post"]["security"] == []
    assert paths["/api/v1/users"]["post"]["security"] == [{"session": [], "csrf": []}, {"bearer": []}]
    assert paths["/api/v1/users"]["post"]["operationId"] == "create_user"
    assert not [path for path in paths if "internal" in path]
    assert "HTTPValidationError" not in str(document)


async def test_the_document_says_what_a_write_needs(world: World) -> None:
    for name in world.echoes:
        world.echoes[name].answers["/internal/openapi.json"] = service()
    paths = (await world.client().get("/openapi.json")).json()["paths"]
    headers = {
        (verb, one["name"]): one["required"]
        for verb, operation in paths["/api/v1/users/{user_id}"].items()
        for one in operation["parameters"]
        if one["in"] == "header"
    }
    assert headers == {("patch", "If-Match"): True, ("delete", "If-Match"): True}
    posted = [one["name"] for one in paths["/api/v1/users"]["post"]["parameters"]]
    assert posted == ["Idempotency-Key"]


async def test_a_method_that_is_not_there_is_405_and_names_those_that_are(world: World) -> None:
    """RFC 9110, section 15.5.6."""
    for name in world.echoes:
        world.echoes[name].answers["/internal/openapi.json"] = service()
    browser = await world.browser()
    known = {
        "/users": "GET, POST",
        "/users/u1": "DELETE, GET, PATCH",
        "/users/u1:reset-password": "POST",
        "/jobs": "GET",
    }
    for path, allow in known.items():
        answer = await browser.put(path)
        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
        assert answer.headers.get_list("allow") == [allow]


async def test_every_route_refuses_anonymous_callers(world: World) -> None:
    """R12: generated from the merged OpenAPI."""
    for name in world.echoes:
        world.echoes[name].answers["/internal/openapi.json"] = service()
    document = (await world.client().get("/openapi.json")).json()
    checked = 0
    for verb, path, operation in operations(document):
        if operation.get("security") == []:
            continue
        url = "http://rapport.test" + path.replace("{", "").replace("}", "")
        answer = await world.client().request(verb.upper(), url)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated"), (verb, path)
        checked += 1
    assert checked > 25
