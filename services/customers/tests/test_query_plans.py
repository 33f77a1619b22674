"""Lookups go by their index, on SQLite as its planner says (measures.md P1: 1 µs a match, 767 from the wrong table)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, event

from rapport_chassis.db import Database
from rapport_customers.store import customers, imports, matching

SOME = frozenset(["g"])


def plan_of(conn: Connection, ask: Callable[[Connection], Any]) -> str:
    asked: list[tuple[str, Any]] = []

    def note(_conn: Any, _cursor: Any, sql: str, values: Any, _context: Any, _many: bool) -> None:
        asked.append((sql, values))

    event.listen(conn, "before_cursor_execute", note)
    ask(conn)
    event.remove(conn, "before_cursor_execute", note)
    ((sql, values),) = asked
    return "\n".join(row[3] for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values))


@pytest.mark.parametrize(
    ("ask", "steps"),
    [
        (lambda conn: matching.find(conn, "email", ["a@b.co"]), ["match_keys USING PRIMARY KEY (key=?)"]),
        (lambda conn: matching.is_held(conn, "custom.x", ""), ["match_keys USING PRIMARY KEY (key=?)"]),
        (
            lambda conn: customers.visible_numbers(conn, [1], SOME, "person"),
            ["customers USING INTEGER PRIMARY KEY (rowid=?)", "customer_groups USING PRIMARY KEY (number=?"],
        ),
        (
            lambda conn: customers.find_many(conn, ["x"], SOME),
            [
                "customers USING INDEX sqlite_autoindex_customers_1 (id=?)",
                "customer_groups USING PRIMARY KEY (number=?",
            ],
        ),
        (
            lambda conn: customers.page(conn, SOME, "x", 50),
            [
                "customers USING INDEX sqlite_autoindex_customers_1 (id<?)",
                "customer_groups USING PRIMARY KEY (number=?",
            ],
        ),
        (
            lambda conn: customers.members(conn, "o", None, "p", 50),
            ["organization_links USING PRIMARY KEY (organization_id=? AND person_id>?)"],
        ),
        (
            lambda conn: customers.some_of_group(conn, "g", 1),
            ["customer_groups USING COVERING INDEX customers_of_group (group_id=?)"],
        ),
        (lambda conn: imports.known_rows(conn, "r", [1]), ["import_rows USING PRIMARY KEY (run_id=? AND row=?)"]),
    ],
)
async def test_a_lookup_searches_and_never_scans(db: Database, ask: Callable[[Connection], Any], steps: list[str]):
    plan = await db.read(plan_of, ask)
    for step in steps:
        assert f"SEARCH {step}" in plan, plan
    for table in ("customers", "match_keys", "customer_groups", "organization_links", "import_rows"):
        assert f"SCAN {table}" not in plan, plan
    assert "TEMP B-TREE" not in plan, plan
