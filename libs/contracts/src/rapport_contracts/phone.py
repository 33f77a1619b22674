"""The one phone key: E.164 of a number in any spelling; fast paths agree with `phonenumbers`, which judges the rest.

Numbers whose length fits their country have a key, assigned or not; it refuses to guess at any other.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import phonenumbers
from phonenumbers import PhoneNumberFormat, ValidationResult

from .countries import region_of_country
from .text import DECIMAL_DIGITS

__all__ = ["phone_key", "region_of_country"]

_LONGEST = 250  # beyond it `phonenumbers` refuses as well
_UNICODE: Final = DECIMAL_DIGITS | {
    ord(char): to
    for chars, to in (
        ("\u200b\u200c\u200d\u200e\u200f\u061c\u2060\u2066\u2067\u2068\u2069\u202a\u202b\u202c\u202d\u202e\ufeff", ""),
        ("\u00a0\u2007\u202f\u3000\t", " "),
        ("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
        ("\uff0b", "+"),
    )
    for char in chars
}
_PLAIN: Final = re.compile(r"\s*(?:tel:)?\s*[(\[]?(\+?)([0-9][0-9 ().\[\]/-]*)", re.IGNORECASE)
_FORMATTING: Final = str.maketrans("", "", " ().[]/-")

# Spellings whose key is certain, digits only. Each row is cross-tested against `phonenumbers` on generated numbers.
_INTERNATIONAL: Final = re.compile(r"(?:98[1-9]\d{9}|1[2-9]\d{9}|44[1-9]\d{9}|49[1-9]\d{9,10})")
_NATIONAL: Final = {
    "IR": re.compile(r"(?:98(?=[1-9]\d{9}$)|0|(?!98))([1-9]\d{9})"),
    "US": re.compile(r"1?([2-9]\d{9})"),
    "GB": re.compile(r"(?:44(?=[1-9]\d{9}$)|0)([1-9]\d{9})"),
    "DE": re.compile(r"0([1-9]\d{8,10})"),
}
_PREFIX: Final = {"IR": "+98", "US": "+1", "GB": "+44", "DE": "+49"}


def phone_key(value: str, region: str) -> str | None:
    """The number in E.164 (C2: found in any spelling), or None where no number of a possible length is found.

    `region` (ISO 3166-1 alpha-2) reads what carries no country code. Takes digits of any script, spaces, brackets,
    dashes, `tel:` (RFC 3966) and an international prefix written `+` or, in every region, `00`; an extension is left
    out.
    """
    if not value.isascii():
        value = value.translate(_UNICODE)
    region = region.upper()
    plain = _PLAIN.fullmatch(value)
    if plain and (key := _certain(plain[1], plain[2].translate(_FORMATTING), region)):
        return key
    return by_library(value, region) if len(value) <= _LONGEST else None


def _certain(plus: str, number: str, region: str) -> str | None:
    if plus:
        return "+" + number if _INTERNATIONAL.fullmatch(number) else None
    if number.startswith("00"):
        return "+" + number[2:] if _INTERNATIONAL.fullmatch(number, 2) else None
    pattern = _NATIONAL.get(region)
    match = pattern.fullmatch(number) if pattern else None
    return _PREFIX[region] + match[1] if match else None


@lru_cache(maxsize=1 << 16)
def by_library(value: str, region: str) -> str | None:
    """What `phonenumbers` says, which the fast paths are tested against. Digits are ASCII, `region` is upper case."""
    international = _without_00(value)
    if international and (key := _parsed(international, region, assigned=True)):
        return key
    return _parsed(value, region) or (_parsed(international, region) if international else None)


def _without_00(value: str) -> str | None:
    match = re.fullmatch(r"\s*(?:tel:)?[\s(\[]*00([\s\S]*)", value, re.IGNORECASE)
    return "+" + match[1].lstrip(" )]-") if match else None


def _parsed(value: str, region: str, *, assigned: bool = False) -> str | None:
    try:
        number = phonenumbers.parse(value, region)
    except phonenumbers.NumberParseException:
        return None
    if assigned and not phonenumbers.is_valid_number(number):
        return None
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)
