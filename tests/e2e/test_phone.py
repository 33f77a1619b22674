"""The console under a finger: icons large enough to be met, tables that need no sideways scroll."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.async_api import Browser

from rapport_testkit.installation import installed
from rapport_testkit.topology import EMBEDDED
from tests.e2e.conftest import shoot
from tests.e2e.filled import RATE_FREE, Filled, fill
from tests.e2e.looking import SIDEWAYS, SMALL_ICONS
from tests.e2e.test_pages import SIZES, Walk, pages_of

FITTING = {"parked", "imports"}
ERROR = (
    'ValueError("the customer\'s document has no version: neither the record nor the one before it tells which it is")'
)


@pytest.fixture
async def filled(tmp_path: Path) -> AsyncIterator[Filled]:
    """A standing installation with data on every page, a parked message too."""
    async with installed(tmp_path / "data", RATE_FREE | EMBEDDED) as installation:
        filled = await fill(installation, tmp_path)
        with closing(sqlite3.connect(installation.data / "logging.sqlite", timeout=30)) as connection, connection:
            connection.execute(
                'INSERT INTO parked_messages (id, consumer, topic, partition, "offset", key, value, error, at, attempts)'
                " VALUES ('p', 'logging.customer-events', 'customers.events.v1', 0, 1, ?, x'00', ?, 0, 3)",
                (filled.customer, ERROR),
            )
        yield filled


@pytest.mark.timeout(240)
@pytest.mark.parametrize("language", ["en", "fa"])
async def test_icons_are_large_enough_and_tables_fit(filled: Filled, browser: Browser, language: str) -> None:
    """G7: buttons that are an icon alone measure 40 px each way; nothing of `FITTING` scrolls sideways."""
    walk = await Walk.begin(browser, filled, SIZES["phone"], language, "light", f"{language} phone")
    await walk.sign_in()
    for name, (path, expected) in pages_of(filled).items():
        await walk.open(path, filled.customer if name == "parked" else expected)
        where = f"{name}, {walk.label}"
        await walk.measure(where)
        walk.wrong += [f"{where}: too small: {one}" for one in await walk.page.evaluate(SMALL_ICONS)]
        if name in FITTING:
            walk.wrong += [f"{where}: scrolls: {one}" for one in await walk.page.evaluate(SIDEWAYS)]
        await shoot(walk.page, f"phone-{name}-{language}")
    await walk.context.close()
    assert not walk.wrong, "\n".join(walk.wrong)
