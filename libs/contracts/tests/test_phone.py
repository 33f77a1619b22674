"""The phone key: every spelling of a number, and fast paths that agree with `phonenumbers` on thousands of numbers."""

from __future__ import annotations

import random

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport_contracts import phone
from rapport_contracts.phone import by_library, phone_key, region_of_country


@pytest.mark.parametrize(
    "spelling",
    [
        "09123456789",
        "0912 345 6789",
        "(0912) 345-67-89",
        "0912.345.6789",
        "۰۹۱۲ ۳۴۵ ۶۷۸۹",
        "٠٩١٢٣٤٥٦٧٨٩",
        "+98 912 345 6789",
        "+98 (0) 912 345 6789",
        "00989123456789",
        "0098 (912) 345 6789",
        "989123456789",
        "9123456789",
        "tel:+98-912-345-6789",
        "\u202a+98 912 345 6789\u202c",
        "0912\u00a0345\u200c6789",
        " [0912] 345 6789 ",
    ],
)
def test_every_spelling_has_the_same_key(spelling: str):
    """C2: every number is also kept in E.164, so it is found in any spelling."""
    assert phone_key(spelling, "IR") == "+989123456789"


@pytest.mark.parametrize(
    ("value", "region", "key"),
    [
        ("0049 30 1234567", "US", "+49301234567"),
        ("0011 44 20 7946 0958", "AU", "+442079460958"),
        ("+98 21 88776655 ext. 12", "US", "+982188776655"),
        ("1-800-FLOWERS", "US", "+18003569377"),
        ("070 7086 0753", "GB", "+447070860753"),
        ("082 118 9037", "ZA", "+27821189037"),
        ("06 12345678", "it", "+390612345678"),
        ("253-0000", "US", None),
        ("09123456789 09351234567", "IR", None),
        ("reza1985@example.com", "IR", None),
        ("no number", "US", None),
        ("", "US", None),
        ("0912", "ZZ", None),
        ("1" * 5000, "US", None),
    ],
)
def test_regions_prefixes_and_what_is_no_number(value: str, region: str, key: str | None):
    """I3: the region reads what carries no country code."""
    assert phone_key(value, region) == key


_CODES = {"IR": "98", "US": "1", "GB": "44", "DE": "49"}


def _spellings(rng: random.Random, region: str) -> list[str]:
    length = rng.choice([7, 8, 9, 10, 10, 10, 11, 12])
    number = "".join(rng.choice("0123456789") for _ in range(length))
    code = rng.choice([_CODES[region], _CODES[region], rng.choice(list(_CODES.values())), "7", "971"])
    plain = [number, "0" + number, "1" + number, code + number, f"+{code}{number}", f"00{code}{number}"]
    cut = rng.randrange(1, length)
    spaced = f"{number[:cut]} {number[cut:]}"
    return [*plain, f"0{spaced}", f"(0{number[:cut]}) {number[cut:]}", f"+{code} {spaced}", f"+{code} (0){number}"]


@pytest.mark.parametrize("region", ["IR", "US", "GB", "DE", "FR", "ZZ"])
def test_the_fast_paths_agree_with_the_library(region: str):
    """measures.md P1: the regional fast path is cross-tested against `phonenumbers`."""
    rng = random.Random(region)
    fast = 0
    for _ in range(400):
        for value in _spellings(rng, region if region in _CODES else "DE"):
            plain = phone._PLAIN.fullmatch(value)
            certain = plain and phone._certain(plain[1], plain[2].translate(phone._FORMATTING), region)
            if certain:
                fast += 1
                assert certain == by_library(value, region), value
    assert fast > 200


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_the_example_numbers_of_every_region_are_read(region: str):
    example = phonenumbers.example_number(region)
    key = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    for form in (phonenumbers.PhoneNumberFormat.NATIONAL, phonenumbers.PhoneNumberFormat.INTERNATIONAL):
        assert phone_key(phonenumbers.format_number(example, form), region) == key


@given(st.text(), st.sampled_from(["IR", "US", "GB", "DE", "ZZ"]))
def test_no_text_breaks_the_key_and_keys_are_their_own(text: str, region: str):
    key = phone_key(text, region)
    assert key is None or phone_key(key, region) == key


@given(st.text(alphabet="+0123456789 ()-۰۱۲۳۹", max_size=18), st.sampled_from(["IR", "US", "GB", "DE"]))
def test_phone_like_texts_agree_with_the_library(text: str, region: str):
    assert phone_key(text, region) == by_library(text.translate(phone._UNICODE), region)


@pytest.mark.parametrize(
    ("name", "region"),
    [
        ("United Kingdom", "GB"),
        ("uk", "GB"),
        ("USA", "US"),
        ("U.S.A.", "US"),
        ("The Netherlands", "NL"),
        ("ایران", "IR"),
        ("ايران", "IR"),
        ("کشور ایران", "IR"),
        ("Iran (Islamic Republic of)", "IR"),
        ("ir", "IR"),
        ("South Africa", "ZA"),
        ("Côte d’Ivoire", "CI"),
        ("TÜRKIYE", "TR"),
        ("Deutschland", "DE"),
        ("Narnia", None),
        ("", None),
    ],
)
def test_a_country_gives_its_region(name: str, region: str | None):
    """I3, api.md: the row's country gives the region."""
    assert region_of_country(name) == region


def test_every_country_is_a_region_that_numbers_can_be_read_in():
    from rapport_contracts.countries import _REGIONS

    without_numbers = {"AQ", "BV", "GS", "HM", "PN", "TF", "UM"}
    assert set(_REGIONS.values()) == phonenumbers.SUPPORTED_REGIONS - {"AC", "TA"} | without_numbers
