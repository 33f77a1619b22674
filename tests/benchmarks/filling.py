"""Fills an installation's index without an import: customers' states are appended to its bus, as their service would say them.

Only search and its followers know these customers; the benchmarks that use this ask search alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any, Final

import orjson

from rapport_chassis.bus.opening import open_bus
from rapport_chassis.bus.port import NewRecord
from rapport_contracts.envelope import seal
from rapport_contracts.topics import CUSTOMERS
from rapport_testkit.customers import person_document
from rapport_testkit.installation import Client, Installation, until
from rapport_testkit.people import Person, generate
from rapport_testkit.topology import bus_url

GROUPS: Final = 8
RATE_FREE: Final = {"RAPPORT_RATE_USER": "0/0", "RAPPORT_RATE_ADDRESS": "0/0", "RAPPORT_RATE_SIGN_IN": "0/0"}
_BATCH: Final = 2_000
_FIRST: Final = datetime(2025, 3, 21, tzinfo=UTC)
_SECONDS_A_DOCUMENT: Final = 0.004


async def fill(installation: Installation, client: Client, count: int) -> list[str]:
    """Make `count` customers in eight groups and wait until all are found; the groups' ids.

    What an earlier run made on the same folder stays, and is not made again.
    """
    groups = await _groups(client)
    bus = open_bus(bus_url(installation.data), {})
    await bus.start()
    try:
        producer = await bus.producer("bench")
        there = sum((await bus.ends(CUSTOMERS)).values())
        records = islice(_records(count, groups), there, None)
        while batch := await asyncio.to_thread(lambda: list(islice(records, _BATCH))):
            await producer.append(batch)
    finally:
        await bus.close()
    await found(client, count)
    await quiet(installation)
    return groups


async def _groups(client: Client) -> list[str]:
    there = {group["name"]: group["id"] for group in (await client.get("/groups?limit=500"))["items"]}
    names = [f"Group {number}" for number in range(GROUPS)]
    return [there.get(name) or (await client.post("/groups", {"name": name}, expect=201))["id"] for name in names]


async def found(client: Client, count: int) -> None:
    """Wait until search finds `count` customers."""

    async def all_found() -> bool:
        answer = await client.post("/customers:search", {"count": True, "limit": 0})
        return bool(answer["count"] >= count)

    await until(all_found, 60 + count * _SECONDS_A_DOCUMENT)


async def quiet(installation: Installation) -> None:
    """Wait until the installation's processes hardly work: merges and other followers are done."""
    before = _ticks(installation)

    async def idle() -> bool:
        nonlocal before
        await asyncio.sleep(1)
        now = _ticks(installation)
        worked, before = now - before, now
        return worked < 15  # hundredths of a second

    await until(idle, 300)


def _ticks(installation: Installation) -> int:
    said = [
        Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in installation.children().values()
    ]
    return sum(int(words[11]) + int(words[12]) for words in said)


def _records(count: int, groups: list[str]) -> Iterator[NewRecord]:
    chance = Random(5)
    for person in generate(count, seed=7):
        document = customer(person, groups, chance)
        value = seal(
            source="customers",
            type_=CUSTOMERS.name,
            subject=document["id"],
            data=orjson.dumps(document),
            time=datetime.now(UTC),
        )
        yield NewRecord(CUSTOMERS, document["id"], value)


def customer(person: Person, groups: list[str], chance: Random) -> dict[str, Any]:
    """The document of a made-up person, in one or two groups, made some day of a year."""
    at = (_FIRST + timedelta(seconds=chance.randrange(365 * 86_400))).isoformat(timespec="microseconds")
    numbers = (("mobile", person.mobile, person.mobile_key), ("phone", person.phone, person.phone_key))
    contacts = [
        {"kind": kind, "label": None, "value": value, "e164": key, "primary": True}
        for kind, value, key in (*numbers, ("email", person.email, None))
        if value
    ]
    plain = ("first_name", "last_name", "company_name", "position", "description")
    place = {name: getattr(person, name) for name in ("city", "province", "country", "postal_code")}
    return person_document(
        *chance.sample(groups, 1 + (chance.random() < 0.3)),
        **{name: getattr(person, name) for name in plain},
        address=place | {"street": None},
        contacts=contacts,
        created_at=at.replace("+00:00", "Z"),
        updated_at=at.replace("+00:00", "Z"),
    )
