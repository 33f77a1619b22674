"""Lookups go by their index, as each planner says (measures.md P1: 1 µs a match, 767 from the wrong table)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection

from rapport_chassis.db import Database
from rapport_customers.store import customers, imports, matching
from rapport_testkit.databases import on_real_engines
from rapport_testkit.plans import plan_of

SOME = frozenset(["g"])


@pytest.mark.parametrize(
    ("ask", "steps", "indexes"),
    [
        (
            lambda conn: matching.find(conn, "email", ["a@b.co"]),
            ["match_keys USING PRIMARY KEY (key=?)"],
            ["match_keys_pkey"],
        ),
        (
            lambda conn: customers.visible_numbers(conn, [1], SOME, "person"),
            ["customers USING INTEGER PRIMARY KEY (rowid=?)", "customer_groups USING PRIMARY KEY (number=?"],
            ["customers_pkey", "customers_of_group"],
        ),
        (
            lambda conn: customers.find_many(conn, ["x"], SOME),
            [
                "customers USING INDEX sqlite_autoindex_customers_1 (id=?)",
                "customer_groups USING PRIMARY KEY (number=?",
            ],
            ["customers_id_key", "customers_of_group"],
        ),
        (
            lambda conn: customers.page(conn, SOME, "x", 50),
            [
                "customers USING INDEX sqlite_autoindex_customers_1 (id<?)",
                "customer_groups USING PRIMARY KEY (number=?",
            ],
            ["customers_id_key", "customers_of_group"],
        ),
        (
            lambda conn: customers.members(conn, "o", None, "p", 50),
            ["organization_links USING PRIMARY KEY (organization_id=? AND person_id>?)"],
            ["organization_links_pkey", "customers_id_key"],
        ),
        (
            lambda conn: customers.some_of_group(conn, "g", 1),
            ["customer_groups USING COVERING INDEX customers_of_group (group_id=?)"],
            ["customers_of_group", "customers_pkey"],
        ),
        (
            lambda conn: imports.known_rows(conn, "r", 1, 500),
            ["import_batches USING PRIMARY KEY (run_id=? AND first_row<?)"],
            ["import_batches_pkey"],
        ),
    ],
)
async def test_a_lookup_searches_and_never_scans(
    db: Database, ask: Callable[[Connection], Any], steps: list[str], indexes: list[str]
):
    plan = await db.read(plan_of, ask)
    if on_real_engines():
        assert [index for index in indexes if f" using {index} " not in plan] == [], plan
        assert "Seq Scan" not in plan, plan
        assert "Sort" not in plan, plan
        return
    for step in steps:
        assert f"SEARCH {step}" in plan, plan
    for table in ("customers", "match_keys", "customer_groups", "organization_links", "import_batches"):
        assert f"SCAN {table}" not in plan, plan
    assert "TEMP B-TREE" not in plan, plan
