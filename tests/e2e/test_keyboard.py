"""The list of customers and a customer without a mouse, on an English and on a Persian keyboard."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, CDPSession, Locator, Page, expect

from rapport_testkit.installation import installed
from tests.e2e.filled import GROUP, RATE_FREE, Filled, fill

NOTE = "Wants to be called on Sunday"
# A letter of the Persian layout and the physical key it stands on.
PERSIAN = {"KeyK": "ن", "KeyF": "ب", "KeyX": "ط", "KeyL": "م", "Slash": "/"}
CODES = {"KeyK": 75, "KeyF": 70, "KeyX": 88, "KeyL": 76, "Slash": 191}
CTRL = 2


@pytest.fixture
async def filled(tmp_path: Path) -> AsyncIterator[Filled]:
    """A standing installation with data."""
    async with installed(tmp_path / "data", RATE_FREE) as installation:
        yield await fill(installation, tmp_path)


@pytest.fixture
async def page(filled: Filled, browser: Browser) -> AsyncIterator[Page]:
    """The list of customers, the master signed in, no mouse anywhere."""
    context = await browser.new_context(
        viewport={"width": 1440, "height": 900}, locale="en-US", reduced_motion="reduce"
    )
    url = filled.installation.url
    master = await filled.installation.client()
    await context.add_cookies(
        [{"name": one.name, "value": str(one.value), "url": url} for one in master.http.cookies.jar]
    )
    opened = await context.new_page()
    await opened.goto(f"{url}/customers")
    await expect(current(opened)).to_have_count(0)
    await expect(row(opened, 3)).to_be_visible()
    yield opened
    await context.close()


def row(page: Page, number: int) -> Locator:
    """The number-th customer of the list, from 1."""
    return page.locator(f'[role=row][aria-rowindex="{number + 1}"]')


def current(page: Page) -> Locator:
    """The row that the keys are on."""
    return page.locator("[role=row][data-current]")


async def persian(page: Page, code: str, modifiers: int = 0) -> None:
    """Press a physical key while the Persian layout is on: its letter is another one."""
    session: CDPSession = await page.context.new_cdp_session(page)
    pressed = {"key": PERSIAN[code], "code": code, "windowsVirtualKeyCode": CODES[code], "modifiers": modifiers}
    text = {} if modifiers else {"text": PERSIAN[code]}
    await session.send("Input.dispatchKeyEvent", {"type": "keyDown", **pressed, **text})
    await session.send("Input.dispatchKeyEvent", {"type": "keyUp", **pressed})
    await session.detach()


@pytest.mark.timeout(900)
async def test_the_list_and_a_customer_are_worked_by_keyboard_alone(page: Page) -> None:
    """G7, Q1, L2: move, peek, select, narrow, open, write down, and be told the keys."""
    await _move_peek_and_select(page)
    await _add_a_condition(page)
    await _ask_for_the_keys(page)
    await _open_and_write_down(page)
    await _search(page)


@pytest.mark.timeout(900)
async def test_the_keys_are_the_same_physical_ones_on_a_persian_keyboard(page: Page) -> None:
    """G7: ن stands on K, ب on F, ط on X, م on L."""
    await page.keyboard.press("ArrowDown")
    await persian(page, "KeyX")
    await expect(row(page, 1)).to_have_attribute("aria-selected", "true")
    await persian(page, "KeyF")
    await expect(page.get_by_placeholder("Field or value")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_placeholder("Field or value")).to_be_hidden()
    await persian(page, "KeyK", CTRL)
    palette = page.get_by_role("combobox", name="Find or do anything")
    await expect(palette).to_be_focused()
    await page.keyboard.type("audit")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Audit")).to_be_visible()


async def _move_peek_and_select(page: Page) -> None:
    for _ in range(3):
        await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowUp")
    await expect(current(page)).to_have_attribute("aria-rowindex", "3")
    await page.keyboard.press("Space")
    peek = page.get_by_role("complementary", name="A look at")
    await expect(peek).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(peek).to_be_hidden()
    await page.keyboard.press("x")
    await expect(row(page, 2)).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("Shift+ArrowDown")
    await expect(row(page, 3)).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("Escape")
    await expect(page.locator("[role=row][aria-selected=true]")).to_have_count(0)


async def _add_a_condition(page: Page) -> None:
    await page.keyboard.press("f")
    await expect(page.get_by_placeholder("Field or value")).to_be_focused()
    await page.keyboard.type(f"group {GROUP[:3].lower()}")
    await expect(page.get_by_role("option", name=GROUP).first).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("group", name="Conditions")).to_contain_text(GROUP)


async def _ask_for_the_keys(page: Page) -> None:
    await page.keyboard.press("Shift+Slash")
    keys = page.get_by_role("dialog", name="Keyboard shortcuts")
    await expect(keys).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(keys).to_be_hidden()


async def _open_and_write_down(page: Page) -> None:
    await page.keyboard.press("Home")
    await expect(current(page)).to_have_attribute("aria-rowindex", "2")
    name = (await current(page).get_by_role("link").inner_text()).strip()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name=name)).to_be_visible()
    await expect(page.get_by_label("What happened")).to_be_visible()
    await page.keyboard.press("l")
    await expect(page.get_by_label("What happened")).to_be_focused()
    await page.keyboard.type(NOTE)
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_label("What happened")).to_have_value("")
    await expect(page.get_by_text(NOTE).first).to_be_visible()


async def _search(page: Page) -> None:
    await page.keyboard.press("Escape")
    await page.keyboard.press("/")
    box = page.get_by_placeholder("Name, phone, e-mail, company")
    await expect(box).to_be_focused()
    await page.keyboard.type("arjun")
    await expect(page.get_by_role("option").first).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Arjun", level=1)).to_be_visible()
