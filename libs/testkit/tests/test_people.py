"""The generator's promises: repeatable, true about itself, messy."""

from __future__ import annotations

import csv
from itertools import islice
from pathlib import Path

import openpyxl

from rapport_contracts.phone import phone_key, region_of_country
from rapport_contracts.text import normalise_email
from rapport_testkit.people import HEADERS, Person, generate, write_csv, write_xlsx

SAMPLE = list(generate(6_000, 7, duplicates=0.2))


def test_the_same_seed_gives_the_same_people_and_another_one_others() -> None:
    assert list(generate(500, 3)) == list(generate(500, 3))
    assert list(generate(500, 3)) != list(generate(500, 4))
    assert list(islice(generate(10**9, 3), 500)) == list(generate(500, 3))


def test_every_spelling_of_a_number_or_address_has_the_key_that_it_claims() -> None:
    for person in SAMPLE:
        assert region_of_country(person.country or "") == person.region
        if person.mobile_key:
            assert person.mobile is not None
            assert phone_key(person.mobile, person.region) == person.mobile_key, person
        if person.phone:
            assert phone_key(person.phone, person.region) == person.phone_key, person
        if person.email:
            assert normalise_email(person.email) == person.email_key, person


def test_a_number_has_many_spellings_and_scripts() -> None:
    spellings = {"".join("9" if c.isdigit() else c for c in person.mobile or "") for person in SAMPLE}
    assert len(spellings) > 25
    assert any("۹" in (person.mobile or "") for person in SAMPLE)
    assert any("٩" in (person.mobile or "") for person in SAMPLE)


def test_different_humans_share_no_key_and_duplicates_keep_what_they_say() -> None:
    owner: dict[str, int] = {}
    by_number = {person.number: person for person in SAMPLE}
    kept = {"both": 0, "mobile": 0, "email": 0}
    for person in SAMPLE:
        human = person.number if person.same_as is None else person.same_as
        for key in filter(None, (person.mobile_key, person.email_key)):
            assert owner.setdefault(key, human) == human
        if person.same_as is not None:
            original = by_number[person.same_as]
            assert original.same_as is None
            assert person.kept is not None
            kept[person.kept] += 1
            assert (person.mobile_key == original.mobile_key is not None) == (person.kept in {"both", "mobile"})
            assert (person.email_key == original.email_key is not None) == (person.kept in {"both", "email"})
    assert all(count > 50 for count in kept.values())
    assert 900 < sum(kept.values()) < 1_500


def test_ranges_of_numbers_share_no_key() -> None:
    def keys(people: list[Person]) -> set[str]:
        return {key for person in people for key in (person.mobile_key, person.email_key) if key}

    assert keys(list(generate(2_000, 1))).isdisjoint(keys(list(generate(2_000, 1, start=2_000))))


def test_wrong_rows_say_why() -> None:
    people = list(generate(2_000, 5, wrong=0.1))
    spoiled = [person for person in people if person.wrong]
    assert 120 < len(spoiled) < 280
    for person in spoiled:
        if person.wrong == "email":
            assert person.email
            assert normalise_email(person.email) is None
        else:
            assert not any(person.cells[:7])
            assert person.country
    assert not any(person.wrong for person in SAMPLE)


def test_both_kinds_of_files_carry_every_cell(tmp_path: Path) -> None:
    people = list(generate(300, 9))
    assert write_csv(tmp_path / "a.csv", people) == write_xlsx(tmp_path / "a.xlsx", people) == 300
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        read = list(csv.reader(file))
    assert read[0] == list(HEADERS)
    assert read[1:] == [[cell or "" for cell in person.cells] for person in people]
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert sheet is not None
    cells = [tuple(row) for row in sheet.iter_rows(min_row=2, max_col=12, values_only=True)]
    assert cells == [person.cells for person in people]
