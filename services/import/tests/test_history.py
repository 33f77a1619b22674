"""I10, G1: imports are listed for those who may know of them; uploads are limited and repeated safely."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from rapport_chassis.clock import SetClock
from rapport_import.application.upload import Intake
from rapport_import.bootstrap import SERVICE
from rapport_import.store.sweeping import begin_upload
from rapport_testkit.service import running

CSV = b"First name,Email\nReza,reza@example.com\n"


async def test_imports_are_listed_newest_first_in_pages(person: Any) -> None:
    made = [await person.upload(f"{number}.csv", CSV) for number in range(3)]
    first = (await person.http.get("/imports", params={"limit": 2})).json()
    assert [one["file_name"] for one in first["items"]] == ["2.csv", "1.csv"]
    rest = (await person.http.get("/imports", params={"limit": 2, "after": first["next"]})).json()
    assert ([one["id"] for one in rest["items"]], rest["next"]) == ([made[0]["id"]], None)
    answer = await person.http.get(f"/imports/{made[1]['id']}")
    assert (answer.headers["etag"], answer.json()["state"], answer.json()["size"]) == ('"1"', "ready", len(CSV))


async def test_a_file_may_hold_anybodys_customers_so_only_its_owner_and_who_sees_all_may_look(
    person: Any, somebody: Any, standing: Any
) -> None:
    for name in ("one", "two"):
        await standing.user(
            name, ["imports.view", "imports.run"], [{"group_id": "friends", "view": True, "edit": True}]
        )
    one, two = somebody("one"), somebody("two")
    made = await one.upload("mine.csv", CSV)
    path = f"/imports/{made['id']}"
    for who, status, count in ((one, 200, 1), (two, 404, 0), (person, 200, 1)):
        assert (await who.http.get(path)).status_code == status
        assert (await who.http.get(f"{path}/preview")).status_code == status
        assert len((await who.http.get("/imports")).json()["items"]) == count
    assert (await two.http.post(f"{path}:run")).status_code == 404


async def test_every_route_needs_its_permission(somebody: Any, standing: Any, person: Any) -> None:
    await standing.user("viewer", ["imports.view"])
    await standing.user("nobody", ["customers.view"])
    viewer, nobody = somebody("viewer"), somebody("nobody")
    made = await person.upload("x.csv", CSV)
    path = f"/imports/{made['id']}"
    for method, url in (("GET", path), ("GET", "/imports"), ("GET", f"{path}/preview"), ("GET", "/imports/targets")):
        assert (await viewer.http.request(method, url)).status_code == 200
        assert (await nobody.http.request(method, url)).json()["code"] == "forbidden"
    for url in ("/imports", f"{path}:run", f"{path}:cancel"):
        assert (await viewer.http.post(url)).json()["code"] == "forbidden"
    settings = await person.suggested(made)
    answer = await viewer.http.put(f"{path}/settings", json=settings, headers={"if-match": '"1"'})
    assert answer.json()["code"] == "forbidden"
    assert (await viewer.http.post("/imports", files={"file": ("a.csv", CSV)})).json()["code"] == "forbidden"
    stranger = standing.client(None)
    assert (await stranger.get("/imports")).status_code == 401


async def test_a_file_beyond_the_limit_is_refused_while_it_comes(tmp_path: Path) -> None:
    async with running(SERVICE, tmp_path, env={"RAPPORT_IMPORT_MAX_BYTES": "1000"}) as small:
        answer = await small.client().post("/imports", files={"file": ("big.csv", b"a,b\n" * 1000)})
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
        assert (await small.client().post("/imports", files={"file": ("ok.csv", CSV)})).status_code == 201
        assert [key.rpartition("/")[2] for key in small.blob_keys()].count("file") == 1


async def test_what_is_no_upload_is_refused(person: Any) -> None:
    attempts: tuple[dict[str, Any], ...] = (
        {"json": {}},
        {"files": {"document": ("a.csv", CSV)}},
        {"content": b"--x\r\nbroken", "headers": {"content-type": "multipart/form-data; boundary=x"}},
        {"content": b"x", "headers": {"content-type": "multipart/form-data"}},
    )
    for sent in attempts:
        answer = await person.http.post("/imports", **sent)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "file")
    assert (await person.http.get("/imports")).json()["items"] == []


async def test_a_repeated_upload_with_its_key_is_one_import(person: Any, standing: Any) -> None:
    """R5: the same key and file give the same answer; another file with that key is refused."""
    key = {"idempotency-key": "once"}
    sent = [person.http.post("/imports", files={"file": ("a.csv", CSV)}, headers=key) for _ in range(3)]
    ids = {answer.json()["id"] for answer in await asyncio.gather(*sent)}
    assert len(ids) == 1
    other = await person.http.post("/imports", files={"file": ("a.csv", CSV + b"x,y\n")}, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    assert {key.split("/")[0] for key in standing.blob_keys("imports/")} == ids


async def test_what_a_killed_upload_left_is_swept(tmp_path: Path) -> None:
    """I8: a process killed between blob and database leaves nothing for ever."""
    clock = SetClock(datetime(2026, 1, 1, tzinfo=UTC))
    async with running(SERVICE, tmp_path, clock=clock) as it:
        await it.runtime.db.write(begin_upload, "left")
        await it.runtime.blobs.put("imports/left/file", b"half")
        sweep, _retention = it.worker.tasks
        await sweep.run()
        assert await it.runtime.blobs.get("imports/left/file") == b"half"  # it may still be coming
        clock.advance(hours=25)
        await sweep.run()
        assert not it.blob_keys("imports/left/")


async def test_a_file_that_was_looked_at_and_never_run_is_forgotten_after_a_month(tmp_path: Path) -> None:
    """Everything that grows has a retention; what was run is history (I10)."""
    clock = SetClock(datetime(2026, 1, 1, tzinfo=UTC))
    async with running(SERVICE, tmp_path, clock=clock) as it:
        made = (await it.client().post("/imports", files={"file": ("x.csv", CSV)})).json()
        sweep, _retention = it.worker.tasks
        clock.advance(days=29)
        await sweep.run()
        assert (await it.client().get(f"/imports/{made['id']}")).status_code == 200
        clock.advance(days=2)
        await sweep.run()
        assert (await it.client().get(f"/imports/{made['id']}")).status_code == 404
        clock.advance(days=2)
        await sweep.run()
        assert not it.blob_keys(f"imports/{made['id']}/")


async def test_an_upload_that_was_given_up_while_it_was_still_read_is_refused(person: Any) -> None:
    """I8: otherwise there would be an import whose file is gone."""
    read = Intake.read

    async def slowly(self: Intake, import_id: str, revision: int, *more: Any) -> Any:
        facts = await read(self, import_id, revision, *more)
        await self.discard(import_id)  # what the sweep does to an upload that seems abandoned
        return facts

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Intake, "read", slowly)
        answer = await person.http.post("/imports", files={"file": ("slow.csv", CSV)})
    assert (answer.status_code, answer.json()["code"]) == (503, "engine_unavailable")
    assert (await person.http.get("/imports")).json()["items"] == []


async def test_errors_of_an_import_that_never_ran_are_not_found(person: Any) -> None:
    made = await person.upload("x.csv", CSV)
    assert (await person.http.get(f"/imports/{made['id']}/errors.xlsx")).status_code == 404
