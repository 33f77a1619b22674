"""Every page as every kind of person meets it: light or dark, English or Persian, at a desk or on a phone."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page
from playwright.async_api import TimeoutError as PlaywrightTimeout

from rapport_testkit.installation import installed
from tests.e2e.conftest import shoot
from tests.e2e.filled import CLERK, FIELD, FILE, MESSAGE, RATE_FREE, TAG, TEMPLATE, Filled, fill
from tests.e2e.looking import AXE, CLIPPED, CUT_OFF, GO, LONGER, LOOK, READY

SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
DIRECTIONS = {"en": "ltr", "fa": "rtl"}
COMBINATIONS = list(itertools.product(("light", "dark"), ("en", "fa"), SIZES))
AT_ONCE = 2


@pytest.fixture
async def filled(tmp_path: Path) -> AsyncIterator[Filled]:
    """A standing installation with data on every page."""
    async with installed(tmp_path / "data", RATE_FREE) as installation:
        yield await fill(installation, tmp_path)


def pages_of(filled: Filled) -> dict[str, tuple[str, str]]:
    """Name of a page -> its path and what stands there once it is whole. Neighbours are different pages of areas.ts."""
    return {
        "customers": ("/customers", filled.name),
        "customer": (f"/customers/{filled.customer}", filled.name),
        "new-customer": ("/customers/new", ""),
        "import-done": (f"/import/{filled.done_import}", FILE),
        "imports": ("/import", FILE),
        "import-mapping": (f"/import/{filled.open_import}", FILE),
        "messages": ("/messages", MESSAGE),
        "compose": ("/messages/compose", ""),
        "templates": ("/templates", TEMPLATE),
        "sandbox": ("/sandbox", MESSAGE),
        "groups": ("/groups", "Partners"),
        "custom-fields": ("/custom-fields", FIELD),
        "tags": ("/tags", TAG),
        "users": ("/users", CLERK),
        "settings": ("/settings", "Tehran"),
        "jobs": ("/jobs", ""),
        "parked": ("/parked", ""),
        "audit": ("/audit", "master"),
        "system": ("/system", ""),
    }


@dataclass
class Walk:
    """One browser context going through the pages, and what it found wrong there."""

    context: BrowserContext
    page: Page
    filled: Filled
    language: str
    label: str
    wrong: list[str] = field(default_factory=list)

    @classmethod
    async def begin(
        cls, browser: Browser, filled: Filled, size: tuple[int, int], language: str, theme: str, label: str
    ) -> Walk:
        """A context in which theme and language are already chosen; nobody is signed in."""
        context = await browser.new_context(
            viewport={"width": size[0], "height": size[1]}, locale="en-US", reduced_motion="reduce", bypass_csp=True
        )
        chosen = {"rapport.theme": theme, "rapport.language": language}
        lines = (f"localStorage.setItem('{key}', '{value}');" for key, value in chosen.items())
        await context.add_init_script("".join(lines))
        await context.add_init_script(path=AXE)
        page = await context.new_page()
        page.set_default_timeout(15_000)
        walk = cls(context, page, filled, language, label)
        page.on("pageerror", lambda error: walk.wrong.append(f"{walk.label}: {error}"))
        page.on("console", walk.heard)
        return walk

    def heard(self, message: ConsoleMessage) -> None:
        """An error in the console; that nobody is signed in yet is told by a 401 and is none."""
        unknown = message.location["url"].endswith("/auth/me") and "401" in message.text
        if message.type == "error" and not unknown:
            self.wrong.append(f"{self.label}: {message.text} ({message.location['url']})")

    async def sign_in(self) -> None:
        """The master's session."""
        master = await self.filled.installation.client()
        url = self.filled.installation.url
        await self.context.add_cookies(
            [{"name": one.name, "value": str(one.value), "url": url} for one in master.http.cookies.jar]
        )
        await self.page.goto(f"{url}/customers")
        await self.arrive("/customers", self.filled.name)

    async def open(self, path: str, expected: str) -> None:
        """A page inside the console, whole."""
        await self.page.evaluate(GO, path)
        await self.arrive(path, expected)

    async def arrive(self, path: str, expected: str) -> None:
        """Wait until the page is whole; what stands there instead is written down."""
        try:
            await self.page.wait_for_function(READY, arg=expected)
        except PlaywrightTimeout:
            stands = await self.page.locator("#content").inner_text()
            self.wrong.append(f"{path}, {self.label}: {expected!r} never came; there stands {stands[:300]!r}")

    async def look(self, name: str) -> None:
        """Axe, direction and language, nothing cut off; a picture is kept."""
        seen: dict[str, Any] = await self.page.evaluate(LOOK)
        where = f"{name}, {self.label}"
        self.wrong += [f"{where}: {one}" for one in seen["violations"]]
        if (seen["lang"], seen["dir"]) != (self.language, DIRECTIONS[self.language]):
            self.wrong.append(f"{where}: says lang={seen['lang']} dir={seen['dir']}")
        await self.measure(where)
        await shoot(self.page, f"{name}-{self.label}".replace(" ", "-"))

    async def read_every_page(self) -> None:
        """No letter of any page is cut off; closes the context."""
        for name, (path, expected) in reversed(pages_of(self.filled).items()):
            where = f"{name}, {self.label}"
            await self.open(path, expected)
            await self.measure(where)
            self.wrong += [f"{where}: {one}" for one in await self.page.evaluate(CLIPPED)]
            await shoot(self.page, where.replace(", ", "-").replace(" ", "-").replace("%", ""))
        await self.context.close()

    async def measure(self, where: str) -> None:
        """Nothing is wider than the window."""
        self.wrong += [f"{where}: cut off: {one}" for one in await self.page.evaluate(CUT_OFF)]


@pytest.mark.timeout(600)
async def test_every_page_is_accessible_whole_and_quiet_in_both_themes_languages_and_sizes(
    filled: Filled, browser: Browser
) -> None:
    """G7: axe (WCAG 2.2 AA) on each page × theme × language × size; no console error, no sideways scroll."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(theme: str, language: str, size: str) -> list[str]:
        async with places:
            label = f"{language} {theme} {size}"
            walk = await Walk.begin(browser, filled, SIZES[size], language, theme, label)
            await walk.page.goto(filled.installation.url)
            await walk.page.wait_for_selector("input[type=password]")
            await walk.look("sign-in")
            await walk.sign_in()
            for name, (path, expected) in pages_of(filled).items():
                await walk.open(path, expected)
                await walk.look(name)
            await walk.context.close()
            return walk.wrong

    found = await asyncio.gather(*(one(*combination) for combination in COMBINATIONS))
    wrong = list(itertools.chain.from_iterable(found))
    assert not wrong, "\n".join(wrong)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("language", ["en", "fa"])
async def test_a_window_of_320_pixels_needs_no_sideways_scroll(filled: Filled, browser: Browser, language: str) -> None:
    """G7, WCAG 1.4.10: every page."""
    walk = await Walk.begin(browser, filled, (320, 640), language, "light", f"{language} 320 px")
    await walk.sign_in()
    for name, (path, expected) in pages_of(filled).items():
        await walk.open(path, expected)
        await walk.measure(f"{name}, {walk.label}")
    await walk.context.close()
    assert not walk.wrong, "\n".join(walk.wrong)


@pytest.mark.parametrize("language", ["en", "fa"])
async def test_text_of_twice_the_size_is_whole(filled: Filled, browser: Browser, language: str) -> None:
    """G7, WCAG 1.4.4: on every page nothing cuts its letters off, and nothing is wider than the window."""
    walk = await Walk.begin(browser, filled, SIZES["desktop"], language, "light", f"{language} 200%")
    await walk.sign_in()
    await walk.page.add_style_tag(content=":root { font-size: 200% }")
    await walk.read_every_page()
    assert not walk.wrong, "\n".join(walk.wrong)


async def test_words_two_fifths_longer_are_whole(filled: Filled, browser: Browser) -> None:
    """G7: there is room for a language that needs more of it."""
    walk = await Walk.begin(browser, filled, SIZES["desktop"], "en", "light", "en long")
    await walk.context.add_init_script(LONGER)
    await walk.sign_in()
    assert (await walk.page.locator("h1").inner_text()).startswith("Customers\u00b7")
    await walk.read_every_page()
    assert not walk.wrong, "\n".join(walk.wrong)
