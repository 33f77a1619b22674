"""An installation as it looks after a week of work: sixty people, their groups, fields, entries, messages, a second user."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rapport_testkit.installation import Client, Installation, until
from rapport_testkit.people import generate, write_csv

RATE_FREE = {"RAPPORT_RATE_USER": "0/0", "RAPPORT_RATE_ADDRESS": "0/0", "RAPPORT_RATE_SIGN_IN": "0/0"}
GROUP = "Clients"
TAG = "offer wanted"
NOTE = "Asked for an offer by Friday علی +98 (x)"
MESSAGE = "We open on Monday."
TEMPLATE = "Opening hours"
FIELD = "Membership number"
CLERK = "sara"
FILE = "people.csv"
_PEOPLE = 60


@dataclass(frozen=True)
class Filled:
    """What the walk needs to know of it."""

    installation: Installation
    customer: str
    name: str
    done_import: str
    open_import: str


async def fill(installation: Installation, folder: Path) -> Filled:
    """Put everything in through the API; returns when it is found and delivered."""
    master = await installation.client()
    settings = await master.call("GET", "/settings", expect=200)
    zone = {"region": "IR", "time_zone": "Asia/Tehran"}
    await master.call("PATCH", "/settings", json=zone, headers={"if-match": settings.headers["etag"]}, expect=200)
    group = await _definitions(master)
    done = await _people(master, folder, group)
    found = await master.post("/customers:search", {"limit": 60, "sort": [{"field": "name", "direction": "asc"}]})
    person = next(
        one
        for one in found["items"]
        if one["phone"] and one["email"] and one.get("first_name") and one.get("last_name")
    )
    await _work(master, person["id"], [one["id"] for one in found["items"][:8]])
    left_open = await _upload(master, folder / FILE)
    name = str(person["display_name"])
    return Filled(installation, person["id"], name, done, left_open["id"])


async def _definitions(master: Client) -> str:
    group = (await master.post("/groups", {"name": GROUP}, expect=201))["id"]
    for name in ("Tehran", "شیراز"):
        await master.post("/groups", {"name": name, "parent_id": group}, expect=201)
    await master.post("/groups", {"name": "Partners"}, expect=201)
    section = (await master.post("/field-sections", {"title": "Membership"}, expect=201))["id"]
    await master.post("/lists", {"name": "Levels", "items": ["silver", "gold"]}, expect=201)
    for title, kind in ((FIELD, "text"), ("Member since", "date"), ("Level", "list")):
        body = {"title": title, "type": kind, "section_id": section} | ({"list": "Levels"} if kind == "list" else {})
        await master.post("/custom-fields", body, expect=201)
    role = await master.post("/roles", {"name": "Call centre", "permissions": ["customers.view"]}, expect=201)
    access = [{"group_id": group, "view": True, "edit": True}]
    clerk = {"username": CLERK, "name": "Sara Karimi", "roles": [role["id"], "member"], "group_access": access}
    await master.post("/users", clerk, expect=201)
    template = {"name": TEMPLATE, "channel": "sms", "body": "Dear {{first_name}}, we open at nine."}
    await master.post("/templates", template, expect=201)
    saved = {"name": "In Tehran", "query": {"all": [{"field": "city", "op": "is", "value": "Tehran"}]}}
    await master.post("/filters", saved, expect=201)
    return str(group)


async def _people(master: Client, folder: Path, group: str) -> str:
    path = folder / FILE
    write_csv(path, generate(_PEOPLE, seed=11, wrong=0.05))
    made = await _upload(master, path)
    preview = await master.get(f"/imports/{made['id']}/preview")
    columns = [{"column": one["column"], "target": one["suggestion"]} for one in preview["columns"]]
    settings = {"sheet": made["sheets"][0]["name"], "header_row": 1, "rows": "all", "kind": "person"}
    settings |= {"groups": [group], "mode": "duplicate", "when_unmatched": "create", "columns": columns}
    etag = {"if-match": f'"{made["version"]}"'}
    await master.call("PUT", f"/imports/{made['id']}/settings", json=settings, headers=etag, expect=200)
    job = await master.job((await master.post(f"/imports/{made['id']}:run", expect=202))["id"])
    assert job["state"] == "done", job

    async def all_found() -> bool:
        answer = await master.post("/customers:search", {"limit": 0, "count": True})
        return bool(answer["count"] == job["result"]["created"])

    await until(all_found, 90)
    return str(made["id"])


async def _upload(master: Client, path: Path) -> dict[str, Any]:
    answer = await master.call("POST", "/imports", files={"file": (path.name, path.read_bytes())}, expect=201)
    return dict(answer.json())


async def _work(master: Client, customer: str, others: list[str]) -> None:
    entry = {"customer_ids": [customer], "actions": [{"text": NOTE, "tags": ["call", TAG]}]}

    async def written() -> bool:
        return (await master.call("POST", "/log-entries", json=entry)).status_code == 201

    await until(written, 90)
    body = {"channel": "sms", "audience": {"customer_ids": [customer, *others]}, "text": MESSAGE}
    job = await master.job((await master.post("/messages", body, expect=202))["id"])
    assert job["state"] == "done", job

    async def delivered() -> bool:
        listed = await master.get("/messages", params={"customer_id": customer})
        return any(one["state"] == "delivered" for one in listed["items"])

    await until(delivered, 90)
