"""The gate itself: what it lets through and what it stops."""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field, create_model

from tools.schema_compatibility import breaks


class Inner(BaseModel):
    value: str
    label: str | None = None


class Event(BaseModel):
    id: str
    version: int
    state: Literal["new", "old"]
    at: datetime
    note: str | None = None
    tags: list[str] = []
    inner: Inner | None = None
    inners: list[Inner] = []
    by_key: dict[str, list[int]] = {}
    row: tuple[int, Literal["a", "b"], str | None]


def schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema()


def changed(**fields: Any) -> dict[str, Any]:
    """`Event` with some fields replaced; `None` as a definition takes the field away."""
    kept: dict[str, Any] = {
        name: (one.annotation, one) for name, one in Event.model_fields.items() if name not in fields
    }
    added: dict[str, Any] = {name: one for name, one in fields.items() if one}
    return schema(create_model("Event", **kept, **added))


class Roomier(BaseModel):
    value: str
    label: str | None = None
    more: int | None = None


class Narrower(BaseModel):
    value: str
    label: str


COMPATIBLE: dict[str, dict[str, Any]] = {
    "nothing changed": {},
    "an optional field was added": {"added": (str | None, None)},
    "a required field became optional": {"id": (str | None, None)},
    "an enum grew": {"state": (Literal["new", "old", "older"], ...)},
    "an enum became any text": {"state": (str, ...)},
    "an integer may be any number": {"version": (float, ...)},
    "a type got an alternative": {"version": (int | str, ...)},
    "a nested object got an optional field": {"inner": (Roomier | None, None), "inners": (list[Roomier], [])},
    "values of a mapping may be null": {"by_key": (dict[str, list[int] | None], {})},
    "an instant may be any text": {"at": (str, ...)},
    "a list takes more": {"tags": (list[str | int], [])},
}

BREAKING: dict[str, tuple[dict[str, Any], str]] = {
    "a field was removed": ({"note": None}, "$.note: the field is gone"),
    "a field was renamed": ({"note": None, "remark": (str | None, None)}, "$.note: the field is gone"),
    "an optional field became required": ({"tags": (list[str], ...)}, "$.tags: the field became required"),
    "a new field is required": ({"added": (str, ...)}, "$.added: a new field is required"),
    "null is allowed no more": ({"note": (str, "")}, "$.note: was null, now only string"),
    "a type changed": ({"version": (str, ...)}, "$.version: was integer, now only string"),
    "an enum shrank": ({"state": (Literal["new"], ...)}, "$.state: 'old' is allowed no more"),
    "any text became an enum": ({"id": (Literal["a"], ...)}, "$.id: any string was allowed, now only ['a']"),
    "a text got a longest length": ({"id": (str, Field(max_length=9))}, "$.id: maxLength is 9 now"),
    "a number got a floor": ({"version": (int, Field(ge=1))}, "$.version: minimum is 1 now"),
    "a text got a pattern": ({"id": (str, Field(pattern="^a"))}, "$.id: pattern is ^a now"),
    "a text became an instant": ({"id": (datetime, ...)}, "$.id: format is date-time now"),
    "items narrowed": ({"tags": (list[Literal["x"]], [])}, "$.tags[]: any string was allowed, now only ['x']"),
    "a nested field became required": ({"inner": (Narrower | None, None)}, "$.inner.label: the field became required"),
    "values of a mapping narrowed": ({"by_key": (dict[str, list[str]], {})}, "$.by_key.*[]: was integer, now only string"),
    "a place of a row narrowed": ({"row": (tuple[int, Literal["a"], str | None], ...)}, "$.row[1]: 'b' is allowed no more"),
    "a row got another length": ({"row": (tuple[int, Literal["a", "b"]], ...)}, "$.row: maxItems is 2 now"),
    "an absent field means something else": ({"tags": (list[str], ["x"])}, "$.tags: what an absent field means changed"),
    "further fields are refused": ({}, "$: further fields are refused or narrower now"),
}  # fmt: skip


@pytest.mark.parametrize("name", COMPATIBLE)
def test_what_every_reader_of_the_past_shape_can_still_read_passes(name: str) -> None:
    assert breaks(schema(Event), changed(**COMPATIBLE[name])) == []


@pytest.mark.parametrize("name", BREAKING)
def test_what_breaks_a_reader_of_the_past_shape_is_named(name: str) -> None:
    fields, said = BREAKING[name]
    new = changed(**fields)
    if name == "further fields are refused":
        new["additionalProperties"] = False
    assert said in breaks(schema(Event), new)


def test_the_first_of_several_alternatives_that_fits_is_enough() -> None:
    old, new = schema(Event), deepcopy(schema(Event))
    new["properties"]["note"] = {"anyOf": [{"type": "integer"}, {}], "default": None}
    assert breaks(old, new) == []
