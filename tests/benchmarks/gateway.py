"""P9: an authenticated GET of a customer through the gateway against the same service's application served alone.

For orientation the same through nginx, which only passes it on: it knows no session, no right and no limit.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import httpx

from rapport_chassis.peers import IDENTITY_HEADER
from rapport_chassis.signing import Signer
from rapport_testkit.command import own_environment, rapport
from rapport_testkit.engines.ports import free_port, listens
from rapport_testkit.installation import Installation, installed, until
from rapport_testkit.topology import environment
from tests.benchmarks.filling import RATE_FREE
from tests.benchmarks.load import Load, load, request
from tests.benchmarks.table import Row, median

SECONDS = 3.0
ROUNDS = 3
_NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid;
events {{ worker_connections 512; }}
http {{
  access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; keepalive_requests 10000000;
  upstream service {{ server 127.0.0.1:{port}; keepalive 64; keepalive_requests 10000000; }}
  server {{
    listen 127.0.0.1:{proxy};
    location / {{ proxy_pass http://service; proxy_http_version 1.1; proxy_set_header Connection ""; }}
  }}
}}
"""


async def run(folder: Path) -> list[Row]:
    """Two rows: 32 clients, and one."""
    async with (
        installed(folder / "data", RATE_FREE) as installation,
        _alone(installation) as port,
        _nginx(folder, port) as proxy,
    ):
        client = await installation.client()
        group = await client.post("/groups", {"name": "All"}, expect=201)
        person = {"kind": "person", "first_name": "Reza", "last_name": "Ahmadi", "groups": [group["id"]]}
        made = await client.post("/customers", person, expect=201)
        cookies = "; ".join(f"{name}={value}" for name, value in client.http.cookies.items())
        path = f"/customers/{made['id']}"
        master = (await client.get("/auth/me"))["user"]["id"]
        rows = []
        for connections in (32, 1):
            pairs, passed = [], []
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
                if proxy:
                    passed.append(await load(proxy, direct, connections, SECONDS))
            rows.append(_row(connections, pairs))
            rows.append(_of_nginx(connections, passed, [one for _, one in pairs]))
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
        f"{ratio:.2f} ×, {added:+.2f} ms p50",
        "≥ 0.7 ×" + (", ≤ 0.6 ms added" if alone else ""),
        "≥ 0.9 ×" + (", ≤ 0.2 ms added" if alone else ""),
        met=ratio >= 0.7 and (not alone or added <= 0.6),
        goal_reached=ratio >= 0.9 and (not alone or added <= 0.2),
    )


def _of_nginx(connections: int, passed: list[Load], direct: list[Load]) -> Row:
    """Told, not judged."""
    work = f"the same through nginx alone, c={connections}, for orientation"
    if not passed:
        return Row("P9", work, "nginx is not installed here", "—", "—", "—", "—", met=True, goal_reached=True)
    assert all(set(one.statuses) == {"200"} for one in passed), [one.statuses for one in passed]
    ours, floor = median([one.rate for one in passed]), median([one.rate for one in direct])
    added = median([one.p50 - other.p50 for one, other in zip(passed, direct, strict=True)]) * 1000
    ratio = f"{ours / floor:.2f} ×, {added:+.2f} ms p50"
    return Row("P9", work, f"{ours:,.0f}/s", f"{floor:,.0f}/s", ratio, "—", "—", met=True, goal_reached=True)


@contextlib.asynccontextmanager
async def _nginx(folder: Path, port: int) -> AsyncIterator[int | None]:
    """nginx in front of `port`, with connections that stay open; its port, or None where there is none."""
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        yield None
        return
    proxy = free_port()
    (folder / "nginx.conf").write_text(_NGINX.format(folder=folder, proxy=proxy, port=port))
    server = subprocess.Popen([program, "-c", folder / "nginx.conf", "-e", folder / "nginx.log"])
    try:
        await until(lambda: _listens(proxy), 20)
        yield proxy
    finally:
        server.terminate()
        server.wait()


async def _listens(port: int) -> bool:
    return listens(port)


@contextlib.asynccontextmanager
async def _alone(installation: Installation) -> AsyncIterator[int]:
    """The customers application in a process of its own, without the gateway."""
    port = free_port()
    key = (installation.data / "identity.key").read_text()
    told = environment(installation.data) | {"RAPPORT_PORT": str(port), "RAPPORT_IDENTITY_KEY": key}
    server = subprocess.Popen(
        rapport("serve", "customers", "--role", "web"), env=own_environment(installation.data, told)
    )
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
