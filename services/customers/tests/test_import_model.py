"""The set-based writer does what a naive one does row by row, whatever the rows, the rule and the cut into batches (I4, I5)."""

from __future__ import annotations

import random
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from rapport_chassis.db import Database
from rapport_contracts.text import normalise
from rapport_customers.application.edit_groups import create_group
from rapport_customers.application.read_customers import batch_get
from rapport_customers.application.write_import_batch import write_batch
from rapport_testkit.customers import caller, import_batch, import_rows

MASTER = caller()
COLUMNS = ["first_name", "last_name", "city", "email", "mobile"]
WORDS = {
    "first_name": ["Reza", "REZA", "Sara", None],
    "last_name": ["Ahmadi", "احمدي", "احمدی", None],
    "city": ["Qom", "qom", None],
    "email": ["a@b.co", "A@b.co", "c@d.co", None],
    "mobile": ["09123456789", "+98 912 345 6789", "0935 000 0000", None],
}


class Model:
    """Customers as sets of folded values, matched one row at a time against all of them."""

    def __init__(self, fields: list[str], combine: str) -> None:
        self.customers: list[dict[str, set[str]]] = []
        self.fields = fields
        self.combine = combine

    def write(self, row: dict[str, str | None]) -> str:
        said = {name: ({self.fold(name, value)} if value else set()) for name, value in row.items()}
        if not (said["first_name"] or said["last_name"] or said["email"] or said["mobile"]):
            return "failed"
        found = [one for one in self.customers if self.same(said, one)]
        if len(found) > 1:
            return "ambiguous"
        if not found:
            self.customers.append(said)
            return "created"
        return self.merge(found[0], said)

    @staticmethod
    def fold(name: str, value: str) -> str:
        return "".join(c for c in value if c.isdigit())[-10:] if name == "mobile" else normalise(value)

    def same(self, row: dict[str, set[str]], customer: dict[str, set[str]]) -> bool:
        if self.combine == "any":
            return any(row[name] & customer[name] for name in self.fields)
        equal = [bool(row[name] & customer[name]) or not (row[name] or customer[name]) for name in self.fields]
        return all(equal) and any(row[name] for name in self.fields if name != "city")

    @staticmethod
    def merge(customer: dict[str, set[str]], row: dict[str, set[str]]) -> str:
        outcome = "unchanged"
        for name, values in row.items():
            new = values - customer[name] if name in {"email", "mobile"} or not customer[name] else set()
            if new:
                customer[name] |= new
                outcome = "changed"
        return outcome


def own(row: dict[str, str | None], seed: int) -> dict[str, str | None]:
    """The same row in a world of its own: other seeds' customers never match."""
    other = {name: value and f"{value} {seed}" for name, value in row.items()}
    other["email"] = row["email"] and f"{seed}.{row['email']}"
    other["mobile"] = row["mobile"] and f"{row['mobile'][:-3]}{seed:03d}"
    return other


@pytest.mark.parametrize("combine", ["any", "all"])
async def test_the_writer_agrees_with_a_naive_model(db: Database, combine: str):
    group = (await db.write(create_group, MASTER, "G", None, None)).id
    seen: set[str] = set()
    for seed in range(60):
        rng = random.Random(f"{combine} {seed}")
        usable = ["first_name", "last_name", "email", "mobile"] + (["city"] if combine == "all" else [])
        fields = rng.sample(usable, rng.randint(1, 3))
        if fields == ["city"]:
            fields.append("email")
        model = Model(fields, combine)
        rows = [own({name: rng.choice(WORDS[name]) for name in COLUMNS}, seed) for _ in range(14)]
        expected = [model.write(row) for row in rows]
        results = await _write(db, group, rows, {"fields": fields, "combine": combine}, rng, seed)
        assert [result[1] for result in results] == expected, (seed, fields, rows)
        ids = {result[2] for result in results if result[2]}
        documents = await db.read(batch_get, MASTER, sorted(ids))
        held = sorted(sorted(Model.fold(c["kind"], c["value"]) for c in one["contacts"]) for one in documents)
        assert held == sorted(sorted(one["email"] | one["mobile"]) for one in model.customers)
        seen |= set(expected)
    several = {"ambiguous"} if combine == "any" else set()  # rows with one value a field cannot be two customers on all
    assert seen == {"created", "changed", "unchanged", "failed"} | several


async def _write(
    db: Database, group: str, rows: list[dict[str, Any]], match: dict[str, Any], rng: random.Random, seed: int
) -> list[Any]:
    results: list[Any] = []
    at = 0
    while at < len(rows):
        size = rng.choice([1, 3, 14])
        some = [list(row.values()) for row in rows[at : at + size]]
        batch = import_batch(group, run_id=f"run-{seed}", batch=at, match=match)
        await db.write(write_batch, batch, import_rows(COLUMNS, *some, first=at), MASTER)
        said = await db.read(
            lambda conn: conn.execute(
                text("SELECT data FROM outbox WHERE topic = 'imports.results.v1' ORDER BY id DESC LIMIT 1")
            ).scalar_one()
        )
        results += orjson.loads(said)["rows"]
        at += size
    return results
