"""One installation for the tests that leave it as it was."""

import asyncio
from collections.abc import Iterator

import pytest

from rapport_host.roles import ROLES
from rapport_testkit.command import run_rapport
from rapport_testkit.engines.ports import free_ports
from rapport_testkit.installation import Installation
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


@pytest.fixture
def rapport():
    return run_rapport
