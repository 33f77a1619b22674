"""What an index holds of a customer: tokens that sort, ranks that agree with them, no value outside its field (Q5, Q6)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport_search.adapters.embedded.documents import document_of
from rapport_search.adapters.embedded.ranks import ranks_of, ranks_of_key, settled
from rapport_search.adapters.embedded.schema import grams, grams_of
from rapport_search.application.ports import Change
from rapport_search.domain.digest import BUCKETS, bucket_of
from rapport_search.domain.entries import entry_of
from rapport_search.domain.item import item_of
from rapport_search.domain.order import (
    key_and_id,
    number_token,
    sort_token,
    split_token,
    text_sort_key,
    token,
    token_of,
)

TEXTS = st.one_of(
    st.none(),
    st.text(max_size=40),
    st.text(alphabet="aAbé ابپگیñ漢", max_size=40),
    st.text("ab", min_size=6, max_size=30),
)


@given(TEXTS, TEXTS)
def test_ranks_never_contradict_the_order_of_the_tokens(one: str | None, other: str | None) -> None:
    """Q5: where ranks differ they decide; where they are equal and settled, so are the texts; else the tokens decide."""
    if ranks_of(one) < ranks_of(other):
        assert text_sort_key(one) < text_sort_key(other)
    if ranks_of(one) == ranks_of(other) and settled(ranks_of(one)[-1]):
        assert text_sort_key(one) == text_sort_key(other)


@given(TEXTS)
def test_a_token_can_be_taken_apart(text: str | None) -> None:
    key, customer_id = split_token("name", text_sort_key(text) + "c00")
    assert customer_id == "c00"
    assert isinstance(key, bytes)
    assert ranks_of_key(key) == ranks_of(text)


@given(st.integers(-(2**63), 2**63 - 1), st.integers(-(2**63), 2**63 - 1))
def test_number_tokens_order_as_the_numbers_do(one: int, other: int) -> None:
    assert (number_token(one) < number_token(other)) is (one < other)


def document(**more: Any) -> dict[str, Any]:
    times = {"created_at": "2026-01-01T00:00:00.000001Z", "updated_at": "2026-01-02T00:00:00Z"}
    return {"id": "c1", "version": 1, "kind": "person", "groups": ["g1"], **times, **more}


def test_an_item_tells_the_tokens_that_the_index_sorts_by() -> None:
    entry = entry_of(document(first_name="پارسا", address={"city": "Köln"}, position=""))
    item = item_of(entry.item)
    tokens = {field: sort_token(value, "c1") for field, value in (entry.ordered | entry.instants).items()}
    assert {field: token_of(item, field) for field in tokens} == tokens


@pytest.mark.parametrize(("field", "value"), [("name", "پارسا"), ("name", None), ("created_at", -5), ("created_at", 7)])
def test_a_token_tells_what_it_was_made_of(field: str, value: str | int | None) -> None:
    made = sort_token(value, "c1")
    key, customer_id = key_and_id(field, made)
    assert customer_id == "c1"
    assert key == (value if isinstance(value, int) else text_sort_key(value))
    assert token(key, customer_id) == made


def test_custom_values_stand_under_their_field_alone() -> None:
    """Q6: a canary in a custom field is in no token without its field's id, and in no facet or sort token."""
    made = document_of(Change("c1", 1, entry_of(document(fields={"f1": "canary"}))))
    holders = {name for name, value in made.items() if "canary" in str(value) or "can" in str(value)}
    assert holders == {"grams", "terms", "item"}
    assert all(
        token.startswith("_f1") for name in ("grams", "terms") for token in _tokens(made[name]) if "can" in token
    )


def _tokens(value: Any) -> list[str]:
    return value.split(" ") if isinstance(value, str) else value


def test_a_bucket_lies_within_its_ids_partition() -> None:
    """Q8."""
    from rapport_contracts.topics import CUSTOMERS

    for number in range(500):
        assert bucket_of(f"c{number}") // BUCKETS == CUSTOMERS.partition_of(f"c{number}")


@pytest.mark.parametrize("more", [{"id": "a b"}, {"id": ""}, {"created_at": None}, {"groups": 5, "id": 7}])
def test_what_is_no_customer_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError, KeyError)):
        entry_of(document(**more))


@pytest.mark.parametrize("texts", [("ab", "", "met at a fair"), ("x",), ("رضا", "ab", "é"), ()])
def test_grams_made_together_are_those_made_one_by_one(texts: tuple[str, ...]):
    """No gram lies across two texts, in whichever way they are made."""
    coded = [(code, text) for code, text in zip(("n", "e", "_field"), texts, strict=False)]
    alone = [gram for code, text in coded for gram in grams(code, text).split(" ")]
    assert sorted(grams_of(coded).split(" ") if coded else []) == sorted(alone)


def test_grams_are_the_characters_in_order():
    assert grams_of([("n", "a b"), ("e", "c")]) == "n\x02a\x01 na\x01b n\x01b\x03 nb\x03\x03 e\x02c\x03 ec\x03\x03"
