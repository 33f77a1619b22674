"""What a database's planner says of the queries that a function asks, for tests that a lookup goes by its index."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, event


def plan_of(conn: Connection, ask: Callable[[Connection], object]) -> str:
    """The plans of the queries of `ask(conn)`, a step a line.

    PostgreSQL prefers a scan for tables as small as a test's, so there scans and sorts are made dear: one that is left is one
    that no index saves.
    """
    asked: list[tuple[str, Any]] = []

    def note(_conn: Any, _cursor: Any, sql: str, values: Any, _context: Any, _many: bool) -> None:
        asked.append((sql, values))

    event.listen(conn, "before_cursor_execute", note)
    ask(conn)
    event.remove(conn, "before_cursor_execute", note)
    on_postgres = conn.dialect.name == "postgresql"
    if on_postgres:
        for way in ("seqscan", "sort", "bitmapscan", "hashjoin", "mergejoin"):
            conn.exec_driver_sql(f"SET LOCAL enable_{way} = off")
    words, step = ("EXPLAIN (COSTS off)", 0) if on_postgres else ("EXPLAIN QUERY PLAN", 3)
    return "\n".join(row[step] for sql, values in asked for row in conn.exec_driver_sql(f"{words} {sql}", values))
