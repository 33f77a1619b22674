"""I8: the error workbook is the input plus a reason column, safe to open, and ready to be imported again."""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Any

import openpyxl

HEADER = ["First name", "Email", "Since", "Note", "Size"]
ROWS = [
    ["Reza", "reza@example.com", date(2024, 1, 31), "good", 1],
    ["=1+1", "no address", date(2024, 1, 31), "+989121234567", 43],
    ["Sara", "sara@", None, "@cmd", 12.5],
    [None, None, None, "-2+3", None],
]


def _day(cell: Any) -> Any:
    return cell.date() if isinstance(cell, datetime) else cell


async def failed(person: Any, customers: Any, working: Any, content: bytes) -> dict[str, Any]:
    made: dict[str, Any] = await person.upload("people.xlsx", content)
    async with working(customers.serve()):
        job = await person.job_until(await person.begin(made))
    assert (job["result"]["created"], job["result"]["failed"]) == (1, 3), job
    return made


def workbook(files: Any) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(files.workbook(["Our people"], HEADER, *ROWS)))
    book.active["A4"].data_type = "s"  # a text that looks like a formula
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


async def test_wrong_rows_come_back_as_they_were_with_a_reason(
    person: Any, customers: Any, working: Any, files: Any
) -> None:
    made = await failed(person, customers, working, workbook(files))
    rows = await person.error_rows(made)
    assert rows[0][0] == "Our people"
    assert rows[1] == (*HEADER, "Rapport: what is wrong")
    assert [[_day(cell) for cell in row[:5]] for row in rows[2:]] == ROWS[1:]
    assert [row[5] for row in rows[2:]] == [
        "“Email”: “no address” is no e-mail address",
        "“Email”: “sara@” is no e-mail address",
        "neither a name nor a contact",
    ]


async def test_nothing_in_it_is_a_formula(person: Any, customers: Any, working: Any, files: Any) -> None:
    """R13: `=1+1` stays a text, also after an edit, and a phone `+98…` survives."""
    made = await failed(person, customers, working, workbook(files))
    answer = await person.http.get(f"/imports/{made['id']}/errors.xlsx")
    assert "people-errors.xlsx" in answer.headers["content-disposition"]
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    for place in ("A3", "D3", "D4", "D5"):
        assert (sheet[place].data_type, sheet[place].quotePrefix) == ("s", True)


async def test_the_corrected_rows_are_imported_and_only_they(
    person: Any, customers: Any, working: Any, files: Any
) -> None:
    made = await failed(person, customers, working, workbook(files))
    answer = await person.http.get(f"/imports/{made['id']}/errors.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    book.active["B3"], book.active["B4"], book.active["B5"] = "one@example.com", "sara@example.com", "three@example.com"
    content = io.BytesIO()
    book.save(content)
    again = await person.upload("people-errors.xlsx", content.getvalue())
    preview = await person.preview(again)
    assert (preview["header_row"], preview["columns"][5]["suggestion"]) == (2, None)
    async with working(customers.serve()):
        job = await person.job_until(await person.begin(again))
    assert (job["result"]["read"], job["result"]["created"]) == (3, 3)


async def test_a_formula_error_fails_its_row_where_it_matters(
    person: Any, customers: Any, working: Any, files: Any
) -> None:
    """I11: formula errors."""
    cells = (
        '<row r="1"><c r="A1" t="str"><v>First name</v></c><c r="B1" t="str"><v>Size</v></c></row>'
        '<row r="2"><c r="A2" t="str"><v>Reza</v></c><c r="B2" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
        '<row r="3"><c r="A3" t="e"><f>X!A1</f><v>#REF!</v></c></row>'
    )
    made = await person.upload("formulas.xlsx", files.raw(cells))
    assert (await person.preview(made))["rows"] == [["Reza", "#DIV/0!"], ["#REF!", None]]
    async with working(customers.serve()):
        job = await person.job_until(await person.begin(made))
    assert (job["result"]["created"], job["result"]["failed"]) == (
        1,
        1,
    )  # the size is not mapped: its error harms nobody
    assert (await person.error_rows(made))[1] == ("#REF!", None, "“First name”: the formula gives #REF!")
