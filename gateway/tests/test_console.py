"""The console's files."""

from __future__ import annotations

import base64
import gzip
import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from .conftest import World, opened

ROOT = "http://rapport.test"
SCRIPT = "document.documentElement.dataset.theme = 'dark'"


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(f"<html><script>{SCRIPT}</script><script src=/assets/app-1.js></script>app")
    (folder / "sign-in.html").write_text("<html>sign in")
    (folder / "assets" / "app-1.js").write_text("let a = 1")
    (folder / "assets" / "app-1.js.gz").write_bytes(gzip.compress(b"let a = 1"))
    (folder / "assets" / "app-1.js.br").write_bytes(b"brotli")
    (folder / "favicon.svg").write_text("<svg/>")
    (tmp_path / "secret.txt").write_text("secret")
    return folder


@pytest.fixture
async def client(tmp_path: Path, dist: Path, cheap_hashes: None) -> AsyncIterator[httpx.AsyncClient]:
    async with opened(tmp_path / "data", {"RAPPORT_PUBLIC_URL": "https://crm.example"}, console=dist) as world:
        client = world.client()
        client.headers.update({"accept-encoding": "identity", "cookie": "rapport_session=whatever"})
        yield client


async def test_pages_are_checked_every_time_and_hashed_assets_kept_for_ever(client: httpx.AsyncClient) -> None:
    """G2: the console served."""
    page = await client.get(f"{ROOT}/")
    assert (page.status_code, page.headers["cache-control"]) == (200, "no-cache")
    assert page.headers["content-type"].startswith("text/html")
    asset = await client.get(f"{ROOT}/assets/app-1.js")
    assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert asset.headers["content-type"].startswith("text/javascript")
    again = await client.get(f"{ROOT}/", headers={"if-none-match": page.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = await client.head(f"{ROOT}/favicon.svg")
    assert (head.status_code, head.headers["content-length"], head.content) == (200, "6", b"")


@pytest.mark.parametrize(
    ("accepted", "encoding", "content"),
    [
        ("br, gzip", "br", b"brotli"),
        ("gzip", "gzip", b"let a = 1"),
        ("br;q=0, gzip", "gzip", b"let a = 1"),
        ("identity", None, b"let a = 1"),
    ],
)
async def test_compressed_files_are_sent_to_whom_understands_them(
    client: httpx.AsyncClient, accepted: str, encoding: str | None, content: bytes
) -> None:
    async with client.stream("GET", f"{ROOT}/assets/app-1.js", headers={"accept-encoding": accepted}) as answer:
        raw = b"".join([chunk async for chunk in answer.aiter_raw()])
    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["vary"] == "accept-encoding"
    assert (gzip.decompress(raw) if encoding == "gzip" else raw) == content


async def test_a_route_of_the_console_is_its_page_and_a_missing_asset_is_404(client: httpx.AsyncClient) -> None:
    assert "app" in (await client.get(f"{ROOT}/customers/c1")).text
    assert (await client.get(f"{ROOT}/sign-in")).text == "<html>sign in"
    for path in ("/assets/old-2.js", "/nothing.png", "/assets/"):
        answer = await client.get(ROOT + path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    written = await client.post(f"{ROOT}/customers")
    assert (written.status_code, written.json()["code"]) == (405, "method_not_allowed")


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/", "/sign-in"),
        (
            "/customers?sort=name&next=//evil.example",
            "/sign-in?next=%2Fcustomers%3Fsort%3Dname%26next%3D%2F%2Fevil.example",
        ),
        ("//evil.example/x", "/sign-in?next=%2F%2Fevil.example%2Fx"),
    ],
)
async def test_who_shows_no_session_is_sent_to_sign_in_without_the_consoles_scripts(
    client: httpx.AsyncClient, path: str, page: str
) -> None:
    """P14: the first page is large, and would only find out that nobody is signed in."""
    del client.headers["cookie"]
    answer = await client.get(httpx.URL(ROOT).copy_with(raw_path=path.encode()))
    assert (answer.status_code, answer.headers["location"]) == (302, page)
    assert answer.headers["cache-control"] == "no-store"
    for open_to_all in ("/sign-in", "/favicon.svg", "/assets/app-1.js"):
        assert (await client.get(ROOT + open_to_all)).status_code == 200


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/../../secret.txt", "/..%2fsecret.txt"]
)
async def test_nothing_outside_the_folder_is_served(client: httpx.AsyncClient, path: str) -> None:
    assert "secret" not in (await client.get(httpx.URL(ROOT).copy_with(raw_path=path.encode()))).text


async def test_the_policy_allows_only_our_own_scripts(client: httpx.AsyncClient) -> None:
    """R13."""
    page = await client.get(f"{ROOT}/")
    policy = page.headers.get_list("content-security-policy")
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    assert len(policy) == 1
    assert f"script-src 'self' 'sha256-{digest}';" in policy[0]
    assert "frame-ancestors 'none'" in policy[0]
    assert page.headers["strict-transport-security"] == "max-age=31536000"
    assert page.headers["x-content-type-options"] == "nosniff"


async def test_a_console_built_anew_is_served_at_once(client: httpx.AsyncClient, dist: Path) -> None:
    await client.get(f"{ROOT}/")
    (dist / "assets" / "app-2.js").write_text("let a = 2")
    (dist / "index.html").write_text("<html>new")
    os.utime(dist / "index.html", (2_000_000_000, 2_000_000_000))
    assert (await client.get(f"{ROOT}/")).text == "<html>new"
    assert (await client.get(f"{ROOT}/assets/app-2.js")).text == "let a = 2"


async def test_without_a_console_the_api_works_and_the_page_says_so(world: World) -> None:
    answer = await world.client().get(f"{ROOT}/")
    assert (answer.status_code, answer.json()["detail"]) == (404, "The console is not installed here.")
