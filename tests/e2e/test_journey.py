"""The main job as a person does it: a spreadsheet becomes customers that are found, remembered and written to."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from rapport_testkit.installation import Installation
from rapport_testkit.people import generate, write_csv
from tests.e2e.conftest import one_time_password, shoot

PASSWORD = "four quiet lamps 44"
GOOD = 50
WRONG = 4


@pytest.fixture
def spreadsheet(tmp_path: Path) -> Path:
    """Fifty people, and four rows with neither a name nor a contact."""
    path = tmp_path / "people.csv"
    write_csv(path, generate(GOOD, seed=11, duplicates=0.0))
    with path.open(newline="") as file:
        columns = len(next(csv.reader(file)))
    with path.open("a", newline="") as file:
        for _ in range(WRONG):
            csv.writer(file).writerow([""] * (columns - 1) + ["x"])
    return path


@pytest.mark.timeout(900)
async def test_a_spreadsheet_becomes_customers_found_remembered_and_written_to(
    installation: Installation, browser: Browser, spreadsheet: Path
) -> None:
    """I1–I5, I8, Q1, Q3, C3, L2, L5, M1, M5 through the console."""
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
    page = await context.new_page()
    page.set_default_timeout(20_000)
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))

    await _sign_in(page, installation)
    await _import(page, spreadsheet)
    await _find(page)
    name = await _open_the_first(page)
    await _write_a_note(page)
    await _send_an_sms(page)
    await _answer_from_the_sandbox(page)
    await _see_it_in_the_timeline(page, name)
    assert not troubles, troubles
    await context.close()


async def _sign_in(page: Page, installation: Installation) -> None:
    await page.goto(installation.url)
    await page.get_by_label("User name").fill("master")
    await page.get_by_label("Password", exact=True).fill(one_time_password(installation))
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("heading", name="Choose your password")).to_be_visible()
    await page.get_by_label("New password", exact=True).fill(PASSWORD)
    await page.get_by_label("New password again").fill(PASSWORD)
    await page.get_by_role("button", name="Save and continue").click()
    await expect(page.get_by_role("heading", name="Set Rapport up")).to_be_visible()
    await shoot(page, "customers-empty")


async def _import(page: Page, spreadsheet: Path) -> None:
    await page.get_by_role("link", name="Import", exact=True).click()
    await page.locator("input[type=file]").set_input_files(spreadsheet)
    await expect(page.get_by_label("The rows of the file")).to_be_visible()
    await shoot(page, "import-mapping")
    groups = page.get_by_role("combobox", name="Add them to")
    await groups.click()
    await groups.press_sequentially("Clients")
    await page.get_by_role("option", name="Clients").click()
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name=f"Import {GOOD + WRONG} rows").click()
    await expect(page.get_by_text(f"{WRONG} rows were not written")).to_be_visible(timeout=60_000)
    await shoot(page, "import-done")
    async with page.expect_download() as download:
        await page.get_by_text(f"Error file, {WRONG} rows").click()
    assert (await download.value).suggested_filename.endswith(".xlsx")
    await page.get_by_role("link", name="Import", exact=True).click()
    await expect(page.get_by_role("link", name=spreadsheet.name)).to_be_visible()


async def _find(page: Page) -> None:
    await page.get_by_role("link", name="Customers", exact=True).click()
    await expect(page.get_by_role("heading", name="Customers")).to_be_visible()
    await _condition(page, "group cli", "Clients")
    await expect(page.get_by_role("group", name="Conditions")).to_contain_text("Clients")
    await _condition(page, "created", "Created")
    await page.get_by_role("combobox", name="Comparison").press("Escape")
    await expect(page.get_by_role("combobox", name="Comparison")).to_be_hidden()
    await expect(page.get_by_role("group", name="Conditions")).to_contain_text("Created")
    await expect(page.locator("header, main").get_by_text(str(GOOD), exact=True).first).to_be_visible()
    await shoot(page, "customers-found")


async def _condition(page: Page, typed: str, wanted: str) -> None:
    """F, some letters, the line that is meant."""
    await page.keyboard.press("f")
    await page.get_by_placeholder("Field or value").fill(typed)
    await page.get_by_role("option", name=wanted).first.click()


async def _open_the_first(page: Page) -> str:
    row = page.get_by_role("row").nth(1)
    link = row.get_by_role("link").first
    name = (await link.inner_text()).strip()
    await page.keyboard.press("/")
    await expect(page.locator("#quick-search")).to_be_focused()
    await page.keyboard.type(name.split()[0][:4])
    await expect(page.get_by_role("option").first).to_be_visible()
    await page.keyboard.press("Escape")
    await link.click()
    await expect(page.get_by_role("heading", name=name)).to_be_visible()
    await expect(page.get_by_text("Imported from a file")).to_be_visible()
    await expect(page.get_by_text("Added to the group Clients")).to_be_visible()
    return name


async def _write_a_note(page: Page) -> None:
    await page.get_by_label("What happened").fill("Asked for an offer by Friday")
    tags = page.get_by_label("Tags", exact=True).first
    await tags.fill("call")
    await page.get_by_role("option").first.click()
    await tags.fill("offer wanted")
    await page.get_by_role("option", name=re.compile("Create .*offer wanted")).click()
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_text("Asked for an offer by Friday")).to_be_visible()
    await expect(page.get_by_text("offer wanted").first).to_be_visible()
    await shoot(page, "customer")


async def _send_an_sms(page: Page) -> None:
    await page.get_by_role("link", name="Customers", exact=True).click()
    await page.get_by_role("checkbox", name="Select all results").check()
    await page.get_by_role("button", name="Send SMS").click()
    await page.get_by_role("textbox", name="Message").fill("Dear {{first_name}}, we open on Monday.")
    await expect(page.get_by_text("people will get it")).to_be_visible()
    await shoot(page, "compose")
    await page.get_by_role("button", name="Send to").click()
    await expect(page.get_by_text("Delivered").first).to_be_visible(timeout=90_000)
    await shoot(page, "delivery")


async def _answer_from_the_sandbox(page: Page) -> None:
    await page.get_by_role("link", name="Sandbox phone").click()
    await page.get_by_placeholder("Answer as the customer…").fill("I will come")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("I will come").first).to_be_visible()
    await shoot(page, "sandbox")


async def _see_it_in_the_timeline(page: Page, name: str) -> None:
    await page.get_by_role("link", name="Messages", exact=True).click()
    await expect(page.get_by_text("I will come").first).to_be_visible()
    await page.get_by_text("I will come").first.click()
    await expect(page.get_by_role("dialog", name="Message")).to_be_visible()
    await shoot(page, "messages")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog", name="Message")).to_be_hidden()
    await page.get_by_role("link", name="Customers", exact=True).click()
    await page.get_by_role("link", name=name).first.click()
    await expect(page.get_by_text("Dear").first).to_be_visible()
    await expect(page.get_by_text("Delivered").first).to_be_visible()
    await shoot(page, "timeline")
