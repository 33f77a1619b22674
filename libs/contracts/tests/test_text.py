"""The normaliser: what must fold together, what must stay apart, and that folding twice changes nothing."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rapport_contracts.text import collation_key, digits, normalise, normalise_email, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("علي كريمي", "علی کریمی"),
        ("أحمد", "احمد"),
        ("آرش", "ارش"),
        ("إيمان", "ایمان"),
        ("مسؤول", "مسوول"),
        ("رئیس", "رییس"),
        ("فاطمة", "فاطمه"),
        ("خانۀ", "خانه"),
        ("مُحَمَّد", "محمد"),
        ("محـــمد", "محمد"),
        ("علی‌رضا", "علی رضا"),
        ("علی\u00a0رضا", "علی رضا"),
        ("\u202bرضا\u202c\u200f", "رضا"),
        ("۰۹۱۲", "0912"),
        ("٠٩١٢", "0912"),
        ("０９１２", "0912"),
        ("José Núñez", "JOSE NUNEZ"),
        ("Łódź", "lodz"),
        ("Straße", "STRASSE"),
        ("Øre Æsir", "ore aesir"),
        ("İstanbul", "istanbul"),
        ("Nguyễn", "nguyen"),
        ("  Reza \t\n Ahmadi ", "reza ahmadi"),
        ("ﬁne", "fine"),
    ],
)
def test_spellings_of_one_text_fold_together(one: str, other: str):
    """Q1, I5: letter variants, diacritics, digits, half-spaces, case."""
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(("one", "other"), [("й", "и"), ("が", "か"), ("कि", "क"), ("ب", "پ"), ("a-b", "ab")])
def test_different_letters_stay_apart(one: str, other: str):
    """Q1: only Latin diacritics and Arabic marks are stripped; marks of other scripts make letters."""
    assert normalise(one) != normalise(other)


@given(st.text())
@example("ı\u0307")
@example("\u0345\u0301α")
@example("a\u200d\u0301")
@example("ﷺ")
def test_folding_is_idempotent(text: str):
    once = normalise(text)
    assert normalise(once) == once


@given(st.text())
def test_a_folded_text_is_trimmed_collapsed_and_composed(text: str):
    folded = normalise(text)
    assert folded == " ".join(folded.split())
    assert unicodedata.is_normalized("NFKC", folded)


@given(st.text(alphabet=st.characters(max_codepoint=127)))
def test_the_ascii_path_is_the_long_path(text: str):
    from rapport_contracts import text as module

    assert normalise(text) == module._normalised.__wrapped__(text)


@given(st.text(alphabet="یيىئكکةهەۀأإآاٱؤوء ـًٌٍَُِّْٰ‌بپتث۱۲٣٤«»،"))
def test_the_settled_shortcut_skips_only_what_is_settled(text: str):
    from rapport_contracts import text as module

    folded = normalise(text)
    assert module._fold(folded) == folded


@given(st.text())
def test_case_and_composition_never_matter(text: str):
    assert normalise(unicodedata.normalize("NFD", text)) == normalise(text)
    assert normalise(text.casefold()) == normalise(text)


def test_words_are_runs_of_letters_and_digits():
    assert words("O'Neil-Smith  (علی‌رضا) 12b") == ["o", "neil", "smith", "علی", "رضا", "12b"]
    assert words("किताब!") == ["किताब"]
    assert words(" —!? ") == []


@given(st.text())
def test_words_of_a_text_are_words_of_its_folded_form(text: str):
    assert words(normalise(text)) == words(text)
    assert all(" " not in word and word for word in words(text))


def test_digits_are_ascii_whatever_the_script():
    assert digits("(۰۹۱۲) 345-٦٧") == "091234567"
    assert digits("x²") == ""


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ("Reza.Ahmadi@Example.COM", "reza.ahmadi@example.com"),
        (" mailto:a+b@c.de ", "a+b@c.de"),
        ("reza۱۲@example.com", "reza12@example.com"),
        ("a@MÜNCHEN.de", "a@xn--mnchen-3ya.de"),
        ("رضا@example.com", "رضا@example.com"),
        ("a" * 64 + "@b.co", "a" * 64 + "@b.co"),
        ("a" * 65 + "@b.co", None),
        ("é" * 33 + "@b.co", None),
        ("a@b", None),
        ("a..b@c.de", None),
        (".a@c.de", None),
        ("a@-b.de", None),
        ("a@b..de", None),
        ("a b@c.de", None),
        ("a@b@c.de", None),
        ("@c.de", None),
        ("", None),
        ("a@" + "b" * 64 + ".de", None),
        ("a@" + "b." * 130 + "de", None),
    ],
)
def test_an_email_has_one_key_or_none(value: str, key: str | None):
    """C2: e-mails are validated and matched case-insensitively."""
    assert normalise_email(value) == key


@given(st.emails())
def test_email_keys_are_their_own_keys(email: str):
    key = normalise_email(email)
    assert key is not None
    assert normalise_email(key) == key
    assert normalise_email(email.upper()) == key


@given(st.text())
def test_no_text_breaks_the_email_key(text: str):
    key = normalise_email(text)
    assert key is None or normalise_email(key) == key


def test_names_sort_by_the_persian_alphabet():
    """architecture.md "Search": the order of names is that of people, not of code points."""
    alphabet = "ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"
    assert sorted(alphabet, key=collation_key) == list(alphabet)


def test_names_sort_without_case_and_diacritics():
    names = ["ali reza", "Alireza", "Ängström", "anna", "Émile", "emily", "Zoë", "پارسا"]
    assert sorted(set(names), key=collation_key) == names


@given(st.text(), st.text(), st.text(alphabet="0123456789abcdef", min_size=32, max_size=32))
def test_a_name_sorts_before_longer_ones_whatever_id_follows(name: str, rest: str, an_id: str):
    short, long = collation_key(name), collation_key(name + " " + rest)
    assert short.count(0) == 1
    assert short.endswith(b"\x00")
    if short != long and len(normalise(name)) < 90:
        assert (short.hex() + an_id) < (long.hex() + "0" * 32)


@given(st.text(), st.text())
def test_same_folded_texts_have_the_same_order_key(one: str, other: str):
    assert collation_key(one) == collation_key(normalise(one))
    if normalise(one) == normalise(other):
        assert collation_key(one) == collation_key(other)
