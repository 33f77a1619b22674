"""What docker-compose.yml describes, as processes: it comes up, is used, and measures what the dashboard asks for."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from rapport_host.roles import NAMES
from rapport_testkit.command import PASSWORD
from rapport_testkit.engines import running
from rapport_testkit.installation import Client, until
from rapport_testkit.people import generate, write_xlsx
from tests.deploy.running import PREFIX, Running, composed_processes, names
from tests.deploy.test_files import queries

pytestmark = [pytest.mark.timeout(600)]


@pytest.fixture
async def processes() -> AsyncIterator[Running]:
    with contextlib.ExitStack() as stack:
        stack.callback(forget_databases)
        yield await asyncio.to_thread(stack.enter_context, composed_processes())


def forget_databases() -> None:
    with psycopg.connect(running("postgres").url, autocommit=True) as server:
        for name in NAMES:
            server.execute(f'DROP DATABASE IF EXISTS "{PREFIX}_{name}" WITH (FORCE)')


async def test_what_compose_starts_works_with_the_addresses_of_the_table_alone(processes: Running, tmp_path: Path):
    await until(lambda: all_ready(processes), 180, lambda: trouble(processes))
    gateway = f"http://127.0.0.1:{processes.http['gateway']}"
    async with httpx.AsyncClient(base_url=f"{gateway}/api/v1", timeout=60) as http:
        client = Client(http)
        await client.sign_in("master", PASSWORD)
        await use(client)
        await upload(client, tmp_path / "people.xlsx")
    measured = await scraped(processes)
    assert queries() - measured - {"up"} == set()


async def use(client: Client) -> None:
    """Each call of the table is made: the gateway's to all, logging's to customers, messaging's to customers and search."""
    group = await client.post("/groups", {"name": "All"}, expect=201)
    contacts = [{"kind": "mobile", "value": "+989121234567"}]
    person = {"kind": "person", "first_name": "Reza", "groups": [group["id"]], "contacts": contacts}
    made = await client.post("/customers", person, expect=201)

    async def found() -> bool:
        return bool((await client.post("/customers:search", {}))["count"] == 1)

    async def told() -> bool:
        return bool((await client.get(f"/customers/{made['id']}/timeline"))["items"])

    await until(found, 60)
    await until(told, 60)
    for audience in ({"group": group["id"]}, {"customer_ids": [made["id"]]}):
        sent = await client.post("/messages", {"audience": audience, "text": "hello", "hold_seconds": 0}, expect=202)
        ended = await client.job(sent["id"])
        assert (ended["state"], ended["result"]["sent"]) == ("done", 1), ended


async def upload(client: Client, workbook: Path) -> None:
    """A workbook goes to the blob store and from there to the process that reads it, whose user is nobody."""
    write_xlsx(workbook, generate(20, seed=3))
    made = await client.post("/imports", expect=201, files={"file": (workbook.name, workbook.read_bytes())})
    assert (made["format"], made["sheets"][0]["rows"]) == ("xlsx", 21), made


async def all_ready(processes: Running) -> bool:
    ended = {name: one.poll() for name, one in processes.processes.items() if one.poll() is not None}
    assert not ended, {name: processes.said(name) for name in ended}
    urls = [
        f"http://127.0.0.1:{port}/{path}" for port in processes.operators.values() for path in ("healthz", "readyz")
    ]
    urls.append(f"http://127.0.0.1:{processes.http['gateway']}/readyz")
    webs = [name for (service, role), name in names().items() if role == "web" and service != "gateway"]
    urls += [f"http://127.0.0.1:{processes.http[name]}/internal/health" for name in webs]
    async with httpx.AsyncClient(timeout=10) as http:
        return all(await asyncio.gather(*(_answers(http, url) for url in urls)))


async def _answers(http: httpx.AsyncClient, url: str) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return (await http.get(url)).status_code == 200
    return False


def trouble(processes: Running) -> str:
    return "\n".join(f"{name}: {processes.said(name)}" for name in processes.processes)


async def scraped(processes: Running) -> set[str]:
    """The names of all samples of all processes."""
    async with httpx.AsyncClient(timeout=10) as http:
        pages: list[Any] = await asyncio.gather(
            *(http.get(f"http://127.0.0.1:{port}/metrics") for port in processes.operators.values())
        )
    return {name for page in pages for name in re.findall(r"^([a-z_]+)[{ ]", page.text, re.MULTILINE)}
