"""I11 as a person meets it: a bad file is dropped, and the page says what is wrong with it and that nothing was changed."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import Browser, Page, expect

from rapport_testkit.installation import Client, installed
from tests.e2e.conftest import shoot
from tests.e2e.filled import RATE_FREE

_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_XLSX: Final = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/xl/workbook.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
    ),
    "_rels/.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        '<sheets><sheet name="People" sheetId="1" r:id="r1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
        'Target="worksheets/sheet1.xml"/></Relationships>'
    ),
}
_SHEET: Final = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)


def workbook(cells: str) -> bytes:
    """An XLSX whose only sheet has these rows, as XML."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, text in _XLSX.items():
            archive.writestr(part, text)
        archive.writestr("xl/worksheets/sheet1.xml", _SHEET.format(cells))
    return content.getvalue()


def _bad_files() -> dict[str, tuple[bytes, str, str]]:
    """Name -> its bytes, what the page advises, what it says was found."""
    corner = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    mixed = "Name\n" + "Zoë\n" * 10
    good = workbook('<row r="1"><c r="A1"><v>1</v></c></row>' * 500)
    return {
        "password.xlsx": (
            _OLE + bytes(1016) + "EncryptedPackage".encode("utf-16-le") + bytes(480),
            "has a password",
            "",
        ),
        "half.xlsx": (good[: len(good) // 2], "is damaged", ""),
        "bomb.xlsx": (workbook(" " * (70 << 20)), "unfolds to more", "MB"),
        "corner.xlsx": (workbook(corner), "unfolds to more", "1,048,576"),
        "empty.xlsx": (workbook(""), "no rows", ""),
        "empty.csv": (b"\n\n", "no rows", ""),
        "wide.csv": (b",".join([b"x"] * 16_384) + b"\n1,2\n", "unfolds to more", "16,384"),
        "long.csv": (b"a,b\n" * 2_000_000, "unfolds to more", "2,000,000"),
        "mixed.csv": (mixed.encode() + "Jürgen\n".encode("cp1252") + "Ådne\n".encode(), "is damaged", "line 12"),
        "picture.csv": (b"\x89PNG\r\n\x1a\n" + bytes(100), "not an XLSX or CSV", "picture"),
    }


@pytest.mark.timeout(120)
async def test_every_bad_file_gets_a_clear_word_and_changes_nothing(tmp_path: Path, browser: Browser) -> None:
    """I11: password, damage, bomb, far corner, no rows, columns, rows, encodings, what is no table."""
    async with installed(tmp_path / "data", RATE_FREE) as installation:
        page = await _import_page(browser, installation.url, await installation.client())
        for name, (content, advice, found) in _bad_files().items():
            (tmp_path / name).write_bytes(content)
            await page.locator("input[type=file]").set_input_files(tmp_path / name)
            said = page.get_by_role("alert").filter(has_text=name)
            await expect(said).to_contain_text(advice)
            await expect(said).to_contain_text("Nothing was changed.")
            await expect(said).to_contain_text(found)
        await shoot(page, "import-refused")
        await expect(page.get_by_text("No imports yet")).to_be_visible()


async def _import_page(browser: Browser, url: str, master: Client) -> Page:
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
    cookies = master.http.cookies.jar
    await context.add_cookies([{"name": one.name, "value": str(one.value), "url": url} for one in cookies])
    page = await context.new_page()
    await page.goto(f"{url}/import")
    return page
