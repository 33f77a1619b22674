"""M6, R6: webhooks are believed only as Twilio signed them."""

from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator

from rapport_chassis.problems import Problem
from rapport_messaging.adapters.twilio_hooks import TwilioWebhooks, signature
from rapport_testkit.twilio_server import sign

TOKEN = "12345"
PUBLIC = "https://crm.example:8443"
PATH, QUERY = "/webhooks/twilio/status", "intent=abc&x=1"
URL = f"{PUBLIC}{PATH}?{QUERY}"
FORM = {
    "MessageSid": "SM1",
    "MessageStatus": "undelivered",
    "ErrorCode": "30006",
    "To": "+98912",
    "Body": "سلام & co = 1+1",
    "Empty": "",
}
BODY = urlencode(FORM).encode()
HOOKS = TwilioWebhooks(TOKEN, PUBLIC, lambda: "IR")


def test_the_documented_example():
    """Twilio docs, "Validating Signatures from Twilio": the worked example."""
    url = "https://example.com/myapp.php?foo=1&bar=2"
    form = [("Digits", "1234"), ("To", "+18005551212"), ("From", "+14158675310"), ("Caller", "+14158675310")]
    form += [("CallSid", "CA1234567890ABCDE")]
    expected = RequestValidator(TOKEN).compute_signature(url, dict(form))
    assert signature(TOKEN, url, form) == expected
    assert sign(TOKEN, url, dict(form)) == expected


def test_what_twilio_signed_is_believed():
    """M6."""
    report = HOOKS.status(PATH, QUERY, BODY, RequestValidator(TOKEN).compute_signature(URL, FORM))
    assert report is not None
    assert (report.reference, report.state, report.reason, report.intent) == ("SM1", "undeliverable", "landline", "abc")


def refused(path, query, body, given, hooks=HOOKS):
    with pytest.raises(Problem) as problem:
        hooks.status(path, query, body, given)
    return (problem.value.status, problem.value.code) == (403, "signature_invalid")


def test_one_byte_changed_anywhere_is_refused():
    """R6: one byte changed in body, URL or signature."""
    good = sign(TOKEN, URL, FORM)
    assert HOOKS.status(PATH, QUERY, BODY, good)
    flipped = 0
    for at in range(len(BODY)):
        changed = BODY[:at] + bytes([BODY[at] ^ 1]) + BODY[at + 1 :]
        if dict_of(changed) != dict_of(BODY):
            assert refused(PATH, QUERY, changed, good)
            flipped += 1
    assert flipped > len(BODY) * 0.9
    assert all(refused(PATH[:at] + "~" + PATH[at + 1 :], QUERY, BODY, good) for at in range(len(PATH)))
    assert all(refused(PATH, QUERY[:at] + "~" + QUERY[at + 1 :], BODY, good) for at in range(len(QUERY)))
    assert all(refused(PATH, QUERY, BODY, good[:at] + "~" + good[at + 1 :]) for at in range(len(good)))
    assert refused(PATH, QUERY, BODY, "")
    assert refused(PATH, QUERY, BODY, "é")


def dict_of(body):
    from urllib.parse import parse_qsl

    try:
        return sorted(set(parse_qsl(body.decode(), keep_blank_values=True, errors="strict")))
    except ValueError:
        return None


def test_nothing_is_believed_without_a_token_or_an_address():
    """R6."""
    good = sign(TOKEN, URL, FORM)
    assert refused(PATH, QUERY, BODY, good, TwilioWebhooks(None, PUBLIC, lambda: "IR"))
    assert refused(PATH, QUERY, BODY, good, TwilioWebhooks(TOKEN, None, lambda: "IR"))
    assert refused(PATH, QUERY, b"\xff\xfe", good)
    assert refused(PATH, QUERY, b"&".join([b"a=1"] * 500), good)


def test_an_incoming_sms_is_read():
    """M5: the number is normalised, media follow the text, Twilio's own opt-out counts."""
    form = {
        "MessageSid": "SM2",
        "From": "+98 912 123 4567",
        "Body": "see",
        "MediaUrl0": "https://m/0",
        "OptOutType": "STOP",
    }
    url = f"{PUBLIC}/webhooks/twilio/inbound"
    incoming = HOOKS.inbound("/webhooks/twilio/inbound", "", urlencode(form).encode(), sign(TOKEN, url, form))
    assert (incoming.address, incoming.body, incoming.wish) == ("+989121234567", "see\nhttps://m/0", "out")


@pytest.mark.parametrize(
    "form", [{"From": "+98912"}, {"MessageSid": "SM2"}, {"MessageSid": "S", "From": "whatsapp:+98912"}]
)
def test_what_is_no_sms_is_refused(form):
    """M5: other channels are not received here."""
    url = f"{PUBLIC}/webhooks/twilio/inbound"
    with pytest.raises(Problem) as problem:
        HOOKS.inbound("/webhooks/twilio/inbound", "", urlencode(form).encode(), sign(TOKEN, url, form))
    assert problem.value.status == 422
