"""M4, M5, M6 by Twilio, end to end: callbacks scrambled and repeated, bad days, replies; the stand-in is the testkit's."""

import httpx
import pytest

from rapport_messaging.bootstrap import SERVICE
from rapport_testkit.service import running
from rapport_testkit.twilio_server import TwilioServer, scrambled, sign

PUBLIC = "http://rapport.test"
FAST = {"RAPPORT_SMS_LEASE_SECONDS": "3", "RAPPORT_SMS_SETTLE_SECONDS": "0.3", "RAPPORT_SMS_PER_SECOND": "500"}


@pytest.fixture
async def twilio():
    async with TwilioServer() as server:
        yield server


@pytest.fixture
async def desk(tmp_path, world, twilio, make_desk):
    async with running(SERVICE, tmp_path, peers=world.apps(), env=twilio.env(PUBLIC) | FAST) as standing:
        outside = httpx.AsyncClient(transport=httpx.ASGITransport(standing.app))

        async def deliver(url, form, headers):
            return (await outside.post(url, content=form, headers=dict(headers))).status_code

        twilio.deliver = deliver
        yield make_desk(standing, world)
        await outside.aclose()


def crowd(customer, many):
    return [customer(f"c{number}", f"+9891200{number:05d}") for number in range(many)]


async def sent_to_all(desk, until, text="hello"):
    job = await desk.send(audience={"query": {"all": []}}, text=text)
    await until(lambda: delivered(desk, job), 60)
    return job


async def delivered(desk, job):
    states = [one["state"] for one in await desk.messages(job_id=job)]
    return bool(states) and set(states) == {"delivered"}


async def test_callbacks_in_any_order_repeated_leave_everything_delivered(desk, customer, until, twilio):
    """M4: and every message was sent once."""
    twilio.statuses = scrambled(7)
    await desk.know(*crowd(customer, 60))
    async with desk.working():
        job = await sent_to_all(desk, until)
        await twilio.callbacks_sent()
        assert (await desk.ended(job))["result"]["sent"] == 60
    assert sorted(one.to for one in twilio.accepted) == sorted(f"+9891200{number:05d}" for number in range(60))
    assert twilio.failed_callbacks == 0


async def test_bad_days_of_the_provider_cost_no_message_and_double_none(desk, customer, until, twilio):
    """M4, R3: 429, lost answers and server errors, before and after the message was taken."""
    twilio.mishaps = ["drop_after", "server_error_before", None, "hang_after", "server_error_after", "drop_before"] * 2
    await desk.know(*crowd(customer, 30))
    async with desk.working():
        await sent_to_all(desk, until)
    assert sorted(one.to for one in twilio.accepted) == sorted(f"+9891200{number:05d}" for number in range(30))


async def test_too_many_requests_are_waited_for(desk, customer, until, twilio):
    """M4: 429 is retried with backoff; the provider is left in peace meanwhile."""
    twilio.mishaps = ["rate_limit"]
    await desk.know(*crowd(customer, 1))
    async with desk.working():
        await sent_to_all(desk, until)
    assert twilio.requests == 2
    assert len(twilio.accepted) == 1


async def test_without_callbacks_the_lookup_alone_finds_what_was_taken(desk, customer, until, twilio):
    """R3: the second lookup handle, by number, body and date; the same text sent before is not taken for the lost one."""
    twilio.callbacks = False
    await desk.know(*crowd(customer, 5))
    async with desk.working():
        for round_ in range(2):
            twilio.mishaps = ["drop_before" if round_ else "drop_after"] * 5
            job = await desk.send(audience={"query": {"all": []}}, text="same")
            assert (await desk.ended(job, 20))["result"] | {"audience_id": ""} == {
                "audience_id": "",
                "recipients": 5,
                "sent": 5,
                "failed": 0,
                "unknown": 0,
                "skipped": {},
            }
            assert len(twilio.accepted) == 5 * (round_ + 1)


async def test_refusals_say_why_and_an_opt_out_known_to_twilio_is_ours(desk, customer, until, twilio):
    """M4, M11."""
    await desk.know(*crowd(customer, 3))
    twilio.errors = {"+989120000000": (400, 21610), "+989120000001": (400, 21211)}
    async with desk.working():
        job = await desk.send(audience={"query": {"all": []}}, text="x")
        result = (await desk.ended(job))["result"]
    assert (result["sent"], result["failed"]) == (1, 2)
    why = {one["customer_id"]: (one["state"], one["reason"]) for one in await desk.messages() if one["reason"]}
    assert why == {"c0": ("failed", "opted_out"), "c1": ("undeliverable", "invalid_number")}
    consent = await desk.http.get("/consent", params={"channel": "sms", "address": "+989120000000"})
    assert consent.json()["state"] == "out"


async def test_a_failure_reported_later_says_why(desk, customer, until, twilio):
    """M4."""
    twilio.statuses = lambda _: [("undelivered", 30006)]
    await desk.know(*crowd(customer, 1))
    async with desk.working():
        await desk.ended(await desk.send(audience={"customer_ids": ["c0"]}, text="x"))
        await twilio.callbacks_sent()
    (message,) = await desk.messages()
    assert (message["state"], message["reason"]) == ("undeliverable", "landline")


async def test_an_incoming_sms_is_kept_once_and_stop_is_heard(desk, customer, twilio):
    """M5, M11, R6: replays are harmless."""
    await desk.know(*crowd(customer, 1))
    url = f"{PUBLIC}/webhooks/twilio/inbound"
    for _ in range(3):
        assert await twilio.inbound(url, "+989120000000", "Stop!", sid="SMx") == 200
    assert await twilio.inbound(url, "+989129999999", "who is this", sid="SMy") == 200
    found = await desk.messages(direction="incoming")
    assert [(one["customer_id"], one["body"]) for one in found] == [(None, "who is this"), ("c0", "Stop!")]
    preview = await desk.http.post(
        "/messages:preview", json={"channel": "sms", "audience": {"customer_ids": ["c0"]}, "text": "x"}
    )
    assert preview.json()["skipped"] == [{"reason": "opted_out", "count": 1, "customer_ids": ["c0"]}]


async def test_forged_webhooks_are_refused_and_change_nothing(desk, customer, twilio):
    """R6."""
    anybody = desk.standing.client(None)
    form = {"MessageSid": "SM1", "From": "+989120000000", "Body": "STOP"}
    good = sign("another token", f"{PUBLIC}/webhooks/twilio/inbound", form)
    for path in ("/webhooks/twilio/inbound", "/webhooks/twilio/status"):
        for headers in ({}, {"x-twilio-signature": good}):
            answer = await anybody.post(path, data=form, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "signature_invalid")
    large = await anybody.post("/webhooks/twilio/inbound", content=b"a" * 70_000)
    assert (large.status_code, large.json()["code"]) == (413, "too_large")
    assert await desk.messages() == []


async def test_there_is_no_sandbox_beside_a_real_provider(desk):
    """M6."""
    assert (await desk.http.get("/sandbox/phones")).status_code == 404
