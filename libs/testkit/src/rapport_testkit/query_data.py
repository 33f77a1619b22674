"""Hypothesis strategies of customers and query trees, made to collide: small alphabets, variants of spelling, edges of days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from rapport_contracts.query import BUILT_IN, OPS, Field, FieldType, QueryContext, custom_field

NOW: Final = datetime(2026, 3, 30, 21, 45, tzinfo=UTC)
ZONE: Final = ZoneInfo("Asia/Tehran")
CUSTOM: Final = {
    "c1": "text",
    "c2": "integer",
    "c3": "boolean",
    "c4": "date",
    "c5": "list",
}
TREE: Final[Mapping[str, frozenset[str]]] = {
    "g1": frozenset({"g1", "g2", "g3"}),
    "g2": frozenset({"g2", "g3"}),
    "g3": frozenset({"g3"}),
    "g4": frozenset({"g4"}),
}
USERS: Final = ("u1", "u2", "me-1")
_WORDS: Final = (
    "ali",
    "Alì",
    "ALICE",
    "li",
    "علی",
    "علي",
    "علی‌رضا",
    "رضا",
    "O'Neil",
    "a.b",
    "x",
    "ab ab ab",
    "٣٤",
    "34",
    "ﷺ",
)
_NUMBERS: Final = ("0912 345 6789", "+98 912 345 6789", "۰۹۱۲۳۴۵۶۷۸۹", "(415) 555-2671", "021-88", "12", "no number")
_EMAILS: Final = ("Ali@Example.com", "ali@example.com", "li@x.ir", "not an email", "b.c@example.org")
_SCALAR_DAYS: Final = tuple(
    str((NOW + timedelta(days=days)).date()) for days in (-400, -31, -8, -7, -6, -1, 0, 1, 2, 8)
)


def field_named(name: str) -> Field | None:
    """The fields of these data, as a caller would see all of them."""
    if name.startswith("custom."):
        found = CUSTOM.get(name.removeprefix("custom."))
        return None if found is None else custom_field(name.removeprefix("custom."), found)
    return BUILT_IN.get(name)


def context() -> QueryContext:
    """The circumstances of these data."""
    return QueryContext(NOW, ZONE, "IR", "me-1", lambda group: TREE.get(group, frozenset({group})))


def _text() -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(_WORDS), min_size=1, max_size=3).map(" ".join)


def _instant() -> st.SearchStrategy[str]:
    edges = st.sampled_from([datetime(2026, 3, 31, 20, 30, tzinfo=UTC) - timedelta(days=days) for days in range(40)])
    nudged = st.tuples(edges, st.sampled_from([-1, 0, 1])).map(lambda pair: pair[0] + timedelta(microseconds=pair[1]))
    return nudged.map(lambda at: at.isoformat().replace("+00:00", "Z"))


def _customs() -> st.SearchStrategy[dict[str, Any]]:
    several = st.one_of(_text(), st.lists(_text(), max_size=2))
    numbers = st.one_of(st.integers(-3, 3), st.sampled_from([-(2**63), 2**63 - 1, 2**53 + 1]))
    return st.fixed_dictionaries(
        {},
        optional={
            "c1": several,
            "c2": st.one_of(numbers, st.lists(numbers, max_size=2)),
            "c3": st.booleans(),
            "c4": st.sampled_from(_SCALAR_DAYS),
            "c5": st.sampled_from(["o1", "o2", "A option"]),
        },
    )


def _contacts() -> st.SearchStrategy[list[dict[str, Any]]]:
    from rapport_contracts.phone import phone_key

    numbers = st.tuples(st.sampled_from(["phone", "mobile", "whatsapp"]), st.sampled_from(_NUMBERS)).map(
        lambda pair: {"kind": pair[0], "value": pair[1], "e164": phone_key(pair[1], "IR")}
    )
    emails = st.sampled_from(_EMAILS).map(lambda value: {"kind": "email", "value": value})
    return st.lists(st.one_of(numbers, emails), max_size=3)


def _optional(*names: str) -> dict[str, st.SearchStrategy[Any]]:
    return dict.fromkeys(names, st.one_of(st.none(), st.just(""), _text()))


@st.composite
def document(draw: st.DrawFn, customer_id: str) -> dict[str, Any]:
    """A customer document."""
    kind = draw(st.sampled_from(["person", "organization"]))
    names = ("first_name", "last_name") if kind == "person" else ("name",)
    body = draw(
        st.fixed_dictionaries(
            {
                "groups": st.lists(st.sampled_from(["g1", "g2", "g3", "g4"]), min_size=1, max_size=3, unique=True),
                "contacts": _contacts(),
                "fields": _customs(),
                "enabled": st.booleans(),
                "created_at": _instant(),
                "updated_at": _instant(),
                "created_by": st.sampled_from(USERS),
            },
            optional={
                **_optional(*names, "company_name", "position", "title", "description"),
                "address": st.fixed_dictionaries({}, optional=_optional("city", "province", "country")),
            },
        )
    )
    return {"id": customer_id, "version": draw(st.integers(1, 9)), "kind": kind, **body}


@st.composite
def documents(draw: st.DrawFn, most: int = 12) -> list[dict[str, Any]]:
    """A few customers with different ids."""
    return [draw(document(f"c{number:03d}")) for number in range(draw(st.integers(0, most)))]


def _value(type_: FieldType, op: str) -> st.SearchStrategy[Any]:
    if op in {"filled", "empty"}:
        return st.none()
    if op in {"within_last", "within_next", "older_than"}:
        units = st.sampled_from(["day", "week", "month", "year"])
        return st.fixed_dictionaries({"amount": st.integers(1, 9), "unit": units})
    one = _SCALARS[type_]
    if op == "in":
        return st.lists(one, min_size=1, max_size=6)
    if op == "between":
        return st.lists(one, min_size=2, max_size=2)
    return _parts(type_) if op in {"contains", "starts_with"} else one


def _parts(type_: FieldType) -> st.SearchStrategy[Any]:
    if type_ is FieldType.PHONE:
        return st.sampled_from(["912", "0912", "۳۴۵", "12", "98", "21 88", "4155552671", "891"])
    parts = st.sampled_from(["al", "ali", "ab ab", "b a", "لی", "علی ر", "example", "34", "O'N", "ice a", "li@"])
    return st.one_of(parts, _text().filter(lambda text: len(text) > 1))


_SCALARS: Final[dict[FieldType, st.SearchStrategy[Any]]] = {
    FieldType.TEXT: _text(),
    FieldType.LIST: st.sampled_from(["o1", "O2", "a option", "o9"]),
    FieldType.PHONE: st.sampled_from([*_NUMBERS[:-1], "9123456789", "88"]),
    FieldType.EMAIL: st.sampled_from(_EMAILS),
    FieldType.KIND: st.sampled_from(["person", "organization"]),
    FieldType.GROUP: st.one_of(
        st.sampled_from(["g1", "g4", "g9"]),
        st.fixed_dictionaries({"id": st.sampled_from(["g1", "g2", "g9"]), "subgroups": st.booleans()}),
    ),
    FieldType.USER: st.sampled_from([*USERS, "me", "u9"]),
    FieldType.BOOLEAN: st.booleans(),
    FieldType.INTEGER: st.one_of(st.integers(-4, 4), st.sampled_from([-(2**63), 2**63 - 1, 2**53])),
    FieldType.DATE: st.sampled_from([*_SCALAR_DAYS, "0001-01-01", "9999-12-31"]),
    FieldType.INSTANT: st.one_of(_instant(), st.sampled_from(_SCALAR_DAYS)),
}


@st.composite
def condition(draw: st.DrawFn) -> dict[str, Any]:
    """A condition that the contract accepts, but for texts that are too short once folded."""
    name = draw(st.sampled_from([*BUILT_IN, *(f"custom.{field}" for field in CUSTOM)]))
    field = field_named(name)
    assert field is not None
    op = draw(st.sampled_from(sorted(OPS[field.type])))
    value = draw(_value(field.type, op))
    return {"field": name, "op": op} | ({} if value is None else {"value": value})


def every_condition() -> st.SearchStrategy[list[dict[str, Any]]]:
    """One condition for every field and op there is."""
    names = [*BUILT_IN, *(f"custom.{field}" for field in CUSTOM)]
    fields = [field for name in names if (field := field_named(name)) is not None]
    return st.tuples(*(_of(field, op) for field in fields for op in sorted(OPS[field.type]))).map(list)


def _of(field: Field, op: str) -> st.SearchStrategy[dict[str, Any]]:
    return _value(field.type, op).map(
        lambda value: {"field": field.name, "op": op} | ({} if value is None else {"value": value})
    )


def tree() -> st.SearchStrategy[dict[str, Any]]:
    """A query tree as JSON."""

    def grouped(children: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
        listed = st.lists(children, max_size=3)
        return st.tuples(st.sampled_from(["all", "any", "none"]), listed).map(lambda pair: {pair[0]: pair[1]})

    return st.recursive(condition(), grouped, max_leaves=6)


def view_groups() -> st.SearchStrategy[frozenset[str] | None]:
    """What an asker may view."""
    return st.one_of(st.none(), st.frozensets(st.sampled_from(["g1", "g2", "g3", "g4"]), max_size=3))


__all__: Sequence[str] = (
    "CUSTOM",
    "NOW",
    "TREE",
    "ZONE",
    "condition",
    "context",
    "document",
    "documents",
    "every_condition",
    "field_named",
    "tree",
    "view_groups",
)
