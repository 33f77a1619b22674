"""Everything that grows has a retention: the files of runs that have ended (ADR 0137)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from rapport_chassis.clock import SetClock
from rapport_chassis.db import Tx
from rapport_chassis.jobs import create_job
from rapport_chassis.parking import Parking
from rapport_chassis.retention import forget
from rapport_contracts.envelope import Message
from rapport_import.adapters.child.processes import ChildReader
from rapport_import.application.imports import file_key
from rapport_import.application.retention import forget_files
from rapport_import.application.sweep import sweep
from rapport_import.config import limits_from
from rapport_import.store import sweeping
from rapport_import.store.sweeping import Swept
from rapport_testkit.service import Standing

CSV = b"First name,Email\nReza,reza@example.com\nSara,no address\n"
Forgetting = Callable[[int], Awaitable[None]]


@pytest.fixture
def forgetting(standing: Standing) -> Forgetting:
    """`await forgetting(days)`: the tasks as they run so many days from now."""
    runtime = standing.runtime

    async def after(days: int) -> None:
        clock = SetClock(runtime.clock.now() + timedelta(days=days))
        await sweep(runtime.db, runtime.blobs, clock)
        await forget_files(runtime.db, runtime.blobs, ChildReader(limits_from({})), clock)

    return after


@pytest.fixture
async def ended(person: Any, customers: Any, working: Any) -> dict[str, Any]:
    """An import that ran; one row of two was written."""
    made: dict[str, Any] = await person.upload("people.csv", CSV)
    async with working(customers.serve()):
        await person.job_until(await person.begin(made))
    return made


def files(standing: Standing, made: dict[str, Any]) -> list[str]:
    return standing.blob_keys(f"imports/{made['id']}/")


async def code(person: Any, method: str, path: str) -> tuple[int, str]:
    answer = await person.http.request(method, path)
    return answer.status_code, answer.json()["code"]


async def test_the_file_of_a_run_goes_after_a_month_and_its_wrong_rows_stay_for_a_season(
    standing: Standing, person: Any, ended: dict[str, Any], forgetting: Forgetting
) -> None:
    path = f"/imports/{ended['id']}"
    await forgetting(1)
    before = files(standing, ended)
    assert "file" in before
    await forgetting(29)
    assert (files(standing, ended), (await person.http.get(path)).json()["kept"]) == (before, "file")
    await forgetting(31)
    assert files(standing, ended) == ["errors/1.xlsx"]
    assert (await person.http.get(path)).json()["kept"] == "errors"
    assert await code(person, "GET", f"{path}/preview") == (410, "file_expired")
    assert len(await person.error_rows(ended)) == 2
    await forgetting(91)
    assert files(standing, ended) == []
    shown = (await person.http.get(path)).json()
    assert (shown["kept"], shown["problems"], shown["result"]["created"]) == ("nothing", 1, 1)
    assert await code(person, "GET", f"{path}/errors.xlsx") == (410, "file_expired")
    assert (await person.http.get("/imports")).json()["items"][0]["problems"] == 1
    problems = "SELECT count(*) FROM run_problems"
    assert await standing.runtime.db.read(lambda conn: conn.exec_driver_sql(problems).scalar()) == 0


async def test_a_run_that_was_cancelled_cannot_go_on_without_its_file(
    standing: Standing, person: Any, forgetting: Forgetting
) -> None:
    made = await person.upload("people.csv", CSV)
    await person.begin(made)
    assert (await person.http.post(f"/imports/{made['id']}:cancel")).status_code == 200
    await standing.worker.tasks[0].run()
    await forgetting(31)
    assert await code(person, "POST", f"/imports/{made['id']}:run") == (410, "file_expired")


async def test_the_job_of_an_import_stays_and_a_job_that_nothing_names_goes(
    standing: Standing, person: Any, ended: dict[str, Any]
) -> None:
    db = standing.runtime.db
    unnamed = await db.write(lambda tx: create_job(tx, "import", "import", {}, "master").id)
    old = {"updated_at": standing.runtime.clock.now() - timedelta(days=91), "state": "done"}
    await db.write(lambda tx: tx.conn.execute(update(tx.tables.jobs).values(old)))
    await forget(db)
    assert (await person.http.get(f"/imports/{ended['id']}")).json()["state"] == "done"
    assert (await person.http.get(f"/jobs/{unnamed}")).status_code == 404


async def test_a_parked_message_is_given_up_and_the_next_of_its_key_is_the_first(
    standing: Standing, person: Any
) -> None:
    messages = [Message("t", 0, offset, "k", b"{}") for offset in range(3)]

    def park(tx: Tx) -> None:
        parking = Parking(tx, "import.results", messages, set())
        parking.add({messages[0]: ValueError("no")})
        assert parking.still_free(messages) == []
        parking.write()

    await standing.runtime.db.write(park)
    first = next(one for one in await parked(person) if one["behind"] is None)
    assert (await person.http.post(f"/parked-messages/{first['id']}:discard")).status_code == 204
    second, third = await parked(person)
    assert (second["offset"], second["behind"], third["offset"]) == (1, None, 2)
    assert third["behind"] == second["id"].removeprefix("import-")


async def parked(person: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await person.http.get("/parked-messages")).json()["items"]
    return sorted(items, key=lambda one: one["offset"])


async def test_a_kill_between_saying_it_goes_and_removing_it_leaves_nothing(
    standing: Standing, person: Any, ended: dict[str, Any], forgetting: Forgetting
) -> None:
    db, blobs = standing.runtime.db, standing.runtime.blobs
    await sweep(db, blobs, SetClock(standing.runtime.clock.now() + timedelta(hours=2)))
    assert await db.write(sweeping.advance, ended["id"], Swept.BATCHES, Swept.FILE_GOING)
    assert await blobs.get(file_key(ended["id"])) == CSV
    assert await code(person, "GET", f"/imports/{ended['id']}/preview") == (410, "file_expired")
    await forgetting(1)
    assert files(standing, ended) == ["errors/1.xlsx"]


async def test_an_import_that_goes_on_keeps_its_file(standing: Standing, person: Any, forgetting: Forgetting) -> None:
    made = await person.upload("people.csv", CSV)
    await person.begin(made)
    await person.http.post(f"/imports/{made['id']}:cancel")
    await standing.worker.tasks[0].run()
    assert (await person.http.post(f"/imports/{made['id']}:run")).status_code == 202
    await forgetting(31)
    assert await standing.runtime.blobs.get(file_key(made["id"])) == CSV
