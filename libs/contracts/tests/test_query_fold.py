"""The one reading of a document that index and oracle share (Q1, C2)."""

from __future__ import annotations

from rapport_contracts.query import comparable, display_name, phone_forms, values_of


def test_a_number_is_known_as_e164_with_a_trunk_zero_and_as_written() -> None:
    """C2: found in any spelling."""
    iran = {"kind": "mobile", "value": "0912 345 6789", "e164": "+989123456789"}
    assert phone_forms(iran) == ["09123456789", "989123456789"]
    assert phone_forms({"value": "+1 415-555-2671", "e164": "+14155552671"}) == ["14155552671", "04155552671"]
    assert phone_forms({"value": "ext. ۱۲", "e164": None}) == ["12"]
    assert phone_forms({"value": "none", "e164": None}) == []


def test_a_name_is_first_and_last_or_the_organizations() -> None:
    person = {"kind": "person", "first_name": "Reza", "last_name": None}
    assert display_name(person) == "Reza"
    assert display_name({"kind": "organization", "name": "Alpha", "first_name": "ignored"}) == "Alpha"


def test_control_characters_never_reach_what_is_compared() -> None:
    assert comparable("A\x02l\x01i") == "ali"


def test_values_leave_out_what_is_empty() -> None:
    document = {
        "kind": "person",
        "groups": ["g"],
        "first_name": "",
        "address": {"city": "Tehrān"},
        "contacts": [{"kind": "email", "value": "A@B.CO"}, {"kind": "fax", "value": "12"}],
        "fields": {"a": ["X", ""], "b": 0, "c": False},
    }
    assert values_of(document, "first_name") == []
    assert values_of(document, "city") == ["tehran"]
    assert values_of(document, "email") == ["a@b.co"]
    assert values_of(document, "phone") == ["12"]
    assert values_of(document, "custom.a") == ["x"]
    assert values_of(document, "custom.b") == [0]
    assert values_of(document, "custom.c") == [False]
    assert values_of(document, "custom.none") == []
    assert values_of(document, "enabled") == [True]
