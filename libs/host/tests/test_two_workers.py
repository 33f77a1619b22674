"""Two workers of a service on PostgreSQL and Kafka, sharing nothing else: the lead moves when its holder dies or hangs."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from rapport_testkit.command import own_environment, rapport
from rapport_testkit.installation import until
from rapport_testkit.leaders import leader
from rapport_testkit.topology import engines_of

MOVED_WITHIN = 5.0  # seconds, measures.md
_BUSY_MACHINE = 2.0


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[dict[int, subprocess.Popen[bytes]]]:
    """Two, each in a folder of its own, by process id."""
    env = engines_of(tmp_path / "shared") | {"RAPPORT_IDENTITY_KEY": "k" * 48}
    with ExitStack() as stack:
        found = {}
        for name in ("one", "two"):
            log = stack.enter_context((tmp_path / f"{name}.log").open("wb"))
            one = subprocess.Popen(
                rapport("serve", "customers", "--role", "worker"),
                env=own_environment(tmp_path / name, env),
                stdout=log,
                stderr=log,
            )
            stack.callback(one.wait)
            stack.callback(one.kill)
            found[one.pid] = one
        yield found


@pytest.mark.timeout(240)
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
async def test_a_leader_that_is_killed_or_hangs_has_a_successor_in_time(
    workers: dict[int, subprocess.Popen[bytes]], tmp_path: Path, how: signal.Signals
) -> None:
    url = engines_of(tmp_path / "shared")["RAPPORT_DATABASE_URL"].format(service="customers")
    first: int | None = None
    with psycopg.connect(url, autocommit=True) as connection:

        async def both_work() -> bool:
            nonlocal first
            first = leader(connection, workers)
            said = [(tmp_path / name / "customers.worker.lock") for name in ("one", "two")]
            assert all(one.poll() is None for one in workers.values())
            return first is not None and all(one.is_file() and one.read_text() for one in said)

        await until(both_work, 60)
        assert first is not None
        os.kill(first, how)
        since = time.monotonic()

        async def moved() -> bool:
            return leader(connection, workers) not in {None, first}

        await until(moved, MOVED_WITHIN + _BUSY_MACHINE)
        print(f"the lead moved {time.monotonic() - since:.1f} s after {how.name}")
