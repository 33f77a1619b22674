"""Replacements of groups that jobs are at."""

from __future__ import annotations

from sqlalchemy import Connection, select

from rapport_chassis.jobs import ENDED
from rapport_customers.store.tables import chassis

KIND = "replace_group"


def under_way(conn: Connection) -> list[tuple[str, str]]:
    """(group, its replacement) of each job that waits, runs or is paused."""
    jobs = chassis.jobs
    query = select(jobs.c.params).where(jobs.c.state.not_in(ENDED), jobs.c.kind == KIND)
    return [(params["group_id"], params["replacement"]) for params in conn.execute(query).scalars()]
