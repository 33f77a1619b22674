"""What the tests of the API's page share: the paths in scope, and short words for what every test does."""

from __future__ import annotations

from typing import Any

import httpx
import orjson

from rapport_testkit.installation import Client

IN_SCOPE = """
POST /auth/sign-in
POST /auth/sign-out
GET /auth/me
POST /auth/password
GET POST /users
GET PATCH /users/{}
GET POST /roles
GET PATCH DELETE /roles/{}
GET /permissions
GET POST /api-keys
DELETE /api-keys/{}
GET PATCH /settings
GET /audit
GET POST /customers
GET PATCH /customers/{}
POST /customers/{}:enable
POST /customers/{}:disable
GET /customers/{}/history
POST /customers:batch-get
GET POST /groups
PATCH DELETE /groups/{}
GET POST /custom-fields
PATCH DELETE /custom-fields/{}
GET POST /field-sections
PATCH DELETE /field-sections/{}
GET POST /lists/{}/items
PATCH DELETE /lists/{}/items/{}
GET /jobs
GET /jobs/{}
POST /jobs/{}:{}
POST /customers:search
GET /customers:quick
POST /customers:scan
GET POST /filters
GET PATCH DELETE /filters/{}
GET POST /imports
GET /imports/{}
GET /imports/targets
GET /imports/{}/preview
PUT /imports/{}/settings
POST /imports/{}:run
POST /imports/{}:{}
GET /imports/{}/errors.xlsx
GET /customers/{}/timeline
GET /customers/{}/timeline:verify
POST /log-entries
PATCH DELETE /log-entries/{}
PUT /log-entries/{}/description
GET POST /tags
PATCH DELETE /tags/{}
POST /tags/{}:verify
POST /tags/{}:replace
POST /messages:preview
GET POST /messages
GET POST /templates
PATCH DELETE /templates/{}
GET PUT /consent
GET /sandbox/phones
GET /sandbox/phones/{}/messages
POST /sandbox/phones/{}:reply
GET /system
GET /parked-messages
POST /parked-messages/{}:replay
GET /live
"""
LISTS = (
    "/customers",
    "/users",
    "/roles",
    "/api-keys",
    "/audit",
    "/filters",
    "/imports",
    "/tags",
    "/messages",
    "/templates",
    "/jobs",
    "/parked-messages",
    "/sandbox/phones",
)
WHOLE_LISTS = ("/groups", "/custom-fields", "/field-sections", "/lists", "/permissions", "/imports/targets")


class Page:
    """One installation, its master, a group and short words for what every test does."""

    def __init__(self, client: Client, url: str, group: str) -> None:
        self.client, self.url, self.group = client, url, group

    async def person(self, **said: Any) -> httpx.Response:
        body = {"kind": "person", "first_name": "Reza", "groups": [self.group], **said}
        return await self.client.call("POST", "/customers", json=body, expect=201)

    async def refused(self, status: int, code: str, method: str, path: str, **more: Any) -> dict[str, Any]:
        """A problem document of that status and code."""
        said = await self.client.call(method, path, **more)
        return problem(said, status, code)


def problem(said: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert said.status_code == status, said.text
    assert said.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = said.json()
    assert body.keys() >= {"type", "title", "status", "code", "detail"}
    assert (body["status"], body["code"]) == (status, code), body
    return body


def shape(path: str) -> str:
    parts = path.split("{")
    return parts[0] + "".join("{}" + one.partition("}")[2] for one in parts[1:])


async def uploaded(page: Page) -> tuple[str, dict[str, Any], str]:
    """A small file: the path of its import, settings that are right, its ETag."""
    file = {"file": ("people.csv", b"first name,mobile\nSara,09123456780\n", "text/csv")}
    said = await page.client.call("POST", "/imports", files=file, expect=201)
    made = said.json()
    columns = [{"column": 0, "target": "first_name"}, {"column": 1, "target": "mobile"}]
    settings = {"sheet": made["sheets"][0]["name"], "header_row": 1, "rows": "all", "kind": "person"}
    settings |= {"groups": [page.group], "mode": "duplicate", "when_unmatched": "create", "columns": columns}
    return f"/imports/{made['id']}", settings, said.headers["etag"]


async def true(value: bool) -> bool:  # `until` asks an awaitable
    return value


async def listen(client: Client, frames: list[tuple[str, dict[str, Any]]]) -> None:
    """Every event and its data; `ready` first, when the answer has begun."""
    async with client.http.stream("GET", "/live", params={"topics": "customers,jobs"}) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        frames.append(("ready", {}))
        event = ""
        async for line in answer.aiter_lines():
            if line.startswith("event: "):
                event = line.removeprefix("event: ")
            elif line.startswith("data: "):
                frames.append((event, orjson.loads(line.removeprefix("data: "))))
