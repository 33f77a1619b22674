"""What reaches a service, and what comes back."""

from __future__ import annotations

from typing import Any

import pytest

from rapport_gateway.domain.routing import UPLOAD, compiled

from .conftest import World

ROUTES = compiled()


@pytest.mark.parametrize(
    ("method", "path", "service"),
    [
        ("GET", "/customers", "customers"),
        ("POST", "/customers", "customers"),
        ("GET", "/customers/c1", "customers"),
        ("POST", "/customers/c1:disable", "customers"),
        ("POST", "/customers:batch-get", "customers"),
        ("GET", "/customers/c1/history", "customers"),
        ("POST", "/customers:search", "search"),
        ("GET", "/customers:quick", "search"),
        ("POST", "/customers:scan", "search"),
        ("GET", "/customers/c1/timeline", "logging"),
        ("GET", "/customers/c1/timeline:verify", "logging"),
        ("GET", "/groups", "customers"),
        ("DELETE", "/groups/g1", "customers"),
        ("GET", "/custom-fields/f1", "customers"),
        ("PATCH", "/field-sections/s1", "customers"),
        ("GET", "/lists/colours/items", "customers"),
        ("GET", "/filters", "search"),
        ("GET", "/recently-viewed", "search"),
        ("POST", "/search:reindex", "search"),
        ("POST", "/log-entries", "logging"),
        ("PUT", "/log-entries/e1/description", "logging"),
        ("POST", "/tags/t1:replace", "logging"),
        ("POST", "/messages:preview", "messaging"),
        ("GET", "/messages", "messaging"),
        ("PATCH", "/templates/t1", "messaging"),
        ("PUT", "/consent", "messaging"),
        ("POST", "/sandbox/phones/+1555:reply", "messaging"),
        ("POST", "/imports", "import"),
        ("GET", "/imports", "import"),
        ("POST", "/imports/i1:run", "import"),
        ("GET", "/imports/i1/errors.xlsx", "import"),
        ("GET", "/auth/me", "identity"),
        ("POST", "/auth/sign-in", "identity"),
        ("POST", "/users/u1:reset-password", "identity"),
        ("GET", "/roles", "identity"),
        ("GET", "/permissions", "identity"),
        ("DELETE", "/api-keys/k1", "identity"),
        ("PATCH", "/settings", "identity"),
        ("GET", "/audit", "identity"),
        ("GET", "/jobs/import-0190", "import"),
        ("POST", "/jobs/customers-0190:cancel", "customers"),
        ("POST", "/parked-messages/search-0190:replay", "search"),
    ],
)
def test_every_public_path_goes_to_its_service(method: str, path: str, service: str) -> None:
    """G2: the routing table."""
    rule = ROUTES.find(method, path)
    assert rule is not None
    assert rule.service == service


@pytest.mark.parametrize(
    "path",
    [
        "/internal/health",
        "/internal/credentials:resolve",
        "//internal/health",
        "/customersx",
        "/nothing",
        "/",
        "",
        "/jobs/nobody-1",
        "/jobs/-1",
        "/settings/x",
        "/metrics",
    ],
)
def test_what_is_not_in_the_table_does_not_exist(path: str) -> None:
    assert ROUTES.find("GET", path) is None


def test_only_uploads_may_be_large() -> None:
    upload = ROUTES.find("POST", "/imports")
    assert upload is not None
    assert upload.max_body == UPLOAD
    other = ROUTES.find("POST", "/imports/i1:run")
    assert other is not None
    assert other.max_body < UPLOAD


async def test_a_service_gets_the_path_without_the_prefix_and_a_signed_identity(world: World) -> None:
    """G2: short-lived signed identity towards the services."""
    browser = await world.browser()
    seen = (await browser.get("/customers/a%20b?x=1&y=%D8%B1")).json()
    assert (seen["service"], seen["path"], seen["raw_path"]) == ("customers", "/customers/a b", "/customers/a%20b")
    assert seen["query"] == "x=1&y=%D8%B1"
    caller = await world.it.runtime.directory.authenticate(seen["headers"]["x-rapport-identity"])
    assert caller.can("users.edit")
    assert seen["headers"]["x-rapport-client"] == "203.0.113.7"
    assert not {"cookie", "authorization", "x-csrf-token"} & set(seen["headers"])


async def test_internal_headers_from_outside_are_dropped(world: World) -> None:
    """R12: spoofed headers."""
    forged = world.it.signer.sign("somebody-else", 0)
    browser = await world.browser()
    spoofed = {
        "X-Rapport-Identity": forged,
        "x-rapport-session": "other",
        "X-RAPPORT-CLIENT": "127.0.0.1",
        "x-rapport-new": "1",
    }
    said = (await browser.get("/customers", headers=spoofed)).json()["headers"]
    assert forged not in said.values()
    assert said["x-rapport-client"] == "203.0.113.7"
    assert said["x-rapport-session"] != "other"
    assert "x-rapport-new" not in said
    anonymous = await world.client().get("/customers", headers=spoofed)
    assert (anonymous.status_code, anonymous.json()["code"]) == (401, "unauthenticated")


async def test_a_webhook_passes_unauthenticated_and_without_identity(world: World) -> None:
    """G2, M6: webhooks passed through; messaging checks their signature."""
    client = world.client()
    url = "http://rapport.test/webhooks/twilio/status?intent=1"
    headers = {"x-twilio-signature": "abc", "x-rapport-identity": "x"}
    seen = (await client.post(url, content=b"MessageSid=1", headers=headers)).json()
    assert (seen["service"], seen["path"], seen["body"]) == ("messaging", "/webhooks/twilio/status", "MessageSid=1")
    assert seen["headers"]["x-twilio-signature"] == "abc"
    assert seen["headers"]["host"] == "rapport.test"
    assert "x-rapport-identity" not in seen["headers"]


async def test_request_ids_are_echoed_and_odd_ones_replaced(world: World) -> None:
    browser = await world.browser()
    kept = await browser.get("/customers", headers={"x-request-id": "abc-1"})
    assert kept.headers["x-request-id"] == "abc-1"
    assert kept.json()["headers"]["x-request-id"] == "abc-1"
    odd = await browser.get("/customers", headers={"x-request-id": "a b\tc" * 40})
    assert odd.headers["x-request-id"] == odd.json()["headers"]["x-request-id"] != "a b\tc" * 40
    trace = f"00-{'a' * 32}-{'b' * 16}-01"
    assert (await browser.get("/groups", headers={"traceparent": trace})).json()["headers"]["traceparent"] == trace
    assert (await browser.get("/groups", headers={"traceparent": "x"})).json()["headers"]["traceparent"] != "x"


async def test_every_answer_has_the_security_headers_once(world: World) -> None:
    for answer in (await world.client().get("/customers"), await (await world.browser()).get("/customers")):
        assert answer.headers.get_list("x-content-type-options") == ["nosniff"]
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


async def test_a_body_that_is_too_large_is_413_declared_or_not(world: World) -> None:
    """R14."""
    browser = await world.browser()
    declared = await browser.post("/customers", content=b"x" * (3 * 1024 * 1024))
    assert (declared.status_code, declared.json()["code"]) == (413, "too_large")

    async def chunks() -> Any:
        for _ in range(48):
            yield b"x" * 65_536

    undeclared = await browser.post("/customers", content=chunks())
    assert (undeclared.status_code, undeclared.json()["code"]) == (413, "too_large")
    assert [seen["length"] for seen in world.echoes["customers"].requests] == []
    upload = await browser.post("/imports", content=chunks())
    assert upload.json()["length"] == 48 * 65_536


async def test_a_service_that_breaks_is_a_problem_and_others_go_on(world: World) -> None:
    browser = await world.browser()
    world.echoes["customers"].answers["/customers"] = RuntimeError("boom")
    broken = await browser.get("/customers")
    assert (broken.status_code, broken.json()["code"]) == (500, "internal_error")
    assert "boom" not in broken.text
    assert (await browser.get("/tags")).status_code == 200


async def test_an_unknown_path_is_404_for_whom_is_signed_in(world: World) -> None:
    browser = await world.browser()
    for path in ("/internal/health", "/nothing", "/jobs/nobody-1"):
        answer = await browser.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert (await browser.get("http://rapport.test/api/v2/customers")).json()["code"] == "not_found"


async def test_requests_are_counted_by_route_and_status_never_by_what_was_asked(world: World) -> None:
    """G4: Prometheus metrics."""
    browser = await world.browser()
    for path in ("/customers/1", "/customers/2", "/nothing", "http://rapport.test/healthz"):
        await browser.get(path)
    await world.client().get("/customers")
    collected = world.gateway.metrics.registry.collect()
    samples = [one for metric in collected for one in metric.samples if one.name == "http_requests_total"]
    counted = {(one.labels["route"], one.labels["status"]): one.value for one in samples}
    assert counted["/api/v1/customers*", "200"] == 2
    assert counted["/api/v1/customers*", "401"] == 1
    assert counted["/api/v1/none", "404"] == 1
    assert counted["/healthz", "200"] == 1
    assert not any("customers/1" in route for route, _ in counted)
