"""I8: runs go on in the background, a few batches at a time, and lose or double no row whatever is killed."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from rapport_chassis.clock import SetClock
from rapport_contracts import events, topics
from rapport_import.application.sweep import sweep
from rapport_import.domain.files import CHUNK_ROWS
from rapport_import.entrypoints import jobs

ROWS = 16_800
FOUR = 4 * CHUNK_ROWS - 1  # rows of the first four batches: the header is not one
CSV = ("First name,Email\n" + "".join(f"Person {n},p{n}@example.com\n" for n in range(1, ROWS + 1))).encode()


@pytest.fixture(autouse=True)
def _few_outstanding(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a small file has batches enough to be bounded."""
    monkeypatch.setattr(jobs, "OUTSTANDING", 4)


async def outstanding(standing: Any, customers: Any) -> int:
    sent = {envelope["data"]["batch"] for envelope in await standing.read(topics.IMPORT_BATCHES)}
    return len(sent) - len({command["batch"] for command in customers.commands})


async def answered(person: Any, made: Any, rows: int) -> bool:
    progress = (await person.http.get(f"/imports/{made['id']}")).json()["progress"]
    return bool(progress["done"] == rows)


async def until(condition: Any) -> None:
    async with asyncio.timeout(60):
        while not await condition():
            await asyncio.sleep(0.05)


async def test_a_bounded_number_of_batches_waits_and_each_follows_the_contract(
    person: Any, standing: Any, customers: Any, working: Any
) -> None:
    made = await person.upload("people.csv", CSV)
    match = {"fields": ["email"], "combine": "any"}
    async with working():
        job = await person.begin(made, mode="merge", match=match)

        async def four() -> bool:
            return await outstanding(standing, customers) == 4

        await until(four)
        shown = (await person.http.get(f"/imports/{made['id']}")).json()
        assert (shown["state"], shown["progress"]["done"], shown["progress"]["total"]) == ("running", 0, ROWS)
        await customers.once()
        await until(four)
        while (await person.http.get(f"/jobs/{job}")).json()["state"] == "running":
            assert await outstanding(standing, customers) <= 4
            await customers.once()
            await asyncio.sleep(0.01)
    assert sorted(row for _, row in customers.written) == list(range(2, ROWS + 2))
    for command in customers.commands:
        batch = events.ImportBatch.model_validate(command)
        assert (batch.kind, batch.groups, batch.mode, batch.by) == ("person", ["friends"], "merge", "master")
        assert batch.match == events.MatchRule(fields=["email"], combine="any")
    keys = {envelope["subject"] for envelope in await standing.read(topics.IMPORT_BATCHES)}
    assert keys == {made["id"]}
    assert customers.written[made["id"], 2] == {
        "first_name": "Person 1",
        "email": [["p1@example.com", "p1@example.com"]],
    }


async def test_the_result_is_what_was_written_and_the_blobs_of_batches_go_after_an_hour(
    person: Any, standing: Any, customers: Any, working: Any
) -> None:
    outcomes = {"Person 1": ("changed", None), "Person 2": ("unchanged", None), "Person 3": ("skipped", "no match")}
    outcomes |= {"Person 4": ("ambiguous", "it matches 2 customers"), "Person 5": ("failed", "a field is required")}
    customers.decide = lambda row: outcomes.get(row["first_name"], ("created", None))
    customers.answers = 2  # a repetition changes nothing
    made = await person.upload("people.csv", CSV)
    async with working(customers.serve()):
        job = await person.job_until(await person.begin(made))
    result = job["result"]
    assert result.pop("position").count("@") == 12
    expected = {"read": ROWS, "created": ROWS - 5, "changed": 1, "unchanged": 1, "skipped": 1, "ambiguous": 1}
    assert result == expected | {"failed": 1}
    assert (await person.http.get(f"/imports/{made['id']}")).json()["result"] == result
    assert [row[2] for row in await person.error_rows(made)][1:] == ["it matches 2 customers", "a field is required"]
    assert len(await kept_after(standing, made, minutes=59)) > 1  # a backup may be copying what was there before
    assert not await kept_after(standing, made, minutes=61)
    assert "file" in standing.blob_keys(f"imports/{made['id']}/")


async def kept_after(standing: Any, made: dict[str, Any], *, minutes: int) -> list[str]:
    """The blobs of batches that are left when it is swept so much later."""
    runtime = standing.runtime
    await sweep(runtime.db, runtime.blobs, SetClock(runtime.clock.now() + timedelta(minutes=minutes)))
    return [key for key in standing.blob_keys(f"imports/{made['id']}/") if key.startswith("batches/")]


async def test_pause_holds_and_resume_goes_on(person: Any, standing: Any, customers: Any, working: Any) -> None:
    made = await person.upload("people.csv", CSV)
    path = f"/imports/{made['id']}"
    async with working():
        job = await person.begin(made)

        async def begun() -> bool:
            return await outstanding(standing, customers) == 4

        await until(begun)
        assert (await person.http.post(f"{path}:pause")).json()["state"] == "paused"
        await customers.once()
        await until(lambda: answered(person, made, FOUR))
        assert await outstanding(standing, customers) == 0
        assert (await person.http.get(path)).json()["state"] == "paused"
        assert (await person.http.post(f"{path}:pause")).status_code == 409
        serving = asyncio.create_task(customers.serve())
        assert (await person.http.post(f"/jobs/{job}:resume")).json()["state"] == "queued"
        done = await person.job_until(job)
        serving.cancel()
    assert (done["state"], done["result"]["created"]) == ("done", ROWS)


async def test_a_cancelled_run_stops_and_can_go_on_without_doubling(
    person: Any, standing: Any, customers: Any, working: Any
) -> None:
    made = await person.upload("people.csv", CSV)
    path = f"/imports/{made['id']}"
    async with working():
        await person.begin(made)

        async def begun() -> bool:
            return await outstanding(standing, customers) == 4

        await until(begun)
        assert (await person.http.post(f"{path}:cancel")).json()["state"] == "cancelled"
        await customers.once()
        await until(lambda: answered(person, made, FOUR))
        shown = (await person.http.get(path)).json()
        assert (shown["state"], shown["result"]["created"]) == ("cancelled", FOUR)
        batches = f"imports/{made['id']}/batches/"
        assert len(standing.blob_keys(batches)) == 4
        assert not await kept_after(standing, made, minutes=61)
        changed = await person.decide(made, await person.suggested(made))
        assert (changed.status_code, changed.json()["code"]) == (409, "in_use")
        serving = asyncio.create_task(customers.serve())
        again = await person.http.post(f"{path}:run")
        assert again.status_code == 202, again.text
        done = await person.job_until(again.json()["id"])
        serving.cancel()
    assert done["result"]["created"] == ROWS
    assert len(customers.written) == ROWS
    once_more = await person.http.post(f"{path}:run")
    assert (once_more.status_code, once_more.json()["code"]) == (409, "in_use")


WORKER = """
import asyncio, sys
from pathlib import Path
from rapport_chassis.service import run_worker
from rapport_import.bootstrap import SERVICE
from rapport_testkit.service import running

async def main():
    async with running(SERVICE, Path(sys.argv[1])) as it:
        await run_worker(it.runtime, it.worker)

asyncio.run(main())
"""


async def test_a_worker_killed_again_and_again_loses_and_doubles_nothing(
    tmp_path: Path, standing: Any, person: Any, customers: Any
) -> None:
    """R8: kill -9 of the process that runs the job, wherever it is; the next one goes on behind the last batch."""
    made = await person.upload("people.csv", CSV)
    job = await person.begin(made)
    for kill in (True, True, False):
        worker = await asyncio.create_subprocess_exec(sys.executable, "-c", WORKER, str(tmp_path))
        try:
            before = len(customers.commands)

            async def moved(before: int = before, kill: bool = kill) -> bool:
                await customers.once()
                ended = (await person.http.get(f"/jobs/{job}")).json()["state"] == "done"
                return ended or (kill and len(customers.commands) > before)

            await until(moved)
        finally:
            worker.kill()
            await worker.wait()
    assert len(customers.written) == ROWS
    done = (await person.http.get(f"/jobs/{job}")).json()
    assert (done["state"], done["result"]["created"]) == ("done", ROWS)


def children() -> set[int]:
    """The processes that this one started and that still run."""
    return {int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()}


async def test_a_killed_reader_is_started_again_behind_what_it_brought(
    person: Any, standing: Any, customers: Any, working: Any
) -> None:
    made = await person.upload("people.csv", CSV.replace(b"Person", b"Person " + b"x" * 400))
    engines = children()
    async with working():
        job = await person.begin(made)

        async def begun() -> bool:
            return await outstanding(standing, customers) == 4

        await until(begun)
        readers = children() - engines
        assert readers
        for reader in readers:
            os.kill(reader, signal.SIGKILL)
        serving = asyncio.create_task(customers.serve())
        done = await person.job_until(job)
        serving.cancel()
    assert (done["state"], done["result"]["created"]) == ("done", ROWS)
    assert len(customers.written) == ROWS


async def test_a_run_stops_when_the_right_to_import_is_taken_away(
    somebody: Any, standing: Any, customers: Any, working: Any
) -> None:
    await standing.user("clerk", ["imports.view", "imports.run"])
    clerk = somebody("clerk")
    made = await clerk.upload("people.csv", CSV)
    async with working():
        job = await clerk.begin(made)
        await standing.user("clerk", ["imports.view"])
        done = await clerk.job_until(job, "failed")
    assert done["error"]["code"] == "forbidden"


async def test_chosen_rows_only(person: Any, customers: Any, working: Any) -> None:
    """I2: ranges of the file's own row numbers."""
    made = await person.upload("people.csv", CSV)
    async with working(customers.serve()):
        job = await person.job_until(await person.begin(made, rows="1-3, 2000-2001,2200, 4000-20000"))
    rows = sorted(row for _, row in customers.written)
    assert rows == [2, 3, 2000, 2001, 2200, *range(4000, ROWS + 2)]
    assert job["progress"] == {"done": len(rows), "total": len(rows)}


async def test_what_was_not_started_cannot_be_steered(person: Any) -> None:
    made = await person.upload("people.csv", CSV)
    for verb in ("pause", "resume", "cancel"):
        answer = await person.http.post(f"/imports/{made['id']}:{verb}")
        assert (answer.status_code, answer.json()["code"]) == (409, "in_use")
