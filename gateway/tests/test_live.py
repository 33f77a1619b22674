"""The live stream: what is told, to whom, and when it ends."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest

from rapport_contracts import topics
from rapport_gateway.application import live as live_module
from rapport_gateway.application.live import Reset, Subscriber
from rapport_gateway.domain.changes import Change
from rapport_gateway.entrypoints import live as streams

from .conftest import World


class Tab:
    """An open stream, as a browser's EventSource would hold it."""

    def __init__(self, headers: dict[str, str], query: str) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.events: list[tuple[str, Any]] = []
        self.comments = 0
        self.ended = asyncio.Event()
        self.problem: dict[str, Any] = {}
        self._gone = asyncio.Event()
        self._changed = asyncio.Event()
        self._first = True
        self.scope = {
            "type": "http",
            "method": "GET",
            "path": "/api/v1/live",
            "raw_path": b"/api/v1/live",
            "query_string": query.encode(),
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
            "client": ("203.0.113.7", 1),
        }

    async def receive(self) -> dict[str, Any]:
        if self._first:
            self._first = False
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        elif self.status != 200:
            self.problem = orjson.loads(message["body"])
        else:
            self._take(message["body"].decode())
        if not message.get("more_body") and message["type"] == "http.response.body":
            self.ended.set()
        self._changed.set()

    def _take(self, text: str) -> None:
        for block in filter(None, text.split("\n\n")):
            lines = dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":"))
            self.comments += any(line.startswith(":") for line in block.split("\n"))
            if "event" in lines:
                self.events.append((lines["event"], orjson.loads(lines["data"])))

    def leave(self) -> None:
        self._gone.set()

    async def until(self, count: int) -> list[tuple[str, Any]]:
        """The events, when there are `count`."""
        async with asyncio.timeout(60):
            while len(self.events) < count:
                self._changed.clear()
                await self._changed.wait()
        return self.events


@contextlib.asynccontextmanager
async def listening(world: World, client: httpx.AsyncClient, query: str = "", **headers: str) -> AsyncIterator[Tab]:
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    said = {"cookie": cookies} if cookies else {"authorization": client.headers["authorization"]}
    tab = Tab(said | headers, query)
    running = asyncio.create_task(world.gateway(tab.scope, tab.receive, tab.send))
    try:
        async with asyncio.timeout(60):
            while not (tab.comments or tab.ended.is_set()):
                await asyncio.sleep(0.002)
        yield tab
    finally:
        tab.leave()
        async with asyncio.timeout(60):
            await running


def customer(id_: str, *groups: str, version: int = 1) -> dict[str, Any]:
    return {"id": id_, "version": version, "kind": "person", "groups": list(groups)}


async def member(world: World, name: str, *permissions: str, groups: tuple[str, ...] = ()) -> httpx.AsyncClient:
    """Somebody who sees some groups only."""
    master = await world.browser()
    role = await master.post("/roles", json={"name": f"role of {name}", "permissions": list(permissions)})
    access = [{"group_id": group} for group in groups]
    user = await world.user(name, roles=[role.json()["id"]], group_access=access)
    await world.known(user["version"])
    return await world.browser(name)


async def test_changes_reach_a_browser_as_they_happen(world: World) -> None:
    """G2: live stream to browsers."""
    async with listening(world, await world.browser()) as tab:
        assert tab.headers["content-type"].startswith("text/event-stream")
        await world.it.publish(topics.CUSTOMERS, "c1", customer("c1", "g", version=7))
        await world.it.publish(topics.TAGS, "t1", {"id": "t1", "version": 2, "name": "x", "state": "verified"})
        events = await tab.until(2)
        assert ("change", {"type": "customer", "id": "c1", "version": 7}) in events
        assert ("change", {"type": "tag", "id": "t1", "version": 2}) in events


async def test_nothing_is_missed_from_the_moment_the_stream_is_open(world: World) -> None:
    async with listening(world, await world.browser(), "topics=customers") as tab:
        for number in range(50):
            await world.it.publish(topics.CUSTOMERS, f"c{number}", customer(f"c{number}", "g"))
        events = await tab.until(50)
        assert sorted(data["id"] for _, data in events) == sorted(f"c{number}" for number in range(50))


async def test_only_the_wanted_topics_are_told_and_unknown_ones_are_422(world: World) -> None:
    browser = await world.browser()
    async with listening(world, browser, "topics=tags,job") as tab:
        await world.it.publish(topics.CUSTOMERS, "c1", customer("c1", "g"))
        await world.it.publish(topics.TAGS, "t1", {"id": "t1", "version": 1})
        assert await tab.until(1) == [("change", {"type": "tag", "id": "t1", "version": 1})]
    async with listening(world, browser, "topics=secrets") as tab:
        assert (tab.status, tab.problem["code"]) == (422, "validation_failed")


async def test_what_a_subscriber_may_not_see_is_not_told(world: World) -> None:
    """R12: the live stream."""
    world.echoes["customers"].answers["/internal/customers/visible"] = {"items": [{"id": "mine", "name": "Mine"}]}
    clerk = await member(world, "clerk", "customers.view", "entries.view", "messages.view", groups=("north",))
    async with listening(world, clerk) as tab:
        await world.it.publish(topics.CUSTOMERS, "theirs", customer("theirs", "south"))
        await world.it.publish(topics.CUSTOMERS, "mine", customer("mine", "south", "north"))
        entry = {"id": "e", "version": 1, "kind": "note", "customer_ids": ["theirs", "mine"]}
        await world.it.publish(topics.ENTRIES, "e", entry)
        await world.it.publish(topics.MESSAGES, "m1", {"id": "m1", "version": 1, "customer_id": "theirs"})
        await world.it.publish(topics.MESSAGES, "m2", {"id": "m2", "version": 1, "customer_id": "mine"})
        await world.it.publish(topics.MESSAGES, "m3", {"id": "m3", "version": 1, "customer_id": None})
        job = {"id": "import-1", "version": 1, "kind": "run", "state": "done", "created_by": "another"}
        await world.it.publish(topics.JOBS, "import-1", job)
        group = {"type": "group", "id": "south", "name": "South", "version": 9}
        await world.it.publish(topics.DEFINITIONS, "group:south", group)
        field = {"type": "field", "id": "f", "title": "Salary", "group_ids": ["south"], "version": 9}
        await world.it.publish(topics.DEFINITIONS, "field:f", field)
        await world.it.publish(topics.TAGS, "end", {"id": "end", "version": 1})
        async with asyncio.timeout(60):
            while ("change", {"type": "tag", "id": "end", "version": 1}) not in tab.events:
                await asyncio.sleep(0.01)
        told = {(data["type"], data["id"]) for _, data in tab.events}
        assert told == {("customer", "mine"), ("timeline", "mine"), ("message", "m2"), ("tag", "end")}
    asked = [one for one in world.echoes["customers"].requests if one["path"] == "/internal/customers/visible"]
    assert {one["method"] for one in asked} == {"POST"}
    assert all(len(orjson.loads(one["body"])["ids"]) <= 100 for one in asked)


async def test_a_subscriber_without_the_permission_is_told_nothing_of_that_kind(world: World) -> None:
    nobody = await member(world, "nobody", groups=("north",))
    async with listening(world, nobody, "topics=customers,tags,timeline,messages,users") as tab:
        await world.it.publish(topics.CUSTOMERS, "c", customer("c", "north"))
        await world.it.publish(topics.TAGS, "t", {"id": "t", "version": 1})
        await world.it.publish(topics.ENTRIES, "e", {"id": "e", "version": 1, "customer_ids": ["c"]})
        await world.it.publish(topics.MESSAGES, "m", {"id": "m", "version": 1, "customer_id": "c"})
        settings = {"type": "settings", "id": "settings", "version": 10**9}
        await world.it.publish(topics.USERS, "settings", settings)
        assert await tab.until(1) == [("change", {"type": "user", "id": "settings", "version": 10**9})]


async def test_a_job_is_told_whole_to_whom_it_belongs(world: World) -> None:
    browser = await world.browser()
    me = (await browser.get("/auth/me")).json()["user"]["id"]
    job = {
        "id": "import-1",
        "version": 3,
        "kind": "run",
        "state": "running",
        "progress": {"done": 1, "total": 9},
        "created_by": me,
    }
    async with listening(world, browser, "topics=jobs") as tab:
        await world.it.publish(topics.JOBS, "import-1", job)
        assert await tab.until(1) == [("job", job)]


async def test_an_entry_of_many_customers_is_one_frame(world: World) -> None:
    async with listening(world, await world.browser(), "topics=timeline") as tab:
        ids = [f"c{number}" for number in range(101)]
        await world.it.publish(topics.ENTRIES, "e", {"id": "e", "version": 4, "customer_ids": ids})
        assert await tab.until(1) == [("change", {"type": "timeline", "id": "*", "version": 4})]


async def test_whoever_comes_back_is_told_to_reload(world: World) -> None:
    async with listening(world, await world.browser(), "topics=tags", **{"last-event-id": "17"}) as tab:
        assert await tab.until(1) == [("reset", {})]


async def test_a_stream_ends_when_its_session_does(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """R12: a right taken away is gone in live streams too."""
    monkeypatch.setattr(streams, "FRESH_SECONDS", 0.05)
    browser = await world.browser()
    async with listening(world, browser) as tab:
        await browser.post("/auth/sign-out")
        async with asyncio.timeout(60):
            await tab.ended.wait()


async def test_a_right_taken_away_ends_what_is_told(world: World) -> None:
    world.echoes["customers"].answers["/internal/customers/visible"] = {"items": []}
    clerk = await member(world, "clerk", "customers.view", groups=("north",))
    me = (await clerk.get("/auth/me")).json()["user"]
    async with listening(world, clerk, "topics=customers") as tab:
        await world.it.publish(topics.CUSTOMERS, "c1", customer("c1", "north"))
        await tab.until(1)
        master, etag = await world.browser(), {"if-match": f'"{me["version"]}"'}
        patch = {"group_access": [{"group_id": "south"}]}
        changed = await master.patch(f"/users/{me['id']}", json=patch, headers=etag)
        await world.known(changed.json()["version"])
        await world.it.publish(topics.CUSTOMERS, "c2", customer("c2", "north"))
        await world.it.publish(topics.CUSTOMERS, "c3", customer("c3", "south"))
        assert [data["id"] for _, data in await tab.until(2)] == ["c1", "c3"]


async def test_when_customers_is_away_the_subscriber_must_reload_rather_than_be_told_wrongly(world: World) -> None:
    clerk = await member(world, "clerk", "customers.view", "entries.view", groups=("north",))
    world.echoes["customers"].status["/internal/customers/visible"] = 503
    async with listening(world, clerk, "topics=timeline") as tab:
        await world.it.publish(topics.ENTRIES, "e", {"id": "e", "version": 1, "customer_ids": ["c"]})
        assert await tab.until(1) == [("reset", {})]


async def test_topics_are_read_only_while_somebody_listens(world: World) -> None:
    browser = await world.browser()
    async with listening(world, browser), listening(world, browser):
        assert world.gateway._live.count == 2
        assert world.gateway._live._reading is not None
    assert world.gateway._live.count == 0
    assert world.gateway._live._reading is None


async def test_when_the_topics_are_lost_every_subscriber_must_reload(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "_RESTART_SECONDS", 0.01)
    async with listening(world, await world.browser(), "topics=tags") as tab:
        bus = world.it.runtime.bus
        read = bus.read

        async def lost(*_: Any) -> Any:
            monkeypatch.setattr(bus, "read", read)
            raise OSError("gone")

        monkeypatch.setattr(bus, "read", lost)
        await world.it.publish(topics.TAGS, "t1", {"id": "t1", "version": 1})
        assert (await tab.until(1))[0] == ("reset", {})
        await asyncio.sleep(0.05)
        await world.it.publish(topics.TAGS, "t2", {"id": "t2", "version": 1})
        assert (await tab.until(2))[1][1]["id"] == "t2"


async def test_draining_ends_the_streams(world: World) -> None:
    async with listening(world, await world.browser()) as tab:
        world.gateway.drain()
        async with asyncio.timeout(60):
            await tab.ended.wait()


def change(type_: str, id_: int, version: int = 1) -> Change:
    return Change(type_, str(id_), version)


async def test_a_slow_subscriber_gets_the_newest_of_each_thing_and_one_frame_for_a_flood() -> None:
    subscriber = Subscriber(frozenset({"customer", "tag"}))
    subscriber.offer([change("tag", 1, version) for version in range(1, 9)])
    assert [(one.id, one.version) for one in await subscriber.next(1)] == [("1", 8)]
    subscriber.offer([change("customer", number) for number in range(1_500)] + [change("tag", 7)])
    assert [(one.type, one.id) for one in await subscriber.next(1)] == [("tag", "7"), ("customer", "*")]


async def test_what_a_subscriber_cannot_hold_becomes_a_reset() -> None:
    subscriber = Subscriber(frozenset({"customer"}))
    subscriber.offer([change("customer", number) for number in range(5_001)])
    with pytest.raises(Reset):
        await subscriber.next(1)
    assert await subscriber.next(0.01) == []
