"""Rules of customers as pure functions."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport_chassis.problems import Problem
from rapport_customers.domain import tree
from rapport_customers.domain.access import Sight
from rapport_customers.domain.contacts import read_contacts, short_key
from rapport_customers.domain.definitions import (
    CustomField,
    Definitions,
    Group,
    Item,
    OptionList,
    Section,
    as_document,
    from_document,
)
from rapport_customers.domain.documents import differences, display_name, new_document
from rapport_customers.domain.edits import patched
from rapport_customers.domain.keys import changed_keys, match_keys
from rapport_testkit.customers import contact, organization_document, person_document

GROUPS = ("a", "b", "c")


def definitions() -> Definitions:
    groups = {one: Group(one, one) for one in GROUPS} | {"a1": Group("a1", "a1", "a"), "a2": Group("a2", "a2", "a1")}
    fields = {
        "open": CustomField("open", "Open", "text", "s"),
        "of_a": CustomField("of_a", "Of A", "text", "s", group_ids=("a",)),
        "of_b": CustomField("of_b", "Of B", "text", "s", group_ids=("b",)),
    }
    return Definitions(groups=groups, sections={"s": Section("s", "S")}, fields=fields)


def test_definitions_survive_being_stored():
    """C4: what is published is what is read back."""
    for one in (
        Group("g", "G", "p", 3, 4),
        Section("s", "S", 1, True, 2),
        CustomField("f", "F", "list", "s", 1, ("g", "h"), "L", True, "additional", True, True, 9),
        OptionList("l", "L", (Item("i", "I", 0), Item("j", "J", 1)), 5),
    ):
        assert from_document(as_document(one)) == one


def test_a_scope_covers_the_groups_below():
    """C4: only members of the field's groups show it, only users of those groups see it."""
    known = definitions()
    assert known.subtree(["a"]) == {"a", "a1", "a2"}
    assert known.fields_seen(None, ["a2"]) == {"open", "of_a"}
    assert known.fields_seen(frozenset("bc"), ["a2", "b"]) == {"open", "of_b"}
    assert known.fields_seen(frozenset(), []) == {"open"}


@given(st.lists(st.integers(0, 5), max_size=6), st.integers(0, 8) | st.none())
def test_siblings_are_numbered_from_zero_and_only_what_moves_changes(positions: list[int], place: int | None):
    """C3: reorder."""
    siblings = [Group(f"g{at}", "G", None, position) for at, position in enumerate(positions)]
    moved = Group("new", "New")
    changed = {one.id: one for one in tree.placed(siblings, moved, place)}
    after = sorted((changed.get(one.id, one) for one in [*siblings, moved]), key=lambda one: one.position)
    assert [one.position for one in after] == list(range(len(siblings) + 1))
    order = [one.id for one in sorted(siblings, key=lambda one: (one.position, one.id))]
    assert [one.id for one in after if one.id != "new"] == order
    assert changed["new"].position == min(len(siblings), len(siblings) if place is None else place)
    assert all(one.version == 2 for name, one in changed.items() if name != "new")


def test_names_to_show():
    """C1: what a customer is called."""
    for document, name in [
        (person_document(), "Reza Ahmadi"),
        (person_document(first_name=None), "Ahmadi"),
        (person_document(first_name=None, last_name=None, company_name="Co"), "Co"),
        (person_document(first_name=None, last_name=None, contacts=[contact("email", "a@b.co")]), "a@b.co"),
        (organization_document(), "Pars Trading"),
        (new_document("organization", "x", "t", "u"), ""),
    ]:
        assert display_name(document) == name


def test_differences_name_custom_fields_and_parts_of_the_address():
    """C9: from what to what."""
    before = person_document(fields={"f": 1, "g": 2}, address=None)
    after = {**before, "fields": {"g": 3, "h": True}, "address": {"city": "Qom"}, "version": 9, "groups": ["a"]}
    assert differences(before, after) == [
        ("groups", [], ["a"]),
        ("address.city", None, "Qom"),
        ("custom.f", 1, None),
        ("custom.g", 2, 3),
        ("custom.h", None, True),
    ]
    assert differences(before, dict(before)) == []


@given(st.lists(st.tuples(st.sampled_from(["mobile", "phone", "website"]), st.sampled_from("123")), max_size=8))
def test_every_kind_has_one_primary_and_no_contact_twice(given_contacts: list[tuple[str, str]]):
    """C2: one primary per kind."""
    made = read_contacts([{"kind": kind, "value": value} for kind, value in given_contacts], [], "IR")
    assert len({(one["kind"], one["value"]) for one in made}) == len(made) == len(set(given_contacts))
    for kind in {one["kind"] for one in made}:
        assert sum(one["primary"] for one in made if one["kind"] == kind) == 1


def test_keys_are_the_same_for_all_spellings():
    """I5: normalised equality."""
    one = person_document(first_name="علي", contacts=[contact("mobile", "0912 345 6789"), contact("email", "A@b.co")])
    other = person_document(first_name="علی", contacts=[contact("mobile", "+989123456789"), contact("email", "a@B.co")])
    assert match_keys(one) == match_keys(other)
    assert {("full_name", "علی\tahmadi"), ("mobile", "+989123456789"), ("email", "a@b.co")} < match_keys(one)
    assert len(short_key("x" * 500)) < 120
    assert short_key("x" * 500) != short_key("x" * 501)


SETS = st.frozensets(st.sampled_from(GROUPS))


@given(SETS.filter(bool), SETS, SETS)
def test_an_edit_never_loses_what_the_caller_does_not_see(
    held: frozenset[str], seen: frozenset[str], wanted: frozenset[str]
):
    """C3, C4, Q6: groups and values that are hidden survive; none is ever added that is not seen; nobody is left without."""
    sight = Sight(definitions(), seen, frozenset())
    values = {"open": "1", "of_a": "2", "of_b": "3"}
    before = person_document(*sorted(held), fields=values, organizations=[{"id": "hidden", "position": "x"}])
    patch: dict[str, Any] = {"groups": sorted(wanted), "organizations": [], "fields": None}
    if not wanted <= seen or not wanted | (held - seen):
        with pytest.raises(Problem) as refused:
            patched(before, patch, sight, "IR")
        assert refused.value.code == ("would_leave_without_group" if wanted <= seen else "validation_failed")
        return
    after = patched(before, patch, sight, "IR")
    assert set(after["groups"]) == (held - seen) | wanted
    assert after["organizations"] == before["organizations"]
    assert "open" not in after["fields"]
    hidden = [name for name in ("of_a", "of_b") if name[-1] not in seen]
    assert all(after["fields"][name] == values[name] for name in hidden)


@pytest.mark.parametrize("kind", ["person", "organization"])
def test_a_patch_that_says_nothing_changes_nothing(kind: str):
    document = person_document("a") if kind == "person" else organization_document("a")
    assert patched(document, {}, Sight(definitions(), None), "IR") == document


NAMES = st.sampled_from(["Reza", "Sara", None])
MOBILES = st.lists(st.sampled_from(["09120000001", "09120000002"]), unique=True)


@st.composite
def persons(draw: Any) -> dict[str, Any]:
    numbers = [contact("mobile", number) for number in draw(MOBILES)]
    typed = {"f": st.sampled_from([["x"], ["x", "y"]]), "g": st.sampled_from([1, 2]), "h": st.booleans()}
    values = draw(st.fixed_dictionaries({}, optional=typed))
    return person_document(first_name=draw(NAMES), last_name=draw(NAMES), contacts=numbers, fields=values)


@given(persons(), persons())
def test_a_change_takes_away_and_adds_exactly_the_keys_that_differ(before: dict[str, Any], after: dict[str, Any]):
    """I5: the index holds what the documents say."""
    gone, new = changed_keys(before, after)
    assert gone == match_keys(before) - match_keys(after)
    assert new == match_keys(after) - match_keys(before)
