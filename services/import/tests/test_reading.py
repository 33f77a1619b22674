"""I1, I2: how files are read: encodings, delimiters, headers, merged cells, dates, what stands where."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from rapport_import.adapters.files.delimiter import find_delimiter
from rapport_import.adapters.files.encoding import detect_encoding
from rapport_import.adapters.files.row_file import RowFile, RowFileWriter
from rapport_import.application.upload import Intake

PERSIAN = "نام,نام خانوادگی,شهر\n" + "علی,احمدی,تهران\nزهرا,گلچین,شیراز\nپریسا,کریمی,اصفهان\n" * 5
GERMAN = "Vorname;Nachname;Ort\n" + "Jürgen;Müller;Köln\nKäthe;Groß;Düsseldorf\nAnna;Weiß;Gießen\n" * 5
RUSSIAN = "Имя;Фамилия;Город\n" + "Иван;Петров;Москва\nОльга;Смирнова;Казань\nСергей;Кузнецов;Самара\n" * 5
POLISH = "Imię;Nazwisko;Miasto\n" + "Łukasz;Wiśniewski;Łódź\nStanisław;Dąbrowski;Kraków\nZofia;Żak;Gdańsk\n" * 5
FRENCH = "Prénom;Nom;Ville\n" + "Hélène;Lefèvre;Besançon\nFrançois;Bézier;Orléans\nÉlise;Noël;Nîmes\n" * 5


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (PERSIAN, "utf-8"),
        (PERSIAN, "utf-8-sig"),
        (PERSIAN, "utf-16"),
        (GERMAN, "utf-16-le"),
        (GERMAN, "utf-16-be"),
        (PERSIAN.replace("ی", "ي"), "cp1256"),
        (GERMAN, "cp1252"),
        (FRENCH, "cp1252"),
        (RUSSIAN, "cp1251"),
        (POLISH, "cp1250"),
    ],
)
def test_the_encoding_is_detected(tmp_path: Path, text: str, encoding: str) -> None:
    file = tmp_path / "file"
    file.write_bytes(text.encode(encoding))
    assert file.read_text(encoding=detect_encoding(file)) == file.read_bytes().decode(encoding)


@pytest.mark.parametrize(
    ("sample", "delimiter"),
    [
        ("a;b;c\n1,5;2,5;3\n4,1;5,2;6\n", ";"),
        ('name\tnote\nx\t"a, b; c"\ny\tz\n', "\t"),
        ('"Ahmadi, Reza";Tehran\n"Karimi, Sara";Shiraz\n', ";"),
        ("a|b\n1|2\n", "|"),
        ('a,b\n"line\nbreak; with; semicolons; more",2\n3,4\n', ","),
        ("sep=;\na,b;c\n", ";"),
        ("Reza\nSara\n", ","),
        ("08:30,Reza\n09:15,Sara\n", ","),
    ],
)
def test_the_delimiter_is_detected_in_spite_of_quotes(sample: str, delimiter: str) -> None:
    assert find_delimiter(sample) == delimiter


async def test_rows_are_found_where_they_stand(person: Any, files: Any) -> None:
    """I2: a title above the header, an empty row, an empty first column."""
    content = files.workbook(
        [None, "Customer list 2024"],
        [],
        [None, "First name", "Mobile", "Since"],
        [None, "Reza", "09121234567", "2024-01-31"],
        [],
        [None, "Sara", 9351234567, True],
    )
    made = await person.upload("list.xlsx", content)
    assert made["sheets"] == [{"name": "Sheet1", "rows": 6, "columns": 4, "header_row": 3}]
    preview = await person.preview(made)
    assert [one["header"] for one in preview["columns"]] == [None, "First name", "Mobile", "Since"]
    assert (preview["row_numbers"], preview["total"]) == ([4, 6], 2)
    assert preview["rows"][1] == [None, "Sara", "9351234567", "true"]
    chosen = await person.preview(made, header_row=0)
    assert (chosen["header_row"], chosen["total"]) == (None, 4)
    assert (await person.preview(made, header_row=4))["columns"][1]["header"] == "Reza"


async def test_a_merged_header_names_every_column_below_it(person: Any, files: Any) -> None:
    """I11: merged header cells."""
    content = files.workbook(
        ["Person", None, "Phone", None],
        ["First name", "Last name", "home", "mobile"],
        ["Reza", "Ahmadi", "02112345678", "09121234567"],
        ["Sara", "Karimi", "02112345679", "09121234568"],
        merges=[("A1:B1", "Person"), ("C1:D1", "Phone")],
    )
    made = await person.upload("merged.xlsx", content)
    preview = await person.preview(made)
    assert preview["header_row"] == 2
    headers = [one["header"] for one in preview["columns"]]
    assert headers == ["Person First name", "Person Last name", "Phone home", "Phone mobile"]
    assert [one["suggestion"] for one in preview["columns"]] == ["first_name", "last_name", "phone", "mobile"]


async def test_headers_over_several_lines_end_where_their_merged_cells_end(person: Any, shared: Path) -> None:
    made = await person.upload("ugly.xlsx", (shared / "ugly-multiline-headers.xlsx").read_bytes())
    preview = await person.preview(made)
    assert preview["header_row"] == 5
    assert preview["columns"][0]["header"] == "Region"
    assert preview["rows"] == [["A", "B", "C", "D"]]


async def test_dates_are_dates_in_both_calendars_of_spreadsheets(person: Any, shared: Path) -> None:
    made = await person.upload("1904.xlsx", (shared / "ugly-1904-dates.xlsx").read_bytes())
    preview = await person.preview(made)
    assert preview["rows"][0][:2] == ["1", "1904-01-02"]
    assert preview["columns"][1]["type"] == "date"


async def test_quotes_and_line_breaks_are_kept(person: Any, shared: Path) -> None:
    made = await person.upload("ugly.csv", (shared / "ugly-complex.csv").read_bytes())
    preview = await person.preview(made)
    assert preview["rows"][2] == ["2011-01-03", None, "6,000,000", "Galway"]
    assert [one["type"] for one in preview["columns"][:3]] == ["date", "date", "number"]
    broken = await person.upload("lines.csv", b'Name,Note\nReza,"two\nlines, one cell"\n')
    assert (await person.preview(broken))["rows"] == [["Reza", "two\nlines, one cell"]]


async def test_a_list_of_names_has_no_header(person: Any, shared: Path) -> None:
    made = await person.upload("names.txt", (shared / "persian-male-fa.txt").read_bytes())
    assert (made["sheets"][0]["header_row"], made["encoding"]) == (None, "utf-8")
    assert (await person.preview(made))["rows"][0] == ["ابراهیم"]


async def test_encoding_and_delimiter_can_be_changed(person: Any) -> None:
    """I1: a file that was read wrongly is read again."""
    made = await person.upload("x.csv", "Name;City\nJosé;Málaga\n".encode("cp1252"))
    path, etag = f"/imports/{made['id']}:reread", {"if-match": '"1"'}
    answer = await person.http.post(path, json={"encoding": "cp1251", "delimiter": ","}, headers=etag)
    assert (answer.json()["encoding"], answer.json()["delimiter"]) == ("cp1251", ",")
    assert (await person.preview(made))["rows"] == [["Name;City"], ["Josй;Mбlaga"]]
    back = await person.http.post(path, json={"encoding": "cp1252"}, headers={"if-match": '"2"'})
    assert back.json()["delimiter"] == ";"
    assert (await person.preview(made))["rows"] == [["José", "Málaga"]]
    wrong = await person.http.post(path, json={"encoding": "utf-8"}, headers={"if-match": '"3"'})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "file_corrupt")
    unknown = await person.http.post(path, json={"encoding": "rot13"}, headers={"if-match": '"3"'})
    assert unknown.json()["errors"][0]["field"] == "encoding"


async def test_of_two_readings_at_once_the_one_that_is_kept_has_its_own_rows(
    person: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """I1: otherwise the file would be shown in one encoding and imported in the other."""
    made = await person.upload("x.csv", "Name\nJosé\n".encode("cp1252"))
    path, etag = f"/imports/{made['id']}:reread", {"if-match": '"1"'}
    read, first_read, second_read, first_kept = Intake.read, asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def in_turns(self: Intake, import_id: str, revision: int, encoding: str, delimiter: str | None = None) -> Any:
        if encoding == "cp1251":
            await first_read.wait()
        facts = await read(self, import_id, revision, encoding, delimiter)
        done, then = (first_read, second_read) if encoding == "cp1250" else (second_read, first_kept)
        done.set()
        await then.wait()
        return facts

    async def first() -> Any:
        answer = await person.http.post(path, json={"encoding": "cp1250"}, headers=etag)
        first_kept.set()
        return answer

    monkeypatch.setattr(Intake, "read", in_turns)
    kept, late = await asyncio.gather(first(), person.http.post(path, json={"encoding": "cp1251"}, headers=etag))
    assert (kept.json()["encoding"], late.status_code) == ("cp1250", 412)
    assert (await person.preview(made))["rows"] == [["José"]]


async def test_every_visible_sheet_can_be_chosen(person: Any, files: Any) -> None:
    made = await person.upload("one.xlsx", files.workbook(["Name"], ["Reza"], name="مشتریان"))
    assert (await person.preview(made, sheet="مشتریان"))["rows"] == [["Reza"]]
    answer = await person.http.get(f"/imports/{made['id']}/preview", params={"sheet": "none"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "sheet")


def test_a_row_file_gives_any_page_of_its_filled_rows(tmp_path: Path) -> None:
    """I2: a preview of 100,000 rows reads one chunk."""
    with RowFileWriter(tmp_path / "rows") as file:
        for number in range(1, 2001):
            file.add([f"row {number}"] if number % 3 else [])
        file.finish()
        assert (file.rows, file.filled) == (2000, 1334)
    with RowFile(tmp_path / "rows") as rows:
        assert rows.page(0, 2) == [(1, ["row 1"]), (2, ["row 2"])]
        assert rows.page(1000, 1) == [(1501, ["row 1501"])]
        assert rows.page(1334, 5) == []
        assert rows.filled_through(1500) == 1000


async def test_a_cells_nul_is_dropped(person: Any, files: Any) -> None:
    """R13: no database keeps it, nobody typed it, and the row is worth more (ADR 0136)."""
    cells = "".join(
        f'<row r="{row}"><c r="A{row}" t="inlineStr"><is><t>{text}</t></is></c></row>'
        for row, text in ((1, "First_x0000_ name"), (2, "Re_x0000_za"))
    )
    preview = await person.preview(await person.upload("a.xlsx", files.raw(cells)))
    assert ([one["header"] for one in preview["columns"]], preview["rows"]) == (["First name"], [["Reza"]])
