"""M2: variables of a text. M5: words that set consent. M1: the number a customer is written to."""

from datetime import date, timedelta

import pytest

from rapport_messaging.domain import keywords, recipients, templates
from rapport_messaging.domain.jalali import to_jalali
from rapport_messaging.domain.values import Setting, value_of

REZA = {
    "kind": "person",
    "title": "Mr.",
    "first_name": "Reza",
    "last_name": "Ahmadi",
    "address": {"city": "Shiraz"},
    "organizations": [{"id": "o1", "position": "CEO"}],
    "contacts": [{"kind": "email", "value": "r@a.b", "primary": True}],
    "fields": {"f1": True, "f2": ["a", "b"], "f3": "2024-03-20", "f4": 7, "f5": "tea"},
}
SETTING = Setting(
    field_types={"f1": "boolean", "f2": "list", "f3": "date", "f4": "integer", "f5": "text"},
    options={"a": "Gold", "b": "Silver"},
    organizations={"o1": {"kind": "organization", "name": "Acme"}},
    user_name="Sara",
)


def rendered(text, customer=REZA, setting=SETTING):
    return templates.compile_text(text).render(lambda name: value_of(customer, name, setting))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dear {{title}} {{ last_name }}!", "Dear Mr. Ahmadi!"),
        ("{{name}} of {{organization.name}} ({{organization.position}})", "Reza Ahmadi of Acme (CEO)"),
        ("{{company_name|your company}} in {{city}}", "your company in Shiraz"),
        ("{{province}}.", "."),
        ("{{custom.f1}} {{custom.f2}} {{custom.f3}} {{custom.f4}} {{custom.f5}}", "yes Gold, Silver 2024-03-20 7 tea"),
        ("{{custom.f9|nothing}}", "nothing"),
        ("{{email}} {{user.name}}", "r@a.b Sara"),
        ("a { b }} {{ c", "a { b }} {{ c"),
        ("{{first_name}}{{last_name}}", "RezaAhmadi"),
    ],
)
def test_variables_are_filled_in(text, expected):
    """M2."""
    assert rendered(text) == expected


def test_values_are_written_as_the_workspace_writes():
    """M2: the calendar is presentation."""
    persian = Setting(SETTING.field_types, SETTING.options, language="fa", calendar="jalali")
    assert rendered("{{custom.f1}}/{{custom.f2}}/{{custom.f3}}", setting=persian) == "بله/Gold، Silver/1403/01/01"


def test_a_value_with_braces_is_not_rendered_again():
    """M2: what a customer wrote is never a template."""
    assert rendered("{{first_name}}", {"kind": "person", "first_name": "{{user.name}}"}) == "{{user.name}}"


@pytest.mark.parametrize(
    ("text", "name", "suggestion"),
    [
        ("{{frist_name}}", "frist_name", "first_name"),
        ("{{First Name}}", "First Name", "first_name"),
        ("{{favourite colour}}", "favourite colour", "custom.f7"),
        ("{{zzzzqqq}}", "zzzzqqq", None),
        ("{{}}", "", None),
    ],
)
def test_an_unknown_variable_is_refused_with_the_nearest(text, name, suggestion):
    """M2: unknown variable refused at save."""
    known = {**{each: each for each in templates.BUILT_IN}, "custom.f7": "Favourite colour"}
    with pytest.raises(templates.UnknownVariable) as refused:
        templates.check(templates.compile_text(text), known)
    assert (refused.value.name, refused.value.suggestion) == (name, suggestion)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2024, 3, 20), (1403, 1, 1)),
        (date(2025, 3, 20), (1403, 12, 30)),
        (date(2025, 3, 21), (1404, 1, 1)),
        (date(2021, 3, 21), (1400, 1, 1)),
        (date(2021, 3, 20), (1399, 12, 30)),
        (date(1979, 2, 11), (1357, 11, 22)),
        (date(2000, 1, 1), (1378, 10, 11)),
        (date(1961, 3, 21), (1340, 1, 1)),
    ],
)
def test_jalali_dates(day, expected):
    assert to_jalali(day) == expected


def test_every_jalali_day_is_followed_by_the_next():
    day, before = date(1950, 1, 1), to_jalali(date(1949, 12, 31))
    while day.year < 2080:
        now = to_jalali(day)
        assert now > before
        assert now[2] == before[2] + 1 or now[2] == 1
        day, before = day + timedelta(days=1), now


@pytest.mark.parametrize(
    "body", ["STOP", "stop.", " Stop ", "«لغو»", "لغو۱۱", "لغو11", "ARRÊT", "arret", "Baja!", "إلغاء", "İptal"]
)
def test_a_stop_word_in_any_language_opts_out(body):
    """M5."""
    assert keywords.wish(body) == "out"


@pytest.mark.parametrize("body", ["START", "unstop", "شروع", "Başla", "alta"])
def test_a_start_word_in_any_language_opts_in(body):
    """M5."""
    assert keywords.wish(body) == "in"


@pytest.mark.parametrize(
    "body", ["", "yes", "please stop calling", "stop by tomorrow?", "لغو کنید", "the end is near", "x" * 9999]
)
def test_any_other_text_changes_no_consent(body):
    """M5: the whole reply must be the word."""
    assert keywords.wish(body) is None


def test_no_word_means_both():
    """M5."""
    words = [(word, "out") for many in keywords.STOP.values() for word in many]
    words += [(word, "in") for many in keywords.START.values() for word in many]
    assert [(word, keywords.wish(word)) for word, _ in words] == words


def contact(kind, e164, primary=False):
    return {"kind": kind, "value": e164 or "rubbish", "e164": e164, "primary": primary}


@pytest.mark.parametrize(
    ("contacts", "expected"),
    [
        ([], (None, "no_contact")),
        ([contact("email", None)], (None, "no_contact")),
        ([contact("mobile", "+989121111111"), contact("mobile", "+989122222222", True)], ("+989122222222", None)),
        ([contact("mobile", None, True), contact("mobile", "+989122222222")], ("+989122222222", None)),
        ([contact("mobile", None)], (None, "invalid")),
        ([contact("phone", "+982188776655")], (None, "no_contact")),  # a landline of Tehran
        ([contact("phone", "+989123456789")], ("+989123456789", None)),  # a mobile written as phone
        ([contact("phone", "+12025550123")], ("+12025550123", None)),  # North America cannot tell
        ([contact("fax", "+989123456789"), contact("whatsapp", "+989123456789")], (None, "no_contact")),
    ],
)
def test_a_customer_is_written_to_on_a_mobile(contacts, expected):
    """M1."""
    assert recipients.sms_number({"contacts": contacts}) == expected
