"""M6: what any provider must be able to say, asked of both; and Twilio's own words."""

import asyncio
import socket
from datetime import timedelta

import pytest

from rapport_chassis.ids import new_id
from rapport_messaging.adapters.sandbox import SandboxSmsProvider
from rapport_messaging.adapters.twilio import TwilioSmsProvider
from rapport_messaging.application.ports import LookupFailed, Lost, NotTaken, Outgoing, Refused, Taken, Unclear
from rapport_messaging.config import Config
from rapport_testkit.twilio_server import AUTH_TOKEN, SENDER, TwilioServer

NUMBER = "+989121234567"


@pytest.fixture
async def twilio():
    async with TwilioServer() as server:
        yield server


@pytest.fixture
async def provider(twilio):
    config = Config.of(twilio.env())
    made = TwilioSmsProvider(config.twilio, None)
    yield made
    await made.close()


@pytest.fixture(params=["sandbox", "twilio"])
def any_provider(request, desk, provider):
    return SandboxSmsProvider(desk.db) if request.param == "sandbox" else provider


def lost(message, desk):
    return Lost(message.id, message.address, message.body, desk.standing.runtime.clock.now() - timedelta(seconds=1))


async def test_what_was_taken_is_found_again(any_provider, desk):
    """R3: a provider says what it has."""
    message = Outgoing(new_id(), NUMBER, "hello")
    answer = await any_provider.send(message)
    assert isinstance(answer, Taken)
    assert answer.state == "sent"
    assert [trace.reference for trace in await any_provider.find(lost(message, desk))] == [answer.reference]


async def test_what_was_never_handed_over_is_not_found(any_provider, desk):
    """R3: a provider says what it has not."""
    await any_provider.send(Outgoing(new_id(), NUMBER, "another text"))
    await any_provider.send(Outgoing(new_id(), "+989120000001", "hello"))
    assert await any_provider.find(lost(Outgoing(new_id(), NUMBER, "hello"), desk)) == []


async def test_the_sandbox_takes_an_intent_once(desk):
    """M6: so sending again is harmless, as it declares."""
    provider = SandboxSmsProvider(desk.db)
    message = Outgoing(new_id(), NUMBER, "hello")
    await asyncio.gather(*(provider.send(message) for _ in range(5)))
    phone = await desk.http.get(f"/sandbox/phones/{NUMBER}/messages")
    assert [one["id"] for one in phone.json()["items"]] == [message.id]


async def test_twilio_is_told_where_to_report(twilio):
    """M4: the status callback's address carries the intent."""
    provider = TwilioSmsProvider(Config.of(twilio.env("https://crm.example/")).twilio, "https://crm.example")
    twilio.callbacks = False
    await provider.send(Outgoing("intent-1", NUMBER, "سلام"))
    await provider.close()
    (accepted,) = twilio.accepted
    assert (accepted.to, accepted.sender, accepted.body) == (NUMBER, SENDER, "سلام")
    assert accepted.callback == "https://crm.example/webhooks/twilio/status?intent=intent-1"


@pytest.mark.parametrize(
    ("mishap", "expected", "taken"),
    [
        ("rate_limit", NotTaken("rate_limited", 1.0), 0),
        ("server_error_before", Unclear("http_500"), 0),
        ("server_error_after", Unclear("http_500"), 1),
        ("drop_before", Unclear("ServerDisconnectedError"), 0),
        ("drop_after", Unclear("ServerDisconnectedError"), 1),
    ],
)
async def test_only_what_was_surely_not_taken_says_so(twilio, provider, mishap, expected, taken):
    """M4: everything else is unclear, whether it was taken or not."""
    twilio.mishaps = [mishap]
    assert await provider.send(Outgoing(new_id(), NUMBER, "x")) == expected
    assert len(twilio.accepted) == taken


async def test_a_refused_connection_took_nothing():
    """M4: retried, because nobody was there."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    provider = TwilioSmsProvider(Config.of(TwilioServer(port=port).env()).twilio, None)
    assert await provider.send(Outgoing(new_id(), NUMBER, "x")) == NotTaken("provider_unreachable")
    with pytest.raises(LookupFailed):
        await provider.find(Lost("i", NUMBER, "x", desk_now()))
    await provider.close()


def desk_now():
    from rapport_chassis.clock import SystemClock

    return SystemClock().now()


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (400, 21211, Refused("undeliverable", "invalid_number")),
        (400, 21614, Refused("undeliverable", "not_a_mobile")),
        (400, 21610, Refused("failed", "opted_out", opted_out=True)),
        (400, 21611, NotTaken("rate_limited", None)),
        (400, 99999, Refused("failed", "provider_error_99999")),
        (401, 20003, NotTaken("account_refused", 60.0)),
        (404, 20404, NotTaken("account_refused", 60.0)),
        (503, 20503, Unclear("http_503")),
    ],
)
async def test_twilios_refusals(twilio, provider, status, code, expected):
    """M4, M6: by Twilio's own codes."""
    twilio.errors = {NUMBER: (status, code)}
    assert await provider.send(Outgoing(new_id(), NUMBER, "x")) == expected


async def test_a_wrong_token_is_for_a_person_to_mend_and_loses_nothing(twilio):
    """M6: messages wait."""
    env = twilio.env() | {"TWILIO_AUTH_TOKEN": AUTH_TOKEN + "!"}
    provider = TwilioSmsProvider(Config.of(env).twilio, None)
    assert await provider.send(Outgoing(new_id(), NUMBER, "x")) == NotTaken("account_refused", 60.0)
    with pytest.raises(LookupFailed):
        await provider.find(Lost("i", NUMBER, "x", desk_now()))
    await provider.close()


async def test_a_lookup_reads_all_pages_back_to_the_first_attempt(twilio, provider, desk, monkeypatch):
    """R3: the second lookup, by number, body and date."""
    from rapport_messaging.adapters import twilio as adapter

    monkeypatch.setattr(adapter, "_PAGE", 3)
    for number in range(10):
        await provider.send(Outgoing(new_id(), NUMBER, f"text {number}"))
    wanted = Outgoing(new_id(), NUMBER, "text 0")
    assert len(await provider.find(lost(wanted, desk))) == 1
    late = Lost("i", NUMBER, "text 0", desk_now() + timedelta(minutes=10))
    assert await provider.find(late) == []
    monkeypatch.setattr(adapter, "_PAGES", 2)
    with pytest.raises(LookupFailed):
        await provider.find(lost(wanted, desk))
