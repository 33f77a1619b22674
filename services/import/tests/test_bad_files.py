"""I11: every bad file gets a clear error with its stable code, changes nothing, and the service lives on."""

from __future__ import annotations

import io
import os
import random
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from rapport_chassis.db import DiskFull
from rapport_import.adapters.child.processes import ChildReader
from rapport_import.domain.files import FILE_CODES, FileFacts, FileRefused, Limits
from rapport_testkit.small_disk import fill, small_disk

DAMAGES = 300 if os.environ.get("RAPPORT_CHAOS") == "long" else 20
MOST_LITTLE = 10
FAR = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'


@pytest.fixture
def inspect(tmp_path: Path) -> Any:
    async def inspect(content: bytes, limits: Limits | None = None) -> FileFacts:
        (tmp_path / "file").write_bytes(content)
        (tmp_path / "rows").mkdir(exist_ok=True)
        return await ChildReader(limits or Limits()).inspect(tmp_path / "file", tmp_path / "rows")

    return inspect


async def refusal(inspect: Any, content: bytes, limits: Limits | None = None) -> FileRefused:
    with pytest.raises(FileRefused) as refused:
        await inspect(content, limits)
    return refused.value


async def test_a_workbook_with_a_password_is_named_so(inspect: Any, shared: Path) -> None:
    ours = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1016) + "EncryptedPackage".encode("utf-16-le") + bytes(480)
    for content in (ours, (shared / "ugly-encrypted.xls").read_bytes()):
        assert (await refusal(inspect, content)).code == "file_encrypted"


async def test_a_good_file_whose_rows_find_no_room_is_not_called_damaged(tmp_path: Path, files: Any) -> None:
    table = "\n".join(f"Reza {number},0912{number:07}" for number in range(30_000)).encode()
    workbook = files.workbook(["Name"], *[[f"Reza {number} " + "x" * 100] for number in range(5_000)])
    with small_disk(tmp_path / "rows", 1) as rows:
        fill(rows, 100_000)
        for content in (table, workbook):
            (tmp_path / "file").write_bytes(content)
            with pytest.raises(DiskFull, match="No space left"):
                await ChildReader(Limits()).inspect(tmp_path / "file", rows)


async def test_a_damaged_workbook_is_corrupt(inspect: Any, files: Any) -> None:
    good = files.workbook(["Name"], ["Reza"])
    broken_xml = files.raw('<row r="1"><c r="A1"><v>1</c></row>')
    no_book = io.BytesIO()
    with zipfile.ZipFile(no_book, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    half = files.raw('<row r="1"><c r="A1"><v>1</v></c></row>' * 2000)
    scrambled = half[:700] + bytes(200) + half[900:]
    for content in (good[: len(good) // 2], b"PK\x03\x04 not a zip", broken_xml, no_book.getvalue(), scrambled):
        assert (await refusal(inspect, content)).code == "file_corrupt"


async def test_a_zip_bomb_is_not_unpacked_also_when_it_lies_about_its_size(inspect: Any, files: Any) -> None:
    bomb = files.raw(b" " * (70 << 20))
    lying = bomb.replace((70 << 20).to_bytes(4, "little"), (70).to_bytes(4, "little"))
    assert lying != bomb
    for content in (bomb, lying):
        assert len(content) < 100_000
        refused = await refusal(inspect, content)
        assert (refused.code, "MB" in refused.detail) == ("file_too_large", True)


@pytest.mark.parametrize(
    "cells",
    [
        FAR,
        FAR.replace('<c r="XFD1048576">', "<c s='0' r='XFD1048576'>"),
        FAR.replace('<row r="1048576"><c r="XFD1048576">', '<row r="2"><c r="XFD1048576">'),
    ],
)
async def test_two_kilobytes_that_reach_to_the_last_cell_are_refused_with_the_numbers(
    inspect: Any, files: Any, cells: str
) -> None:
    content = files.raw(cells)
    assert len(content) < 2048
    refused = await refusal(inspect, content)
    assert refused.code == "file_too_large"
    assert "1,048,576" in refused.detail
    assert "16,384" in refused.detail


async def test_the_last_cell_is_found_in_a_namespace_and_in_any_part(inspect: Any, files: Any) -> None:
    sheet = (
        '<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        "<x:sheetData>{}</x:sheetData></x:worksheet>"
    )
    prefixed = FAR.replace("<", "<x:").replace("<x:/", "</x:")
    assert (await refusal(inspect, files.raw(prefixed, sheet=sheet))).code == "file_too_large"
    assert (await refusal(inspect, files.raw(FAR, target="elsewhere/table.xml"))).code == "file_too_large"


async def test_styled_empty_cells_far_away_do_not_make_a_sheet_large(inspect: Any, files: Any) -> None:
    cells = '<row r="1"><c r="A1"><v>7</v></c></row><row r="1048576"><c r="XFD1048576" s="0"/></row>'
    facts = await inspect(files.raw(cells))
    assert (facts.sheets[0].rows, facts.sheets[0].columns) == (1, 1)
    inside = cells.replace("1048576", "900000").replace("XFD", "ZZ")  # within the limits, but not in memory
    assert (await inspect(files.raw(inside))).sheets[0].rows == 1


async def test_two_million_rows_are_refused_with_the_number(inspect: Any, files: Any) -> None:
    refused = await refusal(inspect, b"a,b\n" * 2_000_000)
    assert refused.code == "file_too_large"
    assert "2,000,000" in refused.detail
    row = '<row r="2000000"><c r="A2000000"><v>1</v></c></row>'
    assert "2,000,000" in (await refusal(inspect, files.raw(row))).detail


async def test_sixteen_thousand_columns_are_refused_with_the_number(inspect: Any, files: Any) -> None:
    refused = await refusal(inspect, b",".join([b"x"] * 16_384) + b"\n1,2\n")
    assert refused.code == "file_too_large"
    assert "16,384" in refused.detail
    wide = files.raw('<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>2</v></c></row>')
    assert "16,384" in (await refusal(inspect, wide)).detail


@pytest.mark.parametrize("content", [b"", b"\n\n  \r\n", b",,,\n,,\n", b"\xef\xbb\xbf\n"])
async def test_an_empty_file_is_empty(inspect: Any, content: bytes) -> None:
    assert (await refusal(inspect, content)).code == "file_empty"


async def test_a_workbook_without_a_filled_cell_is_empty(inspect: Any, files: Any) -> None:
    assert (await refusal(inspect, files.workbook())).code == "file_empty"


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"%PDF-1.7 ...", "PDF"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "picture"),
        (b"<html><table><tr><td>Name</td></tr></table></html>", "web page"),
        (b"BEGIN:VCARD\r\nFN:Reza\r\nEND:VCARD\r\n", "vCard"),
        (b'[{"name": "Reza"}]', "JSON"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "Workbook".encode("utf-16-le") + bytes(400), ".xls"),
        (bytes(range(256)) * 20, "no text"),
    ],
)
async def test_what_is_no_table_is_refused_in_a_word(inspect: Any, content: bytes, word: str) -> None:
    refused = await refusal(inspect, content)
    assert refused.code == "file_wrong_type"
    assert word in refused.detail


async def test_other_office_files_are_named(inspect: Any, shared: Path) -> None:
    binary = await refusal(inspect, (shared / "ugly-1900-dates.xlsb").read_bytes())
    assert (binary.code, ".xlsb" in binary.detail) == ("file_wrong_type", True)
    assert (await refusal(inspect, (shared / "vcard-iphone.vcf").read_bytes())).code == "file_wrong_type"


def damaged(content: bytes, chance: random.Random) -> bytes:
    """The file with some bytes changed, lost or repeated, or its end missing."""
    made = bytearray(content)
    for _ in range(chance.choice((1, 3, 30))):
        at, many = chance.randrange(len(made)), chance.choice((1, 4, 100))
        piece = chance.choice((chance.randbytes(many), b"", bytes(made[at : at + many]) * 2, b"\xff" * many))
        made[at : at + many] = piece
        if len(made) < MOST_LITTLE:
            break
    return bytes(made[: chance.randrange(1, len(made))] if chance.random() < 0.1 else made)


@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("kind", ["workbook", "text"])
async def test_whatever_is_damaged_is_read_or_refused_with_a_code(inspect: Any, files: Any, kind: str) -> None:
    """R13: never anything but the two, and never a reader that goes on for ever."""
    rows = [["Name", "City", "Born"], *([f"Reza {number}", "Tehran", 36_000 + number] for number in range(40))]
    content = (
        files.workbook(*rows) if kind == "workbook" else "\n".join(";".join(map(str, row)) for row in rows).encode()
    )
    answers: Counter[str] = Counter()
    for seed in range(DAMAGES):
        try:
            await inspect(damaged(content, random.Random(seed)))
            answers["read"] += 1
        except FileRefused as refused:
            answers[refused.code] += 1
    assert set(answers) <= {"read", *FILE_CODES}
    assert answers.total() == DAMAGES


async def test_mixed_encodings_are_refused_with_the_line(inspect: Any) -> None:
    lines = ["Name,City", *["Zoë,Köln"] * 10]
    content = "\n".join(lines).encode() + b"\n" + "Jürgen,Düsseldorf\n".encode("cp1252") + "Ådne,Bodø\n".encode()
    refused = await refusal(inspect, content)
    assert refused.code == "file_corrupt"
    assert "line 12" in refused.detail


async def test_a_quotation_mark_that_is_never_closed_is_refused_with_the_line(inspect: Any) -> None:
    content = b'Name,City\nReza,Tehran\nSara,"Shiraz\n' + b"Ali,Yazd\n" * 1000
    refused = await refusal(inspect, content)
    assert refused.code == "file_corrupt"
    assert "line 3" in refused.detail


def test_a_child_cannot_take_more_than_its_memory() -> None:
    """R13."""
    program = (
        "from rapport_import.adapters.child.limits import confine\n"
        "from rapport_import.domain.files import Limits\n"
        "confine(Limits(memory_bytes=256 << 20, memory_bytes_most=300 << 20))\n"
        "try:\n    bytearray(400 << 20)\nexcept MemoryError:\n    print('refused')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "refused\n"


async def test_what_brings_the_reader_down_is_an_answer_as_well(inspect: Any, files: Any) -> None:
    """R13: processor time is limited; the kill by the system is told as a file that is too large."""
    refused = await refusal(inspect, files.raw(FAR.replace("XFD1048576", "J300000")), Limits(seconds=0))
    assert refused.code == "file_too_large"


async def test_refusals_over_http_change_nothing_and_the_service_lives_on(
    person: Any, standing: Any, files: Any
) -> None:
    for name, content, status, code in (
        ("bomb.xlsx", files.raw(FAR), 422, "file_too_large"),
        ("empty.csv", b"", 422, "file_empty"),
        ("notes.pdf", b"%PDF-1.4", 422, "file_wrong_type"),
        ("half.xlsx", files.workbook(["a"])[:900], 422, "file_corrupt"),
    ):
        answer = await person.http.post("/imports", files={"file": (name, content)})
        assert (answer.status_code, answer.json()["code"]) == (status, code), name
        assert answer.headers["content-type"] == "application/problem+json"
    assert (await person.http.get("/imports")).json() == {"items": [], "next": None}
    assert not standing.blob_keys()
    assert (await person.upload("good.csv", b"Name\nReza\n"))["format"] == "text"


async def test_a_name_says_nothing_about_a_file(person: Any, files: Any) -> None:
    assert (await person.upload("people.csv", files.workbook(["Name", "City"], ["Reza", "Yazd"])))["format"] == "xlsx"
    assert (await person.upload("people.xlsx", b"Name,City\nReza,Yazd\n"))["format"] == "text"
