"""Made-up customers, the same for the same seed: names in two scripts, phones in many spellings, duplicates whose truth is known.

Tests and benchmarks take their data from here. A row's cells are what a person would have typed into a spreadsheet; what
the cells mean (the phone's key, the address's key, which earlier row is the same human) stands beside them.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Final, NamedTuple, TypeVar

from rapport_testkit import people_words as words
from rapport_testkit.people_spelling import PLANS, Chance, respell_email, respell_name, spell

T = TypeVar("T")

HEADERS: Final = (
    "First name", "Last name", "Company", "Position", "Mobile", "Phone", "Email", "City", "Province", "Country",
    "Postal code", "Description",
)  # fmt: skip
_REMEMBERED = 4_096  # a duplicate comes at most so many rows after one like it
_COUNTRIES: Final = ("IR",) * 11 + ("US",) * 4 + ("GB",) * 3 + ("DE",) * 2


class Person(NamedTuple):
    """One row: the twelve cells in the order of `HEADERS`, then the truth about them.

    `number` counts from 0; `same_as` is the number of the first row of the same human, None for that first row itself.
    Every duplicate keeps its original's mobile key or e-mail key (`kept`: "both", "mobile" or "email"). Different humans
    never share a mobile or e-mail key. `wrong` says why an import must refuse the row ("email", "empty"), else None.
    """

    first_name: str | None
    last_name: str | None
    company_name: str | None
    position: str | None
    mobile: str | None
    phone: str | None
    email: str | None
    city: str | None
    province: str | None
    country: str | None
    postal_code: str | None
    description: str | None
    number: int
    region: str
    mobile_key: str | None
    phone_key: str | None
    email_key: str | None
    same_as: int | None
    kept: str | None
    wrong: str | None

    @property
    def cells(self) -> tuple[str | None, ...]:
        """The twelve cells as they stand in a file."""
        return self[:12]


def generate(
    n: int, seed: int = 1, *, start: int = 0, duplicates: float = 0.05, wrong: float = 0.0
) -> Iterator[Person]:
    """`n` people, lazily and in flat memory; the same arguments give the same people on every machine.

    `start` is the first one's number: ranges that do not overlap share no key (below 8,000,000). `duplicates` is the share
    of rows that show an earlier human again (another spelling, a typo, a moved e-mail or a new number); `wrong` the share
    that an import must refuse (an address that is none; nothing but a city).
    """
    chance = Random(seed).random
    remembered: list[Person] = []
    for number in range(start, start + n):
        if remembered and chance() < duplicates:
            person = _duplicate(_one(remembered, chance), number, chance)
        else:
            person = _fresh(number, chance)
        if wrong and chance() < wrong:
            person = _spoiled(person, chance)
        elif person.same_as is None and len(remembered) < _REMEMBERED:
            remembered.append(person)
        elif person.same_as is None:
            remembered[int(chance() * _REMEMBERED)] = person
        yield person


def _fresh(number: int, chance: Chance) -> Person:
    region = _COUNTRIES[int(chance() * len(_COUNTRIES))]
    persian = region == "IR" and chance() < 0.8
    first, last, place = _persian(chance) if persian else _latin(region, chance)
    mobile: str | None
    mobile_key: str | None
    mobile, mobile_key = spell(PLANS[region].mobile, number, chance)
    phone, phone_key = spell(PLANS[region].line, number, chance) if chance() < 0.6 else (None, None)
    email = _email(region, number, chance)
    if email and chance() < 0.08:
        mobile, mobile_key = ("n/a", None) if chance() < 0.1 else (None, None)
    return Person(
        first,
        last,
        _firm(persian, number, chance) if chance() < 0.35 else None,
        _one(words.JOBS_FA if persian else words.JOBS, chance) if chance() < 0.4 else None,
        mobile,
        phone,
        respell_email(email, chance) if email else None,
        *_address(place, chance),
        _one(words.NOTES, chance) if chance() < 0.1 else None,
        number,
        region,
        mobile_key,
        phone_key,
        email,
        None,
        None,
        None,
    )


def _persian(chance: Chance) -> tuple[str, str, words.Place]:
    last = _one(words.LAST_FA_STEMS, chance) + _one(words.LAST_FA_ENDINGS, chance)
    return _one(words.FIRST_FA, chance), last, _one(words.PLACES_FA, chance)


def _latin(region: str, chance: Chance) -> tuple[str, str, words.Place]:
    if region == "IR":
        return (
            _one(words.FIRST_FA_LATIN, chance),
            _one(words.LAST_FA_LATIN, chance),
            _one(words.PLACES_FA_LATIN, chance),
        )
    last = _one(words.LAST[region], chance)
    if chance() < 0.08:
        last = f"{last}-{_one(words.LAST[region], chance)}"
    return _one(words.FIRST[region], chance), last, _one(words.PLACES[region], chance)


def _address(place: words.Place, chance: Chance) -> tuple[str | None, str | None, str, str | None]:
    postal = f"{int(10_000 + chance() * 89_999)}" if chance() < 0.5 else None
    dice = chance()
    if dice < 0.05:
        return None, None, place.country, postal
    city = place.city.upper() if dice < 0.08 else f" {place.city} " if dice < 0.1 else place.city
    return city, place.province, place.country, postal


def _firm(persian: bool, number: int, chance: Chance) -> str:
    if persian:
        return f"{_one(words.FIRMS_FA, chance)} {number % 97}"
    return _one(words.FIRMS, chance) + _one(words.FIRM_SUFFIXES, chance)


def _email(region: str, number: int, chance: Chance) -> str | None:
    if chance() < 0.25:
        return None
    first = _one(words.FIRST_FA_LATIN, chance) if region == "IR" else "customer"
    return f"{first.lower()}.{number}@{_one(words.MAIL_HOSTS, chance)}"


def _duplicate(one: Person, number: int, chance: Chance) -> Person:
    kept = _what_stays(one, chance)
    mobile, mobile_key = _mobile_of_duplicate(one, number, kept, chance)
    email = one.email_key if kept != "mobile" else None
    return one._replace(
        first_name=respell_name(one.first_name, chance),
        last_name=respell_name(one.last_name, chance),
        mobile=mobile,
        mobile_key=mobile_key,
        email=respell_email(email, chance) if email else None,
        email_key=email,
        city=one.city if chance() < 0.8 else None,
        company_name=one.company_name if chance() < 0.7 else None,
        number=number,
        same_as=one.number,
        kept=kept,
    )


def _what_stays(one: Person, chance: Chance) -> str:
    if one.mobile_key is None:
        return "email"
    if one.email_key is None:
        return "mobile"
    dice = chance()
    return "both" if dice < 0.6 else "mobile" if dice < 0.85 else "email"


def _mobile_of_duplicate(one: Person, number: int, kept: str, chance: Chance) -> tuple[str | None, str | None]:
    plan = PLANS[one.region].mobile
    if kept == "email":
        return spell(plan, number, chance) if chance() < 0.5 else (None, None)
    return plan.respell(one.mobile_key or "", chance), one.mobile_key


def _spoiled(person: Person, chance: Chance) -> Person:
    if chance() < 0.7:
        bad = ("not an address", "a@b@c", "someone@", "@example.org")[int(chance() * 4)]
        return person._replace(email=bad, email_key=None, wrong="email")
    return Person(*(None,) * 7, *person[7:14], None, None, None, person.same_as, None, "empty")


def _one(choices: Sequence[T], chance: Chance) -> T:
    return choices[int(chance() * len(choices))]


def write_csv(path: Path, people: Iterable[Person], *, delimiter: str = ",", encoding: str = "utf-8") -> int:
    """A file with a header row and one row a person (RFC 4180); how many people it was."""
    count = 0
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(HEADERS)
        for count, person in enumerate(people, 1):  # noqa: B007  the last count is the answer
            writer.writerow(person.cells)
    return count


def write_xlsx(path: Path, people: Iterable[Person], *, sheet: str = "Customers") -> int:
    """A workbook with one sheet of text cells, written row by row in flat memory; how many people it was."""
    from xlsxwriter import Workbook

    count = 0
    with Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        page = book.add_worksheet(sheet)
        page.write_row(0, 0, HEADERS)
        for count, person in enumerate(people, 1):
            for column, cell in enumerate(person.cells):
                if cell is not None:
                    page.write_string(count, column, cell)
    return count
