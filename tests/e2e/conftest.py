"""A fresh installation and a real browser: Debian's Chromium, driven by Playwright's core."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from rapport_testkit.installation import Installation, installed

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
expect.set_options(timeout=60_000)
SHOTS = Path(__file__).parent / "shots"


@pytest.fixture
async def installation(tmp_path: Path) -> AsyncIterator[Installation]:
    """A fresh one, whose master got a one-time password."""
    async with installed(tmp_path / "data", {"RAPPORT_MASTER_PASSWORD": ""}) as fresh:
        yield fresh


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Chromium. Fails, saying what to install, when the machine has none."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    assert found, "no Chromium: install Debian's package chromium, or set CHROMIUM to its path"
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield launched
        await launched.close()


def one_time_password(installation: Installation) -> str:
    """What the installation printed at its first start."""
    said = re.search(r"one-time password: (\S+)", installation.log.read_text())
    assert said, installation.log.read_text()
    return said.group(1)


async def shoot(page: Page, name: str) -> None:
    """Keep a picture, for people to look at."""
    SHOTS.mkdir(exist_ok=True)
    await page.screenshot(path=SHOTS / f"{name}.png")
