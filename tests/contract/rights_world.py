"""One installation with two halves of a workspace: the clerk sees North with what is below it, never South."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx

from rapport_contracts import permissions
from rapport_testkit.command import PASSWORD
from rapport_testkit.installation import Client, Installation, until

CANARY = "canary"  # stands in every text of South
OVERSIGHT = frozenset({"audit.view", "system.view", "parked.replay", "users.edit", "roles.edit"})
"""Permissions over the whole workspace, whatever the groups: the audit log, operation, accounts."""

_NAMES = ("Ali", "Alì", "ALICE", "علی", "علي", "علی‌رضا", "رضا", "O'Neil", "a.b", "ab ab ab", "٣٤", "Sara")
_CITIES = ("Tehran", "تهران", "Shiraz", "Köln", None)
_NUMBERS = ("0912 345 6789", "+98 912 345 6789", "۰۹۱۲۳۴۵۶۷۸۹", "(415) 555-2671", "021-88")
_EMAILS = ("Ali@Example.com", "li@x.ir", "b.c@example.org")
_DATES = ("2025-02-28", "2026-03-21", "2026-11-22", "1999-12-31")


@dataclass
class World:
    """What there is. `ids` fill the paths of the OpenAPI document: things of South, or of nobody in particular."""

    installation: Installation
    master: Client
    clerk: Client
    groups: dict[str, str] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    options: list[str] = field(default_factory=list)
    users: dict[str, str] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    customers: list[dict[str, Any]] = field(default_factory=list)

    @property
    def seen_groups(self) -> frozenset[str]:
        """What the clerk sees."""
        return frozenset({self.groups["north"], self.groups["harbour"]})

    @property
    def seen(self) -> set[str]:
        """The ids of the customers that the clerk sees, by brute force."""
        return {one["id"] for one in self.customers if self.seen_groups & set(one["groups"])}

    @property
    def secrets(self) -> list[str]:
        """The ids that nobody without South may be told."""
        mine = [
            self.ids[name] for name in ("group_id", "field_id", "entry_id", "template_id", "message_id", "import_id")
        ]
        return mine + [one["id"] for one in self.customers if one["id"] not in self.seen]

    async def user(self, name: str, granted: list[str], group: str | None) -> Client:
        """A signed-in user with a role of its own and a group to view and edit."""
        role = await self.master.post("/roles", {"name": name, "permissions": granted}, expect=201)
        access = [{"group_id": self.groups[group], "view": True, "edit": True}] if group else []
        body = {"username": name, "roles": [role["id"]], "group_access": access, "password": PASSWORD}
        made = await self.master.post("/users", body, expect=201)
        self.users[name], self.roles[name] = made["id"], role["id"]
        return await self.installation.client(name)

    async def key(self, client: Client) -> tuple[str, httpx.AsyncClient]:
        """An API key of a user: its id and a client that shows it."""
        made = await client.post("/api-keys", {"name": "key"}, expect=201)
        headers = {"authorization": f"Bearer {made['key']}"}
        return made["id"], httpx.AsyncClient(base_url=f"{self.installation.url}/api/v1", headers=headers, timeout=60)


async def build(installation: Installation) -> World:
    """The whole of it."""
    master = await installation.client()
    world = World(installation, master, master)
    settings = await master.call("GET", "/settings", expect=200)
    patch = {"region": "IR", "time_zone": "Asia/Tehran"}
    await master.call("PATCH", "/settings", json=patch, headers={"if-match": settings.headers["etag"]}, expect=200)
    await _definitions(world)
    granted = [one for one in permissions.ALL if one not in OVERSIGHT]
    world.clerk = await world.user("clerk", granted, "north")
    await _customers(world)
    await _things_of_south(world)
    await _things_of_nobody(world)
    return world


async def _definitions(world: World) -> None:
    master = world.master
    for name, parent in (("north", None), ("harbour", "north"), ("south", None)):
        body = {"name": f"South {CANARY}" if name == "south" else name, "parent_id": parent and world.groups[parent]}
        world.groups[name] = (await master.post("/groups", body, expect=201))["id"]
    section = (await master.post("/field-sections", {"title": "More"}, expect=201))["id"]
    options = await master.post("/lists", {"name": "Sizes", "items": ["small", "large"]}, expect=201)
    world.options = [one["id"] for one in options["items"]]
    for name, kind in (("c1", "text"), ("c2", "integer"), ("c3", "boolean"), ("c4", "date"), ("c5", "list")):
        body = {"title": name, "type": kind, "section_id": section} | ({"list": "Sizes"} if kind == "list" else {})
        world.fields[name] = (await master.post("/custom-fields", body, expect=201))["id"]
    body = {"title": CANARY, "type": "text", "section_id": section, "group_ids": [world.groups["south"]]}
    world.fields["hidden"] = (await master.post("/custom-fields", body, expect=201))["id"]
    world.ids |= {"group_id": world.groups["south"], "field_id": world.fields["hidden"], "section_id": section}
    world.ids |= {"name": "Sizes", "item_id": world.options[0]}


async def _customers(world: World) -> None:
    rng = Random(20)
    homes = (["north"], ["harbour"], ["south"], ["north", "south"], ["harbour", "south"], ["south"])
    made = []
    for number in range(48):
        body = _body(world, rng, number, homes[number % len(homes)])
        by = world.clerk if "south" not in homes[number % len(homes)] and number % 2 else world.master
        made.append((await by.post("/customers", body, expect=201))["id"])
    for customer in made[::7]:
        await world.master.post(f"/customers/{customer}:disable")
    found = await world.master.post("/customers:batch-get", {"ids": made})
    world.customers = found["items"]
    assert len(world.customers) == len(made)

    async def indexed() -> bool:
        answer = await world.master.post("/customers:search", {"limit": 500})
        versions = {one["id"]: one["version"] for one in answer["items"]}
        return bool(versions == {one["id"]: one["version"] for one in world.customers})

    await until(indexed, 60)


def _body(world: World, rng: Random, number: int, homes: list[str]) -> dict[str, Any]:
    hidden = homes == ["south"]
    names = {"first_name": rng.choice(_NAMES), "last_name": f"{CANARY if hidden else rng.choice(_NAMES)} mark{number}x"}
    kind = "organization" if number % 5 == 4 else "person"
    if kind == "organization":
        names = {"name": " ".join(names.values())}
    numbers = [{"kind": "mobile", "value": one} for one in rng.sample(_NUMBERS, rng.randrange(3))]
    emails = [{"kind": "email", "value": one} for one in rng.sample(_EMAILS, rng.randrange(2))]
    values = {"c1": rng.choice(_NAMES), "c2": rng.randrange(-3, 4), "c3": rng.random() < 0.5, "c4": rng.choice(_DATES)}
    values["c5"] = rng.choice(world.options)
    if "south" in homes:
        values["hidden"] = f"{CANARY} value"
    fields = {world.fields[name]: value for name, value in values.items() if name == "hidden" or rng.random() < 0.5}
    more = {"contacts": numbers + emails, "address": {"city": rng.choice(_CITIES)}, "fields": fields}
    return {"kind": kind, **names, **more, "groups": [world.groups[home] for home in homes]}


async def _things_of_south(world: World) -> None:
    master, south = world.master, [world.groups["south"]]
    hidden = next(one["id"] for one in world.customers if one["groups"] == south)
    template = {"name": f"{CANARY} template", "channel": "sms", "body": f"{CANARY} text", "group_ids": south}
    entry = {"customer_ids": [hidden], "actions": [{"text": f"{CANARY} note", "tags": ["urgent"]}]}
    world.ids |= {
        "customer_id": hidden,
        "template_id": (await master.post("/templates", template, expect=201))["id"],
        "entry_id": (await _once_known(master, "/log-entries", entry))["id"],
    }
    await _messages(world)
    await _import(world)


async def _messages(world: World) -> None:
    """One to everybody, with a text that names nothing, and one to South."""
    south = [one["id"] for one in world.customers if one["id"] not in world.seen]
    to_all = {"channel": "sms", "audience": {"query": {"all": []}}, "text": "hello"}
    to_south = {"channel": "sms", "audience": {"customer_ids": south}, "text": f"{CANARY} message"}
    jobs = [await world.master.post("/messages", body, expect=202) for body in (to_all, to_south)]
    for job in jobs:
        assert (await world.master.job(job["id"]))["state"] == "done"
    listed = await world.master.get("/messages", params={"job_id": jobs[1]["id"], "limit": 1})
    world.ids |= {"message_id": listed["items"][0]["id"], "job_id": jobs[1]["id"], "number": "+989123456789"}


async def _import(world: World) -> None:
    master = world.master
    file = {"file": ("people.csv", f"first name,last name\nX,{CANARY} row\n".encode(), "text/csv")}
    made = (await master.call("POST", "/imports", files=file, expect=201)).json()
    columns = [{"column": 0, "target": "first_name"}, {"column": 1, "target": "last_name"}]
    settings = {
        "sheet": made["sheets"][0]["name"],
        "header_row": 1,
        "rows": "all",
        "kind": "person",
        "mode": "duplicate",
    }
    settings |= {"groups": [world.groups["south"]], "when_unmatched": "create", "columns": columns}
    path = f"/imports/{made['id']}"
    await master.call(
        "PUT", f"{path}/settings", json=settings, headers={"if-match": f'"{made["version"]}"'}, expect=200
    )
    world.ids["import_id"] = made["id"]


async def _things_of_nobody(world: World) -> None:
    master = world.master
    tags = await master.get("/tags")
    saved = await master.post("/filters", {"name": f"{CANARY} filter"}, expect=201)
    key = await master.post("/api-keys", {"name": "spare"}, expect=201)
    sessions = (await master.get("/auth/sessions"))["items"]
    await world.user("spare", [], None)
    world.ids |= {"tag_id": tags["items"][0]["id"], "filter_id": saved["id"], "key_id": key["id"]}
    world.ids |= {"session_id": sessions[0]["id"], "user_id": world.users["spare"], "role_id": world.roles["spare"]}
    world.ids |= {"parked_id": "logging-1", "verb": "cancel"}


async def _once_known(client: Client, path: str, body: Any) -> Any:
    for _ in range(1_200):
        answer = await client.call("POST", path, json=body)
        if answer.status_code != 404:
            break
        await asyncio.sleep(0.05)
    assert answer.status_code == 201, answer.text
    return answer.json()
