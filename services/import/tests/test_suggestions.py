"""I3: what a column becomes is suggested from its header in several languages and from what is in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rapport_contracts import topics
from rapport_import.domain.headers import known_target
from rapport_import.domain.suggestion import likely_kind


async def suggestions(person: Any, name: str, content: bytes, **query: Any) -> dict[str | None, str | None]:
    preview = await person.preview(await person.upload(name, content), **query)
    return {one["header"]: one["suggestion"] for one in preview["columns"]}


async def test_the_real_contacts_are_understood(person: Any, shared: Path) -> None:
    preview = await person.preview(await person.upload("c.csv", (shared / "contacts-mautic.csv").read_bytes()))
    found = {one["header"]: one["suggestion"] for one in preview["columns"]}
    assert found == {
        "title": "title", "firstname": "first_name", "lastname": "last_name", "city": "city", "address1": "street",
        "state": "province", "zipcode": "postal_code", "country": "country", "email": "email", "phone": "phone",
        "company": "company_name", "website": "website", "facebook": "social", "twitter": "social", "ip": None, "points": None,
    }  # fmt: skip
    assert (preview["kind"], preview["total"], preview["rows"][0][1]) == ("person", 54, "Penny")
    assert all(0 <= one["confidence"] <= 1 for one in preview["columns"])
    email = preview["columns"][8]
    assert (email["type"], email["confidence"], email["samples"][0]) == ("email", 0.98, "PennyKMoore@dayrep.com")


async def test_a_file_of_companies_is_one_of_organizations(person: Any, shared: Path) -> None:
    preview = await person.preview(await person.upload("c.csv", (shared / "companies-mautic.csv").read_bytes()))
    assert preview["kind"] == "organization"
    assert [one["suggestion"] for one in preview["columns"]] == ["name", "city", "province", "country", None]


async def test_people_with_dates_and_numbers(person: Any, shared: Path) -> None:
    found = await suggestions(person, "febrl.csv", (shared / "febrl-dataset1.csv").read_bytes())
    assert (found["given_name"], found["surname"], found["suburb"], found["soc_sec_id"]) == (
        "first_name", "last_name", "city", None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ("First Name", "first_name"), ("firstName", "first_name"), ("FIRST_NAME", "first_name"), ("نام", "first_name"),
        ("نام خانوادگي", "last_name"), ("نام و نام خانوادگی", "name"), ("تلفن همراه", "mobile"), ("شماره تماس", "phone"),
        ("کد پستی", "postal_code"), ("Vorname", "first_name"), ("Straße", "street"), ("PLZ", "postal_code"),
        ("Prénom", "first_name"), ("prenom", "first_name"), ("Téléphone portable", "mobile"), ("Courriel", "email"),
        ("Apellidos", "last_name"), ("Correo electrónico", "email"), ("Ciudad", "city"), ("Cognome", "last_name"),
        ("Sobrenome", "last_name"), ("Achternaam", "last_name"), ("Soyadı", "last_name"), ("İl", "province"),
        ("Фамилия", "last_name"), ("Телефон", "phone"), ("Nazwisko", "last_name"), ("البريد الإلكتروني", "email"),
        ("E-mail 2", "email"), ("Phone 1", "phone"), ("Company City", "city"), ("Emergency phone", "phone"),
        ("Job Title", "position"),
    ],
)  # fmt: skip
def test_headers_are_known_in_many_languages(header: str, target: str) -> None:
    found = known_target(header)
    assert found is not None
    assert found[0] == target


@pytest.mark.parametrize(
    "header", ["Points", "IP", "Date of birth", "Rapport: what is wrong", "x", "Last contact date"]
)
def test_what_is_not_known_is_not_guessed(header: str) -> None:
    assert known_target(header) is None


async def test_content_speaks_where_the_header_is_silent(person: Any, standing: Any) -> None:
    settings = {"type": "settings", "id": "settings", "region": "IR", "version": standing.runtime.directory.version + 1}
    await standing.publish(topics.USERS, "settings", settings)
    await standing.settle()
    content = "نام,الف,ب,پ\n" + "".join(f"علی,a{n}@b.ir,0912{n:07d},021{n:08d}\n" for n in range(9))
    found = await suggestions(person, "x.csv", content.encode())
    assert found == {"نام": "first_name", "الف": "email", "ب": "mobile", "پ": "phone"}


async def test_a_custom_field_is_found_by_its_title(person: Any, standing: Any) -> None:
    document = {
        "type": "field",
        "id": "f",
        "title": "Shoe size",
        "field_type": "integer",
        "section_id": "s",
        "version": 1,
    }
    await standing.publish(topics.DEFINITIONS, "field:f", document)
    await standing.drain()
    found = await suggestions(person, "x.csv", b"Name,shoe_size\nReza,43\n")
    assert found == {"Name": "name", "shoe_size": "custom.f"}


async def test_a_target_of_one_value_is_suggested_once(person: Any) -> None:
    found = await suggestions(person, "x.csv", b"First name,Given name,Full name,Mail,E-mail\nA,B,C,a@b.c,c@d.e\n")
    assert found == {
        "First name": "first_name",
        "Given name": None,
        "Full name": None,
        "Mail": "email",
        "E-mail": "email",
    }


async def test_what_was_chosen_is_remembered_for_files_with_the_same_headers(
    person: Any, customers: Any, working: Any
) -> None:
    content = b"Name,Code,Mail\nReza,17,reza@example.com\n"
    made = await person.upload("a.csv", content)
    columns = [
        {"column": 0, "target": "last_name"},
        {"column": 1, "target": "description"},
        {"column": 2, "target": None},
    ]
    async with working(customers.serve()):
        await person.job_until(await person.begin(made, columns=columns))
    again = await person.preview(
        await person.upload("b.csv", content.replace(b"Reza", b"Sara").replace(b"Code", b"code"))
    )
    assert again["remembered"] is True
    assert [(one["suggestion"], one["confidence"]) for one in again["columns"]] == [
        ("last_name", 1.0), ("description", 1.0), (None, 1.0),
    ]  # fmt: skip


def test_the_kind_is_told_by_the_names() -> None:
    assert likely_kind(["Company", "City"]) == "organization"
    assert likely_kind(["Company", "First name"]) == "person"
    assert likely_kind(["شرکت", "شهر"]) == "organization"
    assert likely_kind([None, "City"]) == "person"
