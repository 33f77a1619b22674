"""I3, I4: what a row becomes: names, contacts, phones by region, typed values, groups, and why it fails."""

from __future__ import annotations

from typing import Any, cast

import pytest

from rapport_import.domain.cells import clean, text_of
from rapport_import.domain.mapping import ColumnPlan, MappingPlan
from rapport_import.domain.names import split_name
from rapport_import.domain.row_mapper import MappedChunk, RowMapper
from rapport_import.domain.row_ranges import parse_ranges
from rapport_import.domain.targets import TargetType


def plan(*columns: tuple[str, str] | ColumnPlan, **more: Any) -> MappingPlan:
    plans = [
        one
        if isinstance(one, ColumnPlan)
        else ColumnPlan(place, one[0], cast("TargetType", one[1]), title=f"“{one[0]}”")
        for place, one in enumerate(columns)
    ]
    facts = {"kind": "person", "header_row": None, "rows": "all", "region": "IR", "date_1904": False, "grouped": True}
    return MappingPlan(**(facts | {"columns": tuple(plans)} | more))


def mapped(plan_: MappingPlan, *rows: list[Any]) -> MappedChunk:
    return RowMapper(plan_, {}).map(1, rows)


def only(plan_: MappingPlan, *cells: Any) -> dict[str, Any]:
    chunk = mapped(plan_, list(cells))
    assert chunk.wrong == []
    return dict(zip(chunk.columns, chunk.rows[0][1:], strict=True))


def reason(plan_: MappingPlan, *cells: Any) -> tuple[str, str]:
    (wrong,) = mapped(plan_, list(cells)).wrong
    return wrong.code, wrong.reason


def test_a_row_needs_a_name_or_a_contact() -> None:
    columns = plan(("first_name", "text"), ("email", "email"), ("city", "text"))
    chunk = mapped(columns, ["Reza", None, "Yazd"], [None, "a@b.ir", None], [" ", "", "Yazd"], [])
    assert [row[0] for row in chunk.rows] == [1, 2]
    assert [(one.row, one.code) for one in chunk.wrong] == [(3, "no_name_or_contact")]
    assert chunk.read == 3  # a blank row is no row


def test_an_invalid_email_fails_with_its_reason() -> None:
    code, words = reason(plan(("first_name", "text"), ("email", "email")), "Reza", "reza at example")
    assert (code, words) == ("invalid_email", "“email”: “reza at example” is no e-mail address")


def test_an_email_is_kept_as_written_and_keyed() -> None:
    assert only(plan(("email", "email")), " Reza@Example.COM ")["email"] == [["Reza@Example.COM", "reza@example.com"]]


def test_a_phone_that_cannot_be_read_is_kept_without_a_key() -> None:
    assert only(plan(("phone", "phone")), "ask Sara")["phone"] == [["ask Sara", None]]


@pytest.mark.parametrize(
    ("cell", "country", "region", "key"),
    [
        ("0912 345 6789", None, None, "+989123456789"),
        ("۰۹۱۲۳۴۵۶۷۸۹", None, None, "+989123456789"),
        (9123456789.0, None, None, "+989123456789"),
        ("082 118 9037", "South Africa", None, "+27821189037"),
        ("0912 345 6789", "nowhere", None, "+989123456789"),
        ("07700 900123", "Iran", "GB", "+447700900123"),
        ("+1 505 292 1492", "Iran", None, "+15052921492"),
    ],
)
def test_the_region_is_the_columns_else_the_countrys_else_the_workspaces(
    cell: Any, country: str | None, region: str | None, key: str | None
) -> None:
    phone = ColumnPlan(0, "mobile", "phone", "Mobile", True, region=region)
    row = only(plan(phone, ("country", "text")), cell, country)
    assert row["mobile"][0][1] == key


def test_a_separator_splits_a_cell_and_columns_share_a_kind() -> None:
    first = ColumnPlan(0, "mobile", "phone", "A", True, separator="/")
    second = ColumnPlan(1, "mobile", "phone", "B", True)
    row = only(plan(first, second), "09121234567 / 09121234568", "09121234569")
    assert [value for value, _ in row["mobile"]] == ["09121234567", "09121234568", "09121234569"]
    limited = ColumnPlan(0, "website", "contact", "A", True, separator=",", values=2)
    assert only(plan(limited), "a.com, b.com, c.com")["website"] == [["a.com", None], ["b.com, c.com", None]]


@pytest.mark.parametrize(
    ("full", "halves"),
    [
        ("Reza Ahmadi", ("Reza", "Ahmadi")),
        ("Ahmadi, Reza", ("Reza", "Ahmadi")),
        ("Ludwig van Beethoven", ("Ludwig", "van Beethoven")),
        ("Mary Ann Smith", ("Mary Ann", "Smith")),
        ("علی محمدی نژاد", ("علی", "محمدی نژاد")),
        ("Cher", (None, "Cher")),
    ],
)
def test_a_whole_name_becomes_two(full: str, halves: tuple[str | None, str | None]) -> None:
    assert split_name(full) == halves


def test_a_persons_name_column_fills_both_names_and_an_organizations_one() -> None:
    assert only(plan(("name", "text")), "Reza Ahmadi") == {"first_name": "Reza", "last_name": "Ahmadi"}
    assert only(plan(("name", "text"), kind="organization"), "Reza Ahmadi Co") == {"name": "Reza Ahmadi Co"}


@pytest.mark.parametrize(
    ("type_", "cell", "value"),
    [
        ("integer", "1,234", 1234),
        ("integer", "۱۲۳", 123),
        ("integer", 7.0, 7),
        ("boolean", "بله", True),
        ("boolean", "Nein", False),
        ("boolean", True, True),
        ("date", "2024-01-31", "2024-01-31"),
        ("date", "24 October 2011", "2011-10-24"),
        ("date", {"date": "2024-01-31T10:00:00"}, "2024-01-31"),
        ("date", 45322.0, "2024-01-31"),
        ("date", "19081209", "1908-12-09"),
        ("date", "3/4/2024", "2024-04-03"),
        ("text", 12.5, "12.5"),
        ("list", "gold", "g"),
        ("list", None, None),
    ],
)
def test_custom_values_are_typed(type_: Any, cell: Any, value: Any) -> None:
    custom = ColumnPlan(1, "custom.f", type_, "F", options={"gold": "g"})
    assert only(plan(("first_name", "text"), custom), "Reza", cell)["custom.f"] == value


@pytest.mark.parametrize(
    ("type_", "cell", "code"),
    [
        ("integer", "12.5", "not_an_integer"),
        ("integer", "many", "not_an_integer"),
        ("boolean", "perhaps", "not_a_boolean"),
        ("date", "31.02.2024", "not_a_date"),
        ("date", "1402/05/06", "not_a_date"),  # of another calendar: never guessed
        ("list", "silver", "unknown_option"),
        ("text", {"error": "#REF!"}, "formula_error"),
    ],
)
def test_a_value_of_the_wrong_type_fails_its_row(type_: Any, cell: Any, code: str) -> None:
    custom = ColumnPlan(1, "custom.f", type_, "“F”", options={"gold": "g"})
    assert reason(plan(("first_name", "text"), custom), "Reza", cell)[0] == code


def test_a_serial_counts_in_the_workbooks_calendar() -> None:
    custom = ColumnPlan(1, "custom.f", "date", "F")
    assert only(plan(("first_name", "text"), custom, date_1904=True), "R", 43860.0)["custom.f"] == "2024-01-31"


def test_several_values_are_each_typed_and_kept_once() -> None:
    custom = ColumnPlan(1, "custom.f", "integer", "F", True, separator=";")
    assert only(plan(("first_name", "text"), custom), "Reza", "1;2; 1")["custom.f"] == [1, 2]
    assert only(plan(("first_name", "text"), custom), "Reza", "")["custom.f"] is None


def test_groups_are_named_in_a_cell() -> None:
    groups = ColumnPlan(1, "groups", "groups", "“Group”", True, separator=",", options={"friends": "f", "vip": "v"})
    named = plan(("first_name", "text"), groups, grouped=False)
    assert only(named, "Reza", "Friends, VIP")["groups"] == ["f", "v"]
    assert reason(named, "Reza", "Strangers")[0] == "unknown_group"
    assert reason(named, "Reza", None)[0] == "no_group"


def test_all_faults_of_a_row_are_told() -> None:
    columns = plan(("first_name", "text"), ("email", "email"), ("phone", "phone"))
    code, words = reason(columns, {"error": "#N/A"}, "nobody", None)
    assert code == "formula_error"
    assert words == "“first_name”: the formula gives #N/A; “email”: “nobody” is no e-mail address"


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  Reza  ", "Reza"),
        ("Reza \u00a0 Ahmadi", "Reza Ahmadi"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("\ufeffe\u0301", "é"),
        ("two\r\nlines  here", "two\nlines here"),
        ("\u200e \t", None),
    ],
)
def test_text_is_cleaned_and_not_changed(text: str, cleaned: str | None) -> None:
    assert clean(text) == cleaned


def test_numbers_are_written_as_people_write_them() -> None:
    assert [text_of(cell) for cell in (9121234567.0, 1.5, 1e22, 12, True)][:2] == ["9121234567", "1.5"]
    assert text_of(1e-7) == "0.0000001"


def test_ranges_are_merged_sorted_and_below_the_header() -> None:
    ranges = parse_ranges("150, 2-100,90-120", 5)
    assert (ranges.starts, ranges.ends) == ((6, 150), (120, 150))
    assert (6 in ranges, 121 in ranges, 150 in ranges) == (True, False, True)
    for wrong in ("", "5-2", "a", "0", "1-3,", "1-5"):
        with pytest.raises(ValueError, match=r"\S"):
            parse_ranges(wrong, 5)
