"""Quick search (Q1): what was typed, as plans of falling precision; each tier takes in what the one before does not."""

from __future__ import annotations

import re
from typing import Final

from rapport_contracts.query import comparable
from rapport_contracts.query.fold import email_key
from rapport_contracts.text import digits
from rapport_search.domain.entries import JOINED
from rapport_search.domain.plan import Plan, TextHas, TextIs, both, either

_NUMBER: Final = re.compile(r"[0-9+()./ -]+")
_LEAST_DIGITS: Final = 3
_LEAST_PART: Final = 2
_MOST_WORDS: Final = 8
_NAMES: Final = ("name", JOINED, "company_name")


def tiers(text: str) -> list[Plan]:
    """Plans in the order in which their results come; none for a text with nothing in it."""
    folded = comparable(text)
    words = folded.split()[:_MOST_WORDS]
    if not words:
        return []
    if _NUMBER.fullmatch(folded) and len(digits(folded)) >= _LEAST_DIGITS:
        return _by_number(digits(folded), words)
    begins: list[Plan] = [TextHas(name, folded, "start") for name in ("name", "email")]
    begins.append(TextIs("email", (email_key(text),)))
    return [either(begins), both(map(_word_begins, words)), *_parts(words)]


def _by_number(number: str, words: list[str]) -> list[Plan]:
    bare = number.removeprefix("00")
    forms = [number, bare] if bare != number and len(bare) >= _LEAST_DIGITS else [number]
    begins = either(TextHas("phone", form, "start") for form in forms)
    return [begins, either([*(TextHas("phone", form) for form in forms), *_parts(words)])]


def _word_begins(word: str) -> Plan:
    return either(TextHas(field, word, "word") for field in _NAMES)


def _parts(words: list[str]) -> list[Plan]:
    if all(len(word) < _LEAST_PART for word in words):
        return []
    return [both(_part(word) for word in words)]


def _part(word: str) -> Plan:
    if len(word) < _LEAST_PART:
        return _word_begins(word)
    found: list[Plan] = [TextHas(field, word) for field in (*_NAMES, "email")]
    if word.isdecimal() and len(word) >= _LEAST_DIGITS:
        found.append(TextHas("phone", word))
    return either(found)
