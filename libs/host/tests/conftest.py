"""One installation for the tests that leave it as it was."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rapport_host.roles import ROLES
from rapport_testkit.engines.ports import free_ports
from rapport_testkit.installation import PASSWORD, Installation
from rapport_testkit.topology import EMBEDDED


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A ready `rapport up` with metrics, its data in files: what is tested of it is theirs."""
    folder = tmp_path_factory.mktemp("standing")
    installation = Installation(folder / "data", EMBEDDED | {"RAPPORT_METRICS_PORT": str(free_ports(len(ROLES))[0])})
    installation.start()
    try:
        asyncio.run(installation.until_ready())
        yield installation
    finally:
        asyncio.run(installation.close())


def run_rapport(*arguments: str, data: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """The command line, to its end."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("RAPPORT_", "TWILIO_"))}
    return subprocess.run(  # noqa: PLW1510  the tests look at the status
        [sys.executable, "-m", "rapport_host", *arguments],
        env=clean | {"RAPPORT_DATA": str(data), "RAPPORT_MASTER_PASSWORD": PASSWORD} | env,
        capture_output=True,
        text=True,
        timeout=90,
    )


@pytest.fixture
def rapport():
    return run_rapport
