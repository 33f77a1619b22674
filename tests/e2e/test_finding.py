"""The list sorts by all that the search sorts by, and what is typed to find somebody is neither lost nor left behind."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from rapport_contracts.query import SORTABLE
from rapport_testkit.installation import Installation, installed
from tests.e2e.filled import RATE_FREE, Filled, fill

DESK, PHONE = (1440, 900), (390, 844)
KEY_PAUSE = 50  # ms between two keys of a very fast typist


@pytest.fixture
async def filled(tmp_path: Path) -> AsyncIterator[Filled]:
    """A standing installation with data."""
    async with installed(tmp_path / "data", RATE_FREE) as installation:
        yield await fill(installation, tmp_path)


async def signed_in(
    browser: Browser, installation: Installation, language: str = "en", size: tuple[int, int] = DESK
) -> BrowserContext:
    """A context of the master's."""
    context = await browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="en-US")
    await context.add_init_script(f"localStorage.setItem('rapport.language', '{language}')")
    master = await installation.client()
    await context.add_cookies(
        [{"name": one.name, "value": str(one.value), "url": installation.url} for one in master.http.cookies.jar]
    )
    return context


def top(page: Page) -> Locator:
    """The name in the first row."""
    return page.locator('[role=row][aria-rowindex="2"] a')


async def first_by_name(filled: Filled, direction: str) -> str:
    """Whom the API puts first."""
    master = await filled.installation.client()
    body = {"limit": 1, "sort": [{"field": "name", "direction": direction}]}
    return str((await master.post("/customers:search", body))["items"][0]["display_name"])


@pytest.mark.timeout(240)
async def test_the_list_sorts_by_every_field_both_ways_and_the_address_remembers_it(
    filled: Filled, browser: Browser
) -> None:
    """Q5: also by fields whose column is not shown; the recently viewed stand as they were viewed."""
    context = await signed_in(browser, filled.installation)
    page = await context.new_page()
    await page.goto(f"{filled.installation.url}/customers")
    await expect(page.locator('[role=row][aria-rowindex="4"]')).to_be_visible()
    names = page.get_by_role("columnheader", name="Name")
    menu = page.get_by_role("button", name=re.compile("^Sorted by"))

    await menu.click()
    fields = page.locator("[role=menuitemradio][data-field]")
    await expect(fields).to_have_count(len(SORTABLE))
    offered = await fields.evaluate_all("all => all.map(o => o.dataset.field)")
    assert offered == list(SORTABLE)
    await page.keyboard.press("Escape")
    for field in offered[1:]:
        await menu.click()
        async with page.expect_response("**/customers:search") as answered:
            await page.locator(f"[role=menuitemradio][data-field={field}]").click()
        answer = await answered.value
        assert (answer.status, json.loads(answer.request.post_data or "{}")["sort"][0]["field"]) == (200, field)
    kept = json.loads(parse_qs(urlsplit(page.url).query)["sort"][0])
    assert kept == {"field": "updated_at", "direction": "desc"}

    await names.get_by_role("button").click()
    await expect(names).to_have_attribute("aria-sort", "ascending")
    await expect(top(page)).to_have_text(await first_by_name(filled, "asc"))
    await menu.click()
    await page.get_by_role("menuitemradio", name="Z to A").click()
    await expect(names).to_have_attribute("aria-sort", "descending")
    last = await first_by_name(filled, "desc")
    await expect(top(page)).to_have_text(last)
    await page.reload()
    await expect(top(page)).to_have_text(last)
    await expect(page.get_by_role("button", name=re.compile("Name.*Z to A"))).to_be_visible()

    await page.get_by_role("tab", name="Recently viewed").click()
    await expect(menu).to_be_hidden()
    await context.close()


async def test_what_is_typed_to_find_somebody_is_neither_lost_nor_left_behind(filled: Filled, browser: Browser) -> None:
    """Q1, Q3, by keyboard alone: letters right after F arrive; Escape, and opening a result, empty the search."""
    context = await signed_in(browser, filled.installation)
    page = await context.new_page()
    await page.goto(f"{filled.installation.url}/customers")
    await expect(page.locator('[role=row][aria-rowindex="4"]')).to_be_visible()
    await page.keyboard.type("fcreated", delay=KEY_PAUSE)
    await expect(page.get_by_placeholder("Field or value")).to_have_value("created")
    await page.keyboard.press("Escape")
    await expect(page.get_by_placeholder("Field or value")).to_be_hidden()

    search = page.locator("#quick-search")
    for leave in ("Escape", "Enter"):
        await page.keyboard.press("/")
        await page.keyboard.type(filled.name[:4])
        await expect(page.get_by_role("option", name=filled.name).first).to_be_visible()
        await page.keyboard.press(leave)
        await expect(page.get_by_role("option", name=filled.name)).to_have_count(0)
        await expect(search).to_have_value("")
        await expect(search).not_to_be_focused()
    await expect(page.get_by_role("heading", level=1)).not_to_have_text("Customers")
    await context.close()


@pytest.mark.parametrize("language", ["en", "fa"])
async def test_the_results_of_the_quick_search_fit_a_phone(filled: Filled, browser: Browser, language: str) -> None:
    """Q1: no name is outside of the window."""
    context = await signed_in(browser, filled.installation, language, PHONE)
    page = await context.new_page()
    await page.goto(f"{filled.installation.url}/customers")
    await page.locator("#quick-search").fill(filled.name[:4])
    option = page.get_by_role("option", name=filled.name).first
    await expect(option).to_be_visible()
    box = await option.bounding_box()
    assert box is not None
    assert (box["x"] >= 0, box["x"] + box["width"] <= PHONE[0]) == (True, True), box
    await context.close()


async def test_the_settings_count_as_set_up_once_somebody_looked_or_saved(browser: Browser, tmp_path: Path) -> None:
    """The first day: the zone may well be UTC; sections that come with Rapport are in the person's language."""
    async with installed(tmp_path / "data", RATE_FREE) as installation:
        looked, other = [await signed_in(browser, installation, language) for language in ("en", "fa")]
        page, elsewhere = await looked.new_page(), await other.new_page()
        await page.goto(f"{installation.url}/customers")
        step = page.get_by_role("listitem").filter(has_text="Region, language and calendar")
        await expect(step).to_be_visible()
        await expect(step.get_by_text("Done")).to_be_hidden()
        await step.get_by_role("link").click()
        for label, words in (("Region", "No country of that name."), ("Time zone", "No time zone of that name.")):
            await page.get_by_role("combobox", name=label).fill("Atlantis")
            await expect(page.get_by_text(words)).to_be_visible()
            await page.keyboard.press("Escape")
        await page.get_by_role("link", name="Customers", exact=True).click()
        await expect(step.get_by_text("Done")).to_be_visible()

        await elsewhere.goto(f"{installation.url}/customers")
        there = elsewhere.get_by_role("listitem").filter(has_text="منطقه، زبان و گاه‌شماری")
        await expect(there).to_be_visible()
        await expect(there.get_by_text("انجام شد")).to_be_hidden()
        master = await installation.client()
        settings = await master.call("GET", "/settings", expect=200)
        change = {"region": "IR"}
        await master.call("PATCH", "/settings", json=change, headers={"if-match": settings.headers["etag"]}, expect=200)
        await elsewhere.reload()
        await expect(there.get_by_text("انجام شد")).to_be_visible()

        section = (await master.get("/field-sections"))["items"][0]["id"]
        await master.post("/custom-fields", {"title": "x", "type": "text", "section_id": section}, expect=201)
        await elsewhere.goto(f"{installation.url}/custom-fields")
        await expect(elsewhere.get_by_role("heading", name="عمومی")).to_be_visible()
        assert "General" not in await elsewhere.locator("#content").inner_text()
        await looked.close()
        await other.close()
