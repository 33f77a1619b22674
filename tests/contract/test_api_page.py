"""The conventions of ../shared/design/api.md, one test each, as somebody who has only that page would use them."""

from __future__ import annotations

import asyncio
import zipfile
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from rapport_testkit.command import PASSWORD
from rapport_testkit.installation import installed, until
from tests.contract.api_page import IN_SCOPE, LISTS, WHOLE_LISTS, Page, listen, problem, shape, true, uploaded

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def page(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Page]:
    data: Path = tmp_path_factory.mktemp("page") / "data"
    async with installed(data, {"RAPPORT_RATE_USER": "0/0", "RAPPORT_RATE_ADDRESS": "0/0"}) as installation:
        client = await installation.client()
        group = await client.post("/groups", {"name": "Everybody"}, expect=201)
        yield Page(client, installation.url, group["id"])


async def test_every_path_of_the_page_is_in_the_merged_document(page: Page) -> None:
    document = await page.client.get("/openapi.json")
    there = {(method.upper(), shape(path)) for path, one in document["paths"].items() for method in one}
    wanted = set()
    for line in IN_SCOPE.split("\n"):
        *methods, path = line.split() or [""]
        wanted |= {(method, f"/api/v1{path}") for method in methods}
    assert len(wanted) > 90
    assert wanted <= there, wanted - there


async def test_lists_have_items_and_next_and_at_most_five_hundred(page: Page) -> None:
    for path in LISTS:
        assert (await page.client.get(path, params={"limit": 500})).keys() >= {"items", "next"}, path
        await page.refused(422, "validation_failed", "GET", path, params={"limit": 501})
        await page.refused(422, "validation_failed", "GET", path, params={"limit": 0})
    for path in WHOLE_LISTS:
        assert (await page.client.get(path)).keys() >= {"items"}, path


async def test_pages_follow_each_other_and_a_foreign_cursor_is_refused(page: Page) -> None:
    for _ in range(5):
        await page.person()
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        found = await page.client.get("/customers", params={"limit": 2, **after})
        seen += [one["id"] for one in found["items"]]
        if found["next"] is None:
            break
        after = {"after": found["next"]}
    assert len(seen) == len(set(seen)) == len((await page.client.get("/customers", params={"limit": 500}))["items"])
    for path in ("/customers", "/tags", "/templates"):
        await page.refused(422, "validation_failed", "GET", path, params={"after": "bm90IG91cnM"})
    body = {"after": "W10"}
    await page.refused(422, "validation_failed", "POST", "/customers:search", json=body)


async def test_a_change_needs_if_match_and_a_stale_one_gets_the_current_state(page: Page) -> None:
    made = await page.person()
    path = f"/customers/{made.json()['id']}"
    assert made.headers["etag"] == '"1"'
    assert made.headers["location"] == f"/api/v1{path}"
    await page.refused(428, "precondition_required", "PATCH", path, json={"first_name": "Sara"})
    ok = await page.client.call("PATCH", path, json={"first_name": "Sara"}, headers={"if-match": '"1"'}, expect=200)
    assert ok.headers["etag"] == '"2"'
    stale = await page.refused(412, "stale_version", "PATCH", path, json={"title": "X"}, headers={"if-match": '"1"'})
    assert (stale["current"]["version"], stale["current"]["first_name"]) == (2, "Sara")
    assert (await page.client.get(path))["title"] is None


async def test_everything_with_a_version_asks_for_it(page: Page) -> None:
    client = page.client
    section = await client.post("/field-sections", {"title": "Versions"}, expect=201)
    body = {"title": "Versioned", "type": "text", "section_id": section["id"]}
    customer = (await page.person()).json()["id"]
    entry = {"customer_ids": [customer], "actions": [{"text": "called", "tags": []}]}
    template = {"name": "Versioned", "channel": "sms", "body": "hi"}
    made = {
        "/groups": await client.post("/groups", {"name": "Versioned"}, expect=201),
        "/custom-fields": await client.post("/custom-fields", body, expect=201),
        "/field-sections": section,
        "/roles": await client.post("/roles", {"name": "Versioned", "permissions": []}, expect=201),
        "/filters": await client.post("/filters", {"name": "Versioned"}, expect=201),
        "/tags": await client.post("/tags", {"name": "Versioned"}, expect=201),
        "/templates": await client.post("/templates", template, expect=201),
        "/log-entries": await client.post("/log-entries", entry, expect=201),
    }
    for path, thing in made.items():
        one = f"{path}/{thing['id']}"
        await page.refused(428, "precondition_required", "DELETE", one)
        gone = await page.refused(412, "stale_version", "DELETE", one, headers={"if-match": '"9999"'})
        assert gone["current"]["version"] == thing["version"], path
        await client.call("DELETE", one, headers={"if-match": f'"{thing["version"]}"'}, expect=204)


async def test_a_patch_is_a_merge_patch_and_replaces_arrays_whole(page: Page) -> None:
    contacts = [{"kind": "mobile", "value": "0912 345 6789"}, {"kind": "email", "value": "A@b.co"}]
    made = (await page.person(contacts=contacts, address={"city": "Tehran", "street": "Azadi"}, title="Mr.")).json()
    path = f"/customers/{made['id']}"
    patch = {"contacts": [{"kind": "email", "value": "c@d.co"}], "address": {"city": "Shiraz"}, "title": None}
    done = (await page.client.call("PATCH", path, json=patch, headers={"if-match": '"1"'}, expect=200)).json()
    assert [one["value"] for one in done["contacts"]] == ["c@d.co"]
    assert (done["address"]["city"], done["address"]["street"]) == ("Shiraz", "Azadi")
    assert (done["title"], done["first_name"]) == (None, "Reza")


async def test_a_repeated_idempotency_key_gives_the_first_answer_and_another_body_is_refused(page: Page) -> None:
    body = {"kind": "person", "first_name": "Once", "groups": [page.group]}
    key = {"idempotency-key": "the-one-key"}
    first = await page.client.call("POST", "/customers", json=body, headers=key, expect=201)
    again = await page.client.call("POST", "/customers", json=body, headers=key, expect=201)
    assert again.json() == first.json()
    many = await asyncio.gather(
        *(
            page.client.call("POST", "/tags", json={"name": "At once"}, headers={"idempotency-key": "k2"})
            for _ in range(9)
        )
    )
    assert {(one.status_code, one.json()["id"]) for one in many} == {(201, many[0].json()["id"])}
    other = body | {"first_name": "Twice"}
    await page.refused(422, "idempotency_mismatch", "POST", "/customers", json=other, headers=key)


async def test_a_search_with_the_position_of_a_write_finds_it(page: Page) -> None:
    for number in range(10):
        made = await page.person(last_name=f"Position{number}")
        query = {"query": {"field": "last_name", "op": "is", "value": f"Position{number}"}}
        headers = {"x-position": made.headers["x-position"]}
        found = await page.client.call("POST", "/customers:search", json=query, headers=headers, expect=200)
        if found.json()["count"] == 1:
            break
    assert found.json()["items"][0]["id"] == made.json()["id"]
    assert found.json()["as_of"].endswith("Z")
    assert found.json().keys() >= {"items", "count", "next", "facets", "as_of"}


async def test_problems_name_the_faulty_fields(page: Page) -> None:
    body = {"kind": "person", "first_name": 7, "groups": [page.group], "contacts": [{"kind": "pigeon", "value": "x"}]}
    said = await page.refused(422, "validation_failed", "POST", "/customers", json=body)
    assert {one["field"] for one in said["errors"]} == {"first_name", "contacts.0.kind"}
    assert all(one.keys() >= {"field", "code", "detail"} for one in said["errors"])
    query = {"query": {"all": [{"field": "city", "op": "is", "value": "x"}, {"field": "shoe", "op": "is", "value": 1}]}}
    said = await page.refused(422, "validation_failed", "POST", "/customers:search", json=query)
    assert [one["field"] for one in said["errors"]] == ["query.all.1.field"]


async def test_what_is_not_in_scope_is_refused(page: Page) -> None:
    """Issue 3's table: values that name what comes later are refused with 422, not ignored."""
    client = page.client
    made = (await page.person()).json()
    section = (await client.get("/field-sections"))["items"][0]["id"]
    field = {"title": "Weight", "type": "float", "section_id": section}
    body = {"kind": "person", "first_name": "X", "groups": [page.group]}
    send = {"channel": "email", "audience": {"customer_ids": [made["id"]]}, "text": "hi"}
    refused: list[tuple[str, str, Any]] = [
        ("POST", "/custom-fields", field),
        ("POST", "/customers", body | {"account_number": "7"}),
        ("POST", "/customers", body | {"source": "web"}),
        ("POST", "/messages:preview", send),
        ("POST", "/messages", send),
        ("POST", "/messages", send | {"channel": "sms", "schedule": {"at": "2027-01-01"}}),
        ("POST", "/templates", {"name": "T", "channel": "whatsapp", "body": "hi"}),
        ("POST", "/log-entries", {"customer_ids": [made["id"]], "actions": [], "kind": "ticket_saved"}),
    ]
    conditions = [{"field": name, "op": "filled"} for name in ("activity", "assignee", "source", "rating", "industry")]
    conditions += [{"field": "organization.city", "op": "is", "value": "x"}]
    conditions += [{"field": "last_name", "op": "similar", "value": {"text": "reza", "distance": 1}}]
    refused += [("POST", "/customers:search", {"query": one}) for one in conditions]
    for method, path, json in refused:
        await page.refused(422, "validation_failed", method, path, json=json)
    await page.refused(422, "validation_failed", "GET", "/consent", params={"channel": "email", "address": "a@b.co"})
    for path in (f"/customers/{made['id']}:purge", "/customers:explain", "/conversations/x", "/log-entries:search"):
        assert (await client.call("POST", path, json={})).status_code in {404, 405}, path
    assert (await client.call("DELETE", f"/customers/{made['id']}")).status_code == 405


async def test_an_import_refuses_modes_that_are_not_there(page: Page) -> None:
    path, settings, version = await uploaded(page)
    match = {"fields": ["mobile"], "combine": "any"}
    merge = settings | {"mode": "merge", "match": match}
    for wrong in (
        settings | {"mode": "overwrite", "match": match},
        merge | {"match": match | {"similarity": {"last_name": 0.9}}},
        settings | {"plan": True},
    ):
        headers = {"if-match": version}
        await page.refused(422, "validation_failed", "PUT", f"{path}/settings", json=wrong, headers=headers)
    await page.client.call("PUT", f"{path}/settings", json=merge, headers={"if-match": version}, expect=200)
    await page.refused(422, "validation_failed", "POST", f"{path}:run", json={"plan_hash": "x"})
    for verb in (":plan", ":undo"):
        assert (await page.client.call("POST", f"{path}{verb}")).status_code in {404, 422}


async def test_long_work_is_a_job_with_a_place_progress_and_a_position(page: Page) -> None:
    path, settings, version = await uploaded(page)
    frames: list[tuple[str, dict[str, Any]]] = []
    listening = asyncio.create_task(listen(page.client, frames))
    await until(lambda: true(bool(frames)), 60)
    await page.client.call("PUT", f"{path}/settings", json=settings, headers={"if-match": version}, expect=200)
    said = await page.client.call("POST", f"{path}:run", expect=202)
    job = said.json()
    assert said.headers["location"] == f"/api/v1/jobs/{job['id']}"
    assert job["id"].startswith("import-")
    assert job.keys() >= {"id", "kind", "state", "progress", "result", "error"}
    done = await page.client.job(job["id"])
    assert (done["state"], done["error"]) == ("done", None)
    assert done["progress"] == {"done": 1, "total": 1}
    counted = {"read": 1, "created": 1, "changed": 0, "unchanged": 0, "skipped": 0, "ambiguous": 0, "failed": 0}
    assert {name: done["result"][name] for name in counted} == counted
    query = {"query": {"field": "phone", "op": "is", "value": "0912 345 6780"}}
    headers = {"x-position": done["result"]["position"]}
    found = await page.client.call("POST", "/customers:search", json=query, headers=headers, expect=200)
    assert found.json()["count"] == 1
    assert job["id"] in {one["id"] for one in (await page.client.get("/jobs"))["items"]}
    ended = ("job", "done")
    await until(lambda: true(ended in {(event, one.get("state")) for event, one in frames}), 60)
    await page.refused(409, "in_use", "POST", f"/jobs/{job['id']}:cancel")
    listening.cancel()


async def test_the_live_stream_tells_type_id_and_version(page: Page) -> None:
    frames: list[tuple[str, dict[str, Any]]] = []
    listening = asyncio.create_task(listen(page.client, frames))
    await until(lambda: true(bool(frames)), 60)
    made = (await page.person()).json()
    wanted = ("change", {"type": "customer", "id": made["id"], "version": 1})
    await until(lambda: true(wanted in frames), 60, lambda: str(frames))
    await page.refused(422, "validation_failed", "GET", "/live", params={"topics": "customers,weather"})
    listening.cancel()


async def test_who_is_not_signed_in_or_signed_in_by_halves_gets_the_words_of_the_page(page: Page) -> None:
    async with httpx.AsyncClient(base_url=f"{page.url}/api/v1", timeout=60) as anybody:
        problem(await anybody.get("/customers"), 401, "unauthenticated")
        problem(await anybody.get("/customers", headers={"authorization": "Bearer x"}), 401, "unauthenticated")
        wrong = {"username": "master", "password": "wrong"}
        problem(await anybody.post("/auth/sign-in", json=wrong), 401, "invalid_credentials")
        twilio = await anybody.post(f"{page.url}/webhooks/twilio/status", data={"MessageSid": "SM1"})
        assert (twilio.status_code, twilio.json()["code"]) in {(403, "signature_invalid"), (404, "not_found")}
    without = await page.client.http.post("/tags", json={"name": "No token"})
    problem(without, 403, "csrf_failed")
    user = await page.client.post("/users", {"username": "newcomer"}, expect=201)
    first = user["password"]
    async with httpx.AsyncClient(base_url=f"{page.url}/api/v1", timeout=60) as newcomer:
        signed = await newcomer.post("/auth/sign-in", json={"username": "newcomer", "password": first})
        assert signed.status_code == 200
        problem(await newcomer.get("/customers"), 403, "password_change_required")
        assert (await newcomer.get("/auth/me")).status_code == 200
        headers = {"x-csrf-token": signed.json()["csrf_token"]}
        new = {"old": first, "new": f"{PASSWORD} newcomer"}
        assert (await newcomer.post("/auth/password", json=new, headers=headers)).status_code == 204
        problem(await newcomer.get("/customers"), 403, "forbidden")
    for _ in range(12):
        async with httpx.AsyncClient(base_url=f"{page.url}/api/v1", timeout=60) as guesser:
            said = await guesser.post("/auth/sign-in", json={"username": "newcomer", "password": "guess"})
        if said.status_code == 429:
            break
    problem(said, 429, "locked_out")
    assert int(said.headers["retry-after"]) > 0


async def test_refusals_have_the_codes_of_the_page(page: Page) -> None:
    client = page.client
    made = (await page.person()).json()
    path = f"/customers/{made['id']}"
    await page.refused(404, "not_found", "GET", "/customers/nobody")
    patch = {"json": {"groups": []}, "headers": {"if-match": '"1"'}}
    await page.refused(409, "would_leave_without_group", "PATCH", path, **patch)
    body = {"kind": "person", "first_name": "X", "groups": []}
    await page.refused(409, "would_leave_without_group", "POST", "/customers", json=body)
    company = {"kind": "organization", "name": "Pars", "groups": [page.group]}
    company_id = (await client.post("/customers", company, expect=201))["id"]
    await client.call("POST", f"/customers/{company_id}:disable", expect=200)
    patch = {"json": {"organizations": [{"id": company_id}]}, "headers": {"if-match": '"1"'}}
    await page.refused(409, "customer_disabled", "PATCH", path, **patch)
    await page.refused(409, "name_taken", "POST", "/groups", json={"name": "Everybody"})
    group = await client.call("GET", "/groups", expect=200)
    version = next(one["version"] for one in group.json()["items"] if one["id"] == page.group)
    await page.refused(409, "in_use", "DELETE", f"/groups/{page.group}", headers={"if-match": f'"{version}"'})
    template = {"name": "Unknown", "channel": "sms", "body": "Dear {{shoe_size}}"}
    await page.refused(422, "unknown_variable", "POST", "/templates", json=template)
    deep: dict[str, Any] = {"all": [{"field": "city", "op": "filled"}] * 1_000}
    await page.refused(422, "query_too_complex", "POST", "/customers:search", json={"query": deep})
    await page.refused(413, "too_large", "POST", "/customers", content=b"[" + b"1," * 9_000_000 + b"1]")


async def test_what_the_system_wrote_is_not_changed_by_anybody(page: Page) -> None:
    customer = (await page.person()).json()["id"]

    async def logged() -> bool:
        answer = await page.client.call("GET", f"/customers/{customer}/timeline")
        return answer.status_code == 200 and bool(answer.json()["items"])

    await until(logged, 60)
    entry = (await page.client.get(f"/customers/{customer}/timeline"))["items"][0]
    assert entry["kind"] in {"customer_created", "group_added"}
    for method in ("PATCH", "DELETE"):
        headers = {"if-match": '"1"'}
        await page.refused(403, "system_entry", method, f"/log-entries/{entry['id']}", json={}, headers=headers)
    assert (await page.client.get(f"/customers/{customer}/timeline:verify"))["valid"] is True


async def test_a_bad_file_says_what_is_wrong_with_it(page: Page) -> None:
    """I11."""
    workbook = BytesIO()
    with zipfile.ZipFile(workbook, "w") as archive:
        archive.writestr("hello.txt", "no workbook")
    encrypted = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(2_000)
    files: dict[str, tuple[str, bytes]] = {
        "file_empty": ("a.csv", b""),
        "file_wrong_type": ("a.xlsx", b"%PDF-1.7 \x00\x01 hello"),
        "file_corrupt": ("b.xlsx", workbook.getvalue()[:-30]),
        "file_encrypted": ("c.xlsx", encrypted),
    }
    before = (await page.client.get("/imports"))["items"]
    for code, (name, content) in files.items():
        await page.refused(422, code, "POST", "/imports", files={"file": (name, content)})
    assert (await page.client.get("/imports"))["items"] == before
