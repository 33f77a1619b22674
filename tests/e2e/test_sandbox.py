"""The sandbox's phones: an answer that is being typed stays with its phone, whoever else gets a message meanwhile."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Browser, expect

from rapport_testkit.installation import Client, installed, until
from tests.e2e.filled import RATE_FREE

FIRST, SECOND = "+989121234567", "+989351234567"


async def test_an_answer_being_typed_stays_with_its_phone_when_another_gets_a_message(
    browser: Browser, tmp_path: Path
) -> None:
    """M6: the list of phones is ordered by their newest message, and moves."""
    async with installed(tmp_path / "data", RATE_FREE) as installation:
        master = await installation.client()
        group = (await master.post("/groups", {"name": "Clients"}, expect=201))["id"]
        ids = [await _customer(master, group, phone) for phone in (FIRST, SECOND)]
        await _write_to(master, ids[0])
        context = await browser.new_context(locale="en-US")
        await context.add_cookies(
            [{"name": one.name, "value": str(one.value), "url": installation.url} for one in master.http.cookies.jar]
        )
        page = await context.new_page()
        await page.goto(f"{installation.url}/sandbox")
        answer = page.get_by_placeholder("Answer as the customer…")
        await answer.fill("I will come")
        await _write_to(master, ids[1])
        await expect(page.get_by_role("main").get_by_role("listitem").first).to_contain_text(SECOND)
        await expect(answer).to_have_value("I will come")
        await answer.press("Enter")
        await expect(page.get_by_role("listitem").filter(has_text=FIRST)).to_contain_text("I will come")
        await context.close()


async def _customer(master: Client, group: str, phone: str) -> str:
    contacts = [{"kind": "phone", "value": phone}]
    made = await master.post(
        "/customers", {"kind": "person", "last_name": phone[-4:], "contacts": contacts, "groups": [group]}, expect=201
    )
    return str(made["id"])


async def _write_to(master: Client, customer: str) -> None:
    body = {"channel": "sms", "audience": {"customer_ids": [customer]}, "text": "We open on Monday."}

    async def reached() -> bool:
        job = await master.job((await master.post("/messages", body, expect=202))["id"])
        return bool(job["result"]["recipients"])

    await until(reached, 60)
