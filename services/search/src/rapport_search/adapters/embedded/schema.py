"""The tantivy schema and the tokens in it: exact terms and positioned three-character grams, each under its field's code.

A text is found by a phrase of its grams, which is exact: `contains` is what the words say, not what a ranking thinks.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from typing import Final

import tantivy

from rapport_contracts.query import SORTABLE
from rapport_search.adapters.embedded.ranks import LEVELS
from rapport_search.domain.entries import FACETS, JOINED, TEXT_FACETS, TEXTS
from rapport_search.domain.order import INSTANTS, number_token

SCHEMA_VERSION: Final = f"4/{version('tantivy')}"
START, SPACE, END = "\x02", "\x01", "\x03"
GRAM: Final = 3
LABEL = "\x00"  # in a facet's value: between the folded text and how it is written
_LONGEST_TERM: Final = 200
FEW_VALUES: Final = TEXT_FACETS  # their parts are looked for among the values there are: no grams
RANKS: Final = {
    field: tuple(f"r{level}_{field}" for level in range(LEVELS)) for field in SORTABLE if field not in INSTANTS
}
CODES: Final[dict[str, str]] = dict(zip((*TEXTS, JOINED), "nflcotyvkdepj", strict=True))
_WHOLE: Final = frozenset(CODES[field] for field in FEW_VALUES)
_SAFE: Final = re.compile(r"[0-9A-Za-z_!-]+")


def build_schema() -> tantivy.Schema:
    """The schema of every index; a change of it comes with a new `SCHEMA_VERSION`, and indexes are rebuilt from the topic."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", fast=True, tokenizer_name="raw", index_option="basic")
    for field, columns in RANKS.items():
        builder.add_text_field(f"s_{field}", fast=True, tokenizer_name="raw", index_option="basic")
        for column in columns:
            builder.add_unsigned_field(column, fast=True)
    for field in FACETS:
        builder.add_text_field(f"f_{field}", fast=True, tokenizer_name="raw", index_option="basic")
    for field in ("terms", "filled"):
        builder.add_text_field(field, tokenizer_name="whitespace", index_option="basic")
    builder.add_text_field("grams", tokenizer_name="whitespace", index_option="position")
    for field in INSTANTS:
        builder.add_integer_field(field, fast=True)
    for field in ("version", "check"):
        builder.add_unsigned_field(field, fast=True)
    builder.add_unsigned_field("bucket", fast=True, indexed=True)
    builder.add_unsigned_field("gone", indexed=True)
    builder.add_bytes_field("item", stored=True)
    return builder.build()


def code_of(field: str) -> str:
    """The prefix of a field's tokens; custom fields carry their id."""
    return CODES.get(field) or "_" + field.removeprefix("custom.")


def grams(code: str, text: str) -> str:
    """The grams of a folded text, in order, with its start and end marked."""
    return grams_of([(code, text)])


def grams_of(texts: Iterable[tuple[str, str]]) -> str:
    """The grams of many folded texts, each under its code: neighbours of two values never form a phrase."""
    plain: list[tuple[str, str]] = []
    made: list[str] = []
    for code, text in texts:
        if len(code) == 1 and text.isascii():
            plain.append((code, text))
        else:
            padded = f"{START}{text.replace(' ', SPACE)}{END}{END}"
            made.append(code + f" {code}".join([padded[at : at + GRAM] for at in range(len(padded) - GRAM + 1)]))
    if plain:
        made.append(_ascii_grams(plain))
    return " ".join(made)


def _ascii_grams(texts: Sequence[tuple[str, str]]) -> str:
    """The same by columns of bytes (code, three characters, space) for all texts at once, in a third of the time."""
    padded = "".join([f"{START}{text}{END}{END}" for _, text in texts]).replace(" ", SPACE).encode()
    codes = "".join([code * (len(text) + GRAM) for code, text in texts]).encode()
    many = len(padded) - GRAM + 1
    made = bytearray(b" " * (many * 5))
    made[::5], made[1::5], made[2::5], made[3::5] = codes[:many], padded[:many], padded[1 : many + 1], padded[2:]
    at = 0
    for _, text in texts[:-1]:
        at += (len(text) + 1) * 5
        del made[at : at + 10]  # the two grams that lie across this text and the next
    return made[:-1].decode()


def inner_grams(code: str, text: str) -> list[str]:
    """The grams of a part of a text; it may begin with `START`. At least `GRAM` characters."""
    part = text.replace(" ", SPACE)
    return [code + part[at : at + GRAM] for at in range(len(part) - GRAM + 1)]


def term(code: str, value: str | int | bool) -> str:
    """The exact token of a value."""
    if isinstance(value, bool):
        return f"{code}!b{int(value)}"
    if isinstance(value, int):
        return f"{code}!i{number_token(value)}"
    if len(value) > _LONGEST_TERM and code not in _WHOLE:
        value = value[:32] + hashlib.sha256(value.encode()).hexdigest()
    return f"{code}!s{value.replace(' ', SPACE)}"


def range_expression(field: str, low: str, high: str, *, exclusive: bool = False) -> str:
    """A range in tantivy's query language. Raises `ValueError` for bounds that could mean something else in it."""
    for bound in (low, high):
        if bound != "*" and not _SAFE.fullmatch(bound):
            raise ValueError(f"not a token: {bound!r}")
    opening, closing = "{}" if exclusive else "[]"
    return f"{field}:{opening}{low} TO {high}{closing}"
