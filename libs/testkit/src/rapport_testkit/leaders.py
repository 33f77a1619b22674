"""Which process holds a lead on PostgreSQL: the one that holds its advisory lock, found by the port of its connection."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import psycopg

from rapport_chassis.dialects import lock_key

_LEADER = """
    SELECT a.client_port FROM pg_locks l JOIN pg_stat_activity a USING (pid) JOIN pg_database d ON d.oid = l.database
    WHERE l.locktype = 'advisory' AND l.granted AND l.objid = %s AND d.datname = current_database()
"""


def leader(connection: psycopg.Connection[tuple[int]], pids: Iterable[int]) -> int | None:
    """The one of `pids` that leads the workers of the service whose database this is, if any does."""
    found = connection.execute(_LEADER, (lock_key("lead worker"),)).fetchone()
    return next((pid for pid in pids if found and found[0] in _ports(pid)), None)


def _ports(pid: int) -> set[int]:
    """The local TCP ports of a process's connections."""
    try:
        sockets = {str(one.readlink()) for one in Path(f"/proc/{pid}/fd").iterdir()}
    except OSError:
        return set()
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {int(row[1].rpartition(":")[2], 16) for row in rows if f"socket:[{row[9]}]" in sockets}
