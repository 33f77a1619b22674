"""`rapport serve`: each service in processes of its own, behind a gateway that knows it by its address."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from rapport_testkit.command import PASSWORD, own_environment, rapport
from rapport_testkit.engines.ports import free_port
from rapport_testkit.installation import Client, until

pytestmark = pytest.mark.timeout(600)
OTHERS = ("identity", "import", "search", "logging", "messaging")


@contextlib.contextmanager
def serving(env: dict[str, str], *names: str, role: str, port: int = 0) -> Iterator[subprocess.Popen[bytes]]:
    """`rapport serve NAME… --role ROLE`, ended at the end."""
    process = subprocess.Popen(rapport("serve", *names, "--role", role), env=env | {"RAPPORT_PORT": str(port)})
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


async def test_a_service_in_processes_of_its_own_is_used_through_the_gateway_and_fails_alone(tmp_path: Path) -> None:
    """G4, G2."""
    own, gateway = free_port(), free_port()
    env = own_environment(tmp_path / "data", {})
    apart = env | {"RAPPORT_SERVICE_CUSTOMERS_URL": f"http://127.0.0.1:{own}"}
    with (
        serving(env, "customers", role="worker"),
        serving(apart, *OTHERS, role="worker"),
        serving(apart, *OTHERS, "gateway", role="web", port=gateway),
        contextlib.ExitStack() as stack,
    ):
        customers = stack.enter_context(serving(env, "customers", role="web", port=own))
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{gateway}/api/v1", timeout=60) as http:
            await until(lambda: _ready(http, gateway), 120)
            client = Client(http)
            await client.sign_in("master", PASSWORD)
            group = await client.post("/groups", {"name": "All"}, expect=201)
            person = {"kind": "person", "first_name": "Reza", "groups": [group["id"]]}
            made = await client.post("/customers", person, expect=201)

            async def found() -> bool:
                return bool((await client.post("/customers:search", {}))["count"] == 1)

            await until(found, 60)
            customers.terminate()
            customers.wait(60)
            answer = await client.call("GET", f"/customers/{made['id']}")
            assert (answer.status_code, answer.json()["code"]) == (503, "engine_unavailable")
            assert (await client.get("/auth/me"))["user"]["username"] == "master"


async def _ready(http: httpx.AsyncClient, port: int) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return (await http.get(f"http://127.0.0.1:{port}/readyz", timeout=5)).status_code == 200
    return False
