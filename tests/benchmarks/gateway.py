"""P9: an authenticated GET of a customer through the gateway against the same service's application served alone."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx

from rapport_chassis.peers import IDENTITY_HEADER
from rapport_chassis.signing import Signer
from rapport_testkit.engines.ports import free_port
from rapport_testkit.installation import Installation, installed, until
from rapport_testkit.topology import environment
from tests.benchmarks.filling import RATE_FREE
from tests.benchmarks.load import Load, load, request
from tests.benchmarks.table import Row, median

SECONDS = 3.0
ROUNDS = 3


async def run(folder: Path) -> list[Row]:
    """Two rows: 32 clients, and one."""
    async with installed(folder / "data", RATE_FREE) as installation, _alone(installation) as port:
        client = await installation.client()
        group = await client.post("/groups", {"name": "All"}, expect=201)
        person = {"kind": "person", "first_name": "Reza", "last_name": "Ahmadi", "groups": [group["id"]]}
        made = await client.post("/customers", person, expect=201)
        cookies = "; ".join(f"{name}={value}" for name, value in client.http.cookies.items())
        path = f"/customers/{made['id']}"
        master = (await client.get("/auth/me"))["user"]["id"]
        rows = []
        for connections in (32, 1):
            pairs = []
            for _ in range(ROUNDS):
                token = Signer((installation.data / "identity.key").read_text()).sign(master, 0)
                direct = [request("GET", path, {IDENTITY_HEADER: token})]
                through = [request("GET", f"/api/v1{path}", {"cookie": cookies})]
                pairs.append(
                    (
                        await load(installation.port, through, connections, SECONDS),
                        await load(port, direct, connections, SECONDS),
                    )
                )
            rows.append(_row(connections, pairs))
    return rows


def _row(connections: int, pairs: list[tuple[Load, Load]]) -> Row:
    assert all(set(one.statuses) == {"200"} for pair in pairs for one in pair), [
        one.statuses for pair in pairs for one in pair
    ]
    ours = median([one.rate for one, _ in pairs])
    direct = median([one.rate for _, one in pairs])
    added = median([one.p50 - other.p50 for one, other in pairs]) * 1000
    ratio = ours / direct
    alone = connections == 1
    return Row(
        "P9",
        f"authenticated GET through the gateway, c={connections}",
        f"{ours:,.0f}/s",
        f"{direct:,.0f}/s (service alone)",
        f"{ratio:.2f} ×, +{added:.2f} ms p50",
        "≥ 0.7 ×" + (", ≤ 0.6 ms added" if alone else ""),
        "≥ 0.9 ×" + (", ≤ 0.2 ms added" if alone else ""),
        met=ratio >= 0.7 and (not alone or added <= 0.6),
        goal_reached=ratio >= 0.9 and (not alone or added <= 0.2),
    )


@contextlib.asynccontextmanager
async def _alone(installation: Installation) -> AsyncIterator[int]:
    """The customers application in a process of its own, without the gateway."""
    port = free_port()
    env = os.environ | environment(installation.data)
    env |= {"RAPPORT_DATA": str(installation.data), "RAPPORT_PORT": str(port)}
    env |= {"RAPPORT_IDENTITY_KEY": (installation.data / "identity.key").read_text()}
    server = subprocess.Popen([sys.executable, "-m", "rapport_host", "serve", "customers", "--role", "web"], env=env)
    try:
        async with httpx.AsyncClient() as client:

            async def up() -> bool:
                with contextlib.suppress(httpx.HTTPError):
                    return (await client.get(f"http://127.0.0.1:{port}/internal/health")).status_code == 200
                return False

            await until(up, 20)
        yield port
    finally:
        server.terminate()
        server.wait()
