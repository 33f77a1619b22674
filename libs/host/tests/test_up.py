"""`rapport up`: one a folder, its children come back, it ends with all of them, and what it does can be measured."""

import contextlib
import os
import signal
from pathlib import Path

import httpx
import pytest

from rapport_testkit.engines.ports import free_port
from rapport_testkit.installation import installed, until

pytestmark = pytest.mark.timeout(600)


def alive(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    return False


def test_a_second_one_on_the_same_data_is_refused(standing, rapport):
    ended = rapport("up", data=standing.data, RAPPORT_PORT=str(free_port()))
    assert ended.returncode == 78
    assert ended.stderr == f"rapport: another Rapport works on {standing.data} (up.lock is held)\n"


def test_a_taken_port_is_refused_with_what_to_do(standing, rapport, tmp_path):
    ended = rapport("up", data=tmp_path / "other", RAPPORT_PORT=str(standing.port))
    assert ended.returncode == 78
    assert f"127.0.0.1:{standing.port} cannot be used" in ended.stderr
    assert "choose another with RAPPORT_PORT" in ended.stderr


@pytest.mark.parametrize("role", ["web", "worker", "follower", "indexer"])
async def test_a_killed_child_comes_back(standing, role):
    before = await standing.until_working(role)
    assert await standing.kill(role) == before
    assert await standing.until_working(role) != before
    await standing.until_ready()


async def metrics(standing, place: int) -> str:
    port = int(standing.env["RAPPORT_METRICS_PORT"]) + place
    async with httpx.AsyncClient() as client:
        return (await client.get(f"http://127.0.0.1:{port}/metrics")).text


async def test_metrics_tell_requests_lag_and_outbox_age_by_service(standing):
    client = await standing.client()
    async with contextlib.aclosing(client.http):
        await client.post("/groups", {"name": "Measured"}, expect=201)
    web = await metrics(standing, 0)
    assert 'http_requests_total{method="POST",route="/groups",service="customers",status="201"} 1.0' in web
    assert 'route="/api/v1/groups*",service="gateway"' in web
    await standing.until_working("worker")
    await standing.until_working("follower")

    async def told():
        with contextlib.suppress(httpx.HTTPError):
            said = await metrics(standing, 1)
            lag = 'consumer_lag_records{consumer="messaging.definitions",service="messaging"'
            followed = await metrics(standing, 2)
            return lag in followed and 'outbox_age_seconds{service="customers"}' in said
        return False

    await until(told, 60)
    await standing.until_working("indexer")

    async def indexer_told():
        with contextlib.suppress(httpx.HTTPError):
            return 'search_index_age_seconds{service="search"}' in await metrics(standing, 3)
        return False

    await until(indexer_told, 60)


async def test_a_start_while_the_children_of_a_killed_supervisor_are_still_ending_waits_for_them(tmp_path):
    async with installed(tmp_path / "data") as installation:
        before = installation.children()
        assert installation.process is not None
        os.kill(before["web"], signal.SIGSTOP)  # it ends, but slowly
        installation.process.kill()
        installation.process.wait(10)
        installation.start()
        lock = installation.data / f"web.{installation.port}.lock"
        await until(lambda: holds_open(installation.children().get("web"), lock), 60)
        os.kill(before["web"], signal.SIGCONT)
        await installation.until_ready()


async def holds_open(pid: int | None, path: Path) -> bool:
    with contextlib.suppress(OSError):
        return any(one.resolve() == path for one in Path(f"/proc/{pid}/fd").iterdir())
    return False


async def test_the_children_end_with_a_killed_supervisor_and_the_next_start_works(tmp_path):
    async with installed(tmp_path / "data") as installation:
        children = installation.children()
        assert set(children) == {"web", "worker", "follower", "indexer"}
        assert installation.process is not None
        os.kill(installation.process.pid, signal.SIGKILL)
        installation.process.wait(10)

        async def gone():
            return not any(alive(pid) for pid in children.values())

        await until(gone, 60)
        installation.start()
        await installation.until_ready()
