"""P14: the console in headless Chromium on loopback: first load, route change, gzipped JavaScript of the first pages.

The first load is a new browser profile with a session: nothing cached, until the customers' table stands. A route change
is timed inside the page, from the click on a link of the sidebar until the other page's heading has been painted.
"""

from __future__ import annotations

import gzip
import os
import shutil
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, Page, Response, async_playwright

from rapport_testkit.command import PASSWORD
from rapport_testkit.installation import installed
from rapport_testkit.people import generate, write_xlsx
from tests.benchmarks.filling import RATE_FREE, found
from tests.benchmarks.importing import upload
from tests.benchmarks.table import Row, median, percentile

ROUNDS = 5
CHANGES = 20
CUSTOMERS = 500
ROUTES = ("/import", "/customers", "/groups", "/customers")
DIST = Path(__file__).parents[2] / "web" / "dist"
_ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
_FIRST_ROW = "[role=row] a[href^='/customers/'], tbody a[href^='/customers/']"
_CHANGE = """async (path) => {
  const heading = () => document.querySelector("h1")?.textContent;
  const link = document.querySelector(`nav a[href="${path}"]`);
  const before = heading();
  const began = performance.now();
  link.click();
  while (heading() === before || !heading()) await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
  return performance.now() - began;
}"""


async def run(folder: Path) -> list[Row]:
    """Four rows."""
    assert (DIST / "index.html").is_file(), "the console is not built"
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    workbook = folder / "people.xlsx"
    write_xlsx(workbook, generate(CUSTOMERS, seed=7))
    async with installed(folder / "data", RATE_FREE) as installation, async_playwright() as playwright:
        client = await installation.client()
        import_id, _ = await upload(client, workbook)
        job = await client.post(f"/imports/{import_id}:run", expect=202)
        done = await client.job(job["id"])
        await found(client, done["result"]["created"])
        browser = await playwright.chromium.launch(executable_path=chromium, args=_ARGUMENTS)
        sign_in, state = await _sign_in(browser, installation.url)
        loads = [await _first_load(browser, installation.url, state) for _ in range(ROUNDS)]
        changes = await _changes(browser, installation.url, state)
        await browser.close()
    first = median([seconds for seconds, _ in loads])
    size = max(size for _, size in loads)
    return [_load_row(first), _change_row(changes), _size_row("first page", size, 350, 250), _sign_in_row(sign_in)]


class _Scripts:
    """The gzipped bytes of the JavaScript that a page asked for."""

    def __init__(self, page: Page) -> None:
        self._seen: set[str] = set()
        page.on("response", self._note)

    def _note(self, response: Response) -> None:
        path = urlsplit(response.url).path
        if path.endswith(".js"):
            self._seen.add(path.lstrip("/"))

    @property
    def size(self) -> int:
        return sum(len(gzip.compress((DIST / path).read_bytes(), 9, mtime=0)) for path in self._seen)


async def _sign_in(browser: Browser, url: str) -> tuple[int, Any]:
    """The size of the sign-in page's scripts, and the session made there."""
    context = await browser.new_context(locale="en-US")
    page = await context.new_page()
    scripts = _Scripts(page)
    await page.goto(f"{url}/sign-in")
    await page.wait_for_load_state("networkidle")
    size = scripts.size
    await page.get_by_label("User name").fill("master")
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await page.locator(_FIRST_ROW).first.wait_for()
    state = await context.storage_state()
    await context.close()
    return size, state


async def _first_load(browser: Browser, url: str, state: Any) -> tuple[float, int]:
    context = await browser.new_context(storage_state=state, locale="en-US", viewport={"width": 1440, "height": 900})
    page = await context.new_page()
    scripts = _Scripts(page)
    began = time.perf_counter()
    await page.goto(f"{url}/customers", wait_until="commit")
    await page.locator(_FIRST_ROW).first.wait_for()
    seconds, size = time.perf_counter() - began, scripts.size
    await context.close()
    return seconds, size


async def _changes(browser: Browser, url: str, state: Any) -> list[float]:
    """Milliseconds of route changes, each page seen once before: the first visit also loads its code."""
    context = await browser.new_context(storage_state=state, locale="en-US", viewport={"width": 1440, "height": 900})
    page = await context.new_page()
    await page.goto(f"{url}/customers")
    await page.locator(_FIRST_ROW).first.wait_for()
    taken: list[float] = []
    for number in range(CHANGES + len(ROUTES)):
        milliseconds = await page.evaluate(_CHANGE, ROUTES[number % len(ROUTES)])
        if number >= len(ROUTES):
            taken.append(milliseconds)
    await context.close()
    return taken


def _load_row(seconds: float) -> Row:
    said = f"{seconds:.2f} s (median of {ROUNDS})"
    work = f"console: first load on loopback, nothing cached, {CUSTOMERS} customers"
    return Row("P14", work, said, "—", "—", "≤ 2 s", "≤ 1 s", seconds <= 2, seconds <= 1)


def _change_row(taken: list[float]) -> Row:
    middle, p95 = median(taken), percentile(taken, 0.95)
    said = f"{p95:.0f} ms (p50 {middle:.0f} ms)"
    return Row("P14", "console: route change, p95", said, "—", "—", "≤ 200 ms", "≤ 100 ms", p95 <= 200, p95 <= 100)


def _size_row(page: str, size: int, bar: int, goal: int) -> Row:
    kilobytes = size / 1_000
    work = f"console: JavaScript of the {page}, gzipped"
    bars = f"≤ {bar} kB", f"≤ {goal} kB"
    return Row("P14", work, f"{kilobytes:.0f} kB", "—", "—", *bars, kilobytes <= bar, kilobytes <= goal)


def _sign_in_row(size: int) -> Row:
    return _size_row("sign-in page", size, 120, 120)
