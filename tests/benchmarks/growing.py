"""P12: what ten times as much costs: the rate of an import, and the page of a long timeline.

The same installation takes the same number of rows again and again: the tenth import finds nine times as many customers there
as it brings. Then one customer has 100,000 entries and another 100, and the pages of both are asked for in turn.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson

from rapport_chassis.bus.opening import open_bus
from rapport_chassis.bus.port import NewRecord
from rapport_contracts.envelope import seal
from rapport_contracts.topics import CUSTOMER_EVENTS
from rapport_testkit.installation import Client, Installation, installed
from rapport_testkit.people import generate, write_xlsx
from rapport_testkit.topology import bus_url
from tests.benchmarks.filling import RATE_FREE, found, quiet
from tests.benchmarks.importing import ROWS, upload
from tests.benchmarks.table import Row, median
from tests.benchmarks.wire import Wire
from tests.chaos.killing import until_quiet

TIMES = 10
MANY, FEW = 100_000, 100
ASKED = 200
_BEGAN = datetime(2025, 3, 21, tzinfo=UTC)
_TOGETHER = 1_000


async def run(folder: Path) -> list[Row]:
    """Both rows."""
    async with installed(folder / "data", RATE_FREE) as installation:
        client = await installation.client()
        long, short = [await _timeline(installation, client, entries) for entries in (MANY, FEW)]
        timeline = await _pages(installation, client, long, short)
        return [await _imports(installation, client, folder), timeline]


async def _imports(installation: Installation, client: Client, folder: Path) -> Row:
    seconds, there = [], 0
    for number in range(TIMES):
        workbook = folder / "people.xlsx"
        write_xlsx(workbook, generate(ROWS, seed=100 + number))
        await quiet(installation)
        took, created = await _import(client, workbook)
        seconds.append(took)
        there += created
        await found(client, there)
    first, last = ROWS / median(seconds[:2]), ROWS / median(seconds[-2:])
    ratio = last / first
    return Row(
        "P12",
        f"import of {ROWS:,} rows beside {ROWS * (TIMES - 2):,} customers and more, two of each",
        f"{last:,.0f} rows/s",
        f"{first:,.0f} rows/s (beside at most {ROWS:,})",
        f"{ratio:.2f} ×",
        "≥ 0.8 ×",
        "≥ 0.95 ×",
        met=ratio >= 0.8,
        goal_reached=ratio >= 0.95,
    )


async def _import(client: Client, workbook: Path) -> tuple[float, int]:
    """Upload and run; how many seconds, and how many customers."""
    import_id, seconds = await upload(client, workbook)
    began = time.perf_counter()
    job = await client.post(f"/imports/{import_id}:run", expect=202)
    ended = await client.job(job["id"], 600)
    assert ended["state"] == "done", ended
    return seconds + time.perf_counter() - began, ended["result"]["created"]


async def _timeline(installation: Installation, client: Client, entries: int) -> str:
    """A customer with so many entries of changes, said on the bus as the customers service would; the id."""
    group = await client.post("/groups", {"name": f"With {entries:,} entries"}, expect=201)
    person = {"kind": "person", "first_name": "Reza", "last_name": f"{entries}", "groups": [group["id"]]}
    customer = str((await client.post("/customers", person, expect=201))["id"])
    user = (await client.get("/auth/me"))["user"]["id"]
    bus = open_bus(bus_url(installation.data), {})
    await bus.start()
    try:
        producer = await bus.producer("bench")
        for start in range(0, entries, _TOGETHER):
            numbers = range(start, min(start + _TOGETHER, entries))
            await producer.append([_changed(customer, user, number) for number in numbers])
    finally:
        await bus.close()
    await until_quiet(installation, client, 300)
    return customer


def _changed(customer: str, user: str, number: int) -> NewRecord:
    said = {"customer_id": customer, "by": user, "via": "form", "version": number + 2, "fields": ["first_name"]}
    value = seal(
        source="customers",
        type_="customers.customer.changed",
        subject=customer,
        data=orjson.dumps(said),
        time=_BEGAN + timedelta(seconds=number),
    )
    return NewRecord(CUSTOMER_EVENTS, customer, value)


async def _pages(installation: Installation, client: Client, long: str, short: str) -> Row:
    await quiet(installation)
    wire = await Wire.open(installation.port, client)
    seconds: dict[str, list[float]] = {long: [], short: []}
    for _ in range(ASKED):
        for customer in (long, short):
            answer = await wire.ask("GET", f"/customers/{customer}/timeline?limit=50")
            assert answer.status == 200, answer.body
            assert len(answer.json["items"]) == 50
            seconds[customer].append(answer.seconds)
    wire.close()
    ours, floor = median(seconds[long]) * 1000, median(seconds[short]) * 1000
    return Row(
        "P12",
        f"timeline page of a customer with {MANY:,} entries, p50",
        f"{ours:.2f} ms",
        f"{floor:.2f} ms (with {FEW} entries)",
        f"{ours / floor:.2f} ×",
        "≤ 2 ×",
        "≤ 1.2 ×",
        met=ours <= floor * 2,
        goal_reached=ours <= floor * 1.2,
    )
