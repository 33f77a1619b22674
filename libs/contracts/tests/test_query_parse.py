"""The query tree: what is accepted, and every refusal with its exact path (Q3, R14)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from rapport_contracts.query import (
    BUILT_IN,
    MAX_CLAUSES,
    MAX_DEPTH,
    MAX_VALUES,
    OPS,
    AllOf,
    AnyOf,
    Condition,
    Field,
    FieldType,
    GroupRef,
    NoneOf,
    Op,
    Period,
    QueryRefused,
    QueryTree,
    custom_field,
    custom_fields_in,
    parse,
)

CUSTOM = {"t": "text", "n": "integer", "b": "boolean", "d": "date", "l": "list"}


def field(name: str) -> Field | None:
    custom = CUSTOM.get(name.removeprefix("custom."))
    return custom_field(name.removeprefix("custom."), custom) if custom else BUILT_IN.get(name)


def faults(raw: Any) -> list[tuple[str, str]]:
    with pytest.raises(QueryRefused) as refused:
        parse(raw, field)
    return [(one.path, one.code) for one in refused.value.errors]


def condition(name: str, op: str, value: Any = None) -> dict[str, Any]:
    return {"field": name, "op": op} | ({} if value is None else {"value": value})


def test_groups_nest_freely_and_keep_their_order() -> None:
    city = condition("city", "is", "Tehran")
    node = parse({"all": [{"any": [city, {"none": [city]}]}, {"any": []}]}, field)
    leaf = Condition(BUILT_IN["city"], Op.IS, "Tehran")
    assert node == AllOf((AnyOf((leaf, NoneOf((leaf,)))), AnyOf(())))


def test_no_query_is_everything() -> None:
    assert parse(None, field) == AllOf(())


ACCEPTED: list[tuple[str, str, Any, Any]] = [
    ("name", "contains", "al", "al"),
    ("phone", "contains", "۰۹", "۰۹"),
    ("phone", "is", "0912 345 6789", "0912 345 6789"),
    ("email", "in", ["a@b.co"], ("a@b.co",)),
    ("kind", "is", "person", "person"),
    ("group", "is", "g1", GroupRef("g1")),
    ("group", "in", ["g1", {"id": "g2", "subgroups": True}], (GroupRef("g1"), GroupRef("g2", subgroups=True))),
    ("created_by", "is_not", "me", "me"),
    ("enabled", "is", False, False),
    ("created_at", "gte", "2026-01-31", date(2026, 1, 31)),
    ("created_at", "lt", "2026-01-31T10:00:00+03:30", datetime(2026, 1, 31, 6, 30, tzinfo=UTC)),
    ("updated_at", "within_last", {"amount": 7, "unit": "day"}, Period(7, "day")),
    ("custom.n", "between", [-3, 5], (-3, 5)),
    ("custom.d", "older_than", {"amount": 1, "unit": "year"}, Period(1, "year")),
    ("custom.d", "in", ["2026-02-28"], (date(2026, 2, 28),)),
    ("custom.b", "is", True, True),
    ("custom.l", "in", ["o1"], ("o1",)),
    ("description", "empty", None, None),
]


@pytest.mark.parametrize(("name", "op", "value", "typed"), ACCEPTED)
def test_values_come_out_typed(name: str, op: str, value: Any, typed: Any) -> None:
    node = parse(condition(name, op, value), field)
    assert isinstance(node, Condition)
    assert (node.field.name, node.op, node.value) == (name, op, typed)


REFUSED: list[tuple[Any, str, str]] = [
    ([], "", "wrong_type"),
    ("name", "", "wrong_type"),
    ({}, ".field", "unknown_field"),
    ({"all": {}}, ".all", "wrong_type"),
    ({"all": [], "any": []}, "", "wrong_type"),
    ({"all": [None]}, ".all.0", "wrong_type"),
    (condition("assignee", "is", "u1"), ".field", "unknown_field"),
    (condition("activity", "has", {}), ".field", "unknown_field"),
    (condition("organization.city", "is", "x"), ".field", "unknown_field"),
    (condition("custom.x", "filled"), ".field", "unknown_field"),
    ({"field": 7, "op": "is"}, ".field", "unknown_field"),
    (condition("name", "similar", {"text": "a", "distance": 1}), ".op", "unknown_op"),
    (condition("enabled", "in", [True]), ".op", "unknown_op"),
    ({"field": "name", "op": ["is"]}, ".op", "unknown_op"),
    ({"field": "name", "op": "is", "value": "a", "more": 1}, ".more", "unknown"),
    (condition("name", "contains", "a"), ".value", "too_short"),
    (condition("name", "contains", " a "), ".value", "too_short"),
    (condition("name", "is", ""), ".value", "too_short"),
    (condition("phone", "contains", "a1"), ".value", "too_short"),
    (condition("name", "is", "x" * 201), ".value", "too_long"),
    (condition("name", "is", 5), ".value", "wrong_type"),
    (condition("name", "is"), ".value", "wrong_type"),
    (condition("name", "filled", "x"), ".value", "wrong_type"),
    (condition("name", "in", "x"), ".value", "wrong_type"),
    (condition("name", "in", []), ".value", "wrong_type"),
    (condition("name", "in", ["a", 5]), ".value.1", "wrong_type"),
    (condition("kind", "is", "robot"), ".value", "wrong_type"),
    (condition("group", "is", {"id": "g", "deep": 1}), ".value", "wrong_type"),
    (condition("group", "is", {"id": "g", "subgroups": 1}), ".value.subgroups", "wrong_type"),
    (condition("group", "in", ["g", {"id": ""}]), ".value.1", "too_short"),
    (condition("enabled", "is", "true"), ".value", "wrong_type"),
    (condition("custom.n", "is", True), ".value", "wrong_type"),
    (condition("custom.n", "is", 1.5), ".value", "wrong_type"),
    (condition("custom.n", "is", 2**63), ".value", "wrong_type"),
    (condition("custom.n", "between", [1]), ".value", "wrong_type"),
    (condition("custom.n", "between", [1, "2"]), ".value.1", "wrong_type"),
    (condition("custom.d", "is", "2026-02-30"), ".value", "wrong_type"),
    (condition("custom.d", "is", "2026-02-03T00:00:00Z"), ".value", "wrong_type"),
    (condition("created_at", "gt", "2026-02-03T00:00:00"), ".value", "wrong_type"),
    (condition("created_at", "gt", "yesterday"), ".value", "wrong_type"),
    (condition("created_at", "gt", "0001-01-01"), ".value", "wrong_type"),
    (condition("created_at", "within_last", 7), ".value", "wrong_type"),
    (condition("created_at", "within_last", {"amount": 0, "unit": "day"}), ".value.amount", "wrong_type"),
    (condition("created_at", "within_last", {"amount": True, "unit": "day"}), ".value.amount", "wrong_type"),
    (condition("created_at", "within_last", {"amount": 1, "unit": "hour"}), ".value.unit", "wrong_type"),
    (condition("name", "is", "\ud800"), ".value", "wrong_type"),
]


@pytest.mark.parametrize(("raw", "path", "code"), REFUSED)
def test_a_refusal_names_its_place_alone_and_deep_within(raw: Any, path: str, code: str) -> None:
    assert faults(raw) == [(f"query{path}", code)]
    good = condition("city", "is", "x")
    assert faults({"any": [good, {"none": [raw]}]}) == [(f"query.any.1.none.0{path}", code)]


def test_every_fault_of_a_query_is_told_at_once() -> None:
    wrong = condition("name", "is", 5)
    assert [path for path, _ in faults({"all": [wrong, {"any": [condition("x", "is"), wrong]}]})] == [
        "query.all.0.value",
        "query.all.1.any.0.field",
        "query.all.1.any.1.value",
    ]


def test_depth_clauses_and_values_are_limited() -> None:
    """R14."""
    leaf = condition("city", "is", "x")
    deep = leaf
    for _ in range(MAX_DEPTH - 1):
        deep = {"all": [deep]}
    parse(deep, field)
    wide = {"any": [leaf] * (MAX_CLAUSES - 1)}
    parse(wide, field)
    parse(condition("city", "in", ["x"] * MAX_VALUES), field)
    many = {"all": [condition("city", "in", ["x"] * MAX_VALUES), condition("city", "in", ["x"])]}
    for raw in ({"all": [deep]}, {"any": [leaf] * MAX_CLAUSES}, many):
        with pytest.raises(QueryRefused) as refused:
            parse(raw, field)
        assert refused.value.code == "query_too_complex"


def test_a_depth_bomb_is_refused_before_it_is_walked() -> None:
    bomb: Any = condition("city", "is", "x")
    for _ in range(5_000):
        bomb = {"none": [bomb]}
    with pytest.raises(QueryRefused) as refused:
        parse(bomb, field)
    assert refused.value.code == "query_too_complex"


def test_the_custom_fields_of_a_tree_are_named() -> None:
    node = parse({"all": [condition("custom.t", "filled"), {"none": [condition("custom.n", "is", 1)]}]}, field)
    assert sorted(custom_fields_in(node)) == ["n", "t"]


def test_every_type_can_be_asked_whether_it_is_filled() -> None:
    assert set(OPS) == set(FieldType)
    assert all({"filled", "empty", "is", "is_not"} <= ops for ops in OPS.values())


def test_the_published_schema_takes_what_the_parser_takes() -> None:
    tree = {"all": [condition("city", "is", "x"), {"none": []}, {"any": [condition("custom.n", "between", [1, 2])]}]}
    assert QueryTree.model_validate(tree).model_dump(exclude_none=True) == tree
