"""M5, M11: incoming messages, whom they are from, and what they say about consent."""

import pytest

from rapport_contracts import topics
from rapport_messaging.application.receive import Incoming, receive
from rapport_messaging.store import messages

NUMBER = "+989121111111"


def sms(reference, body="hello", number=NUMBER, wish=None):
    return Incoming("twilio", reference, number, body, wish)


async def consent_of(desk, address=NUMBER):
    answer = await desk.http.get("/consent", params={"channel": "sms", "address": address})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_message_is_matched_by_any_number_of_the_customer(desk, customer):
    """M5: normalised, whatever the kind of the number."""
    contacts = [{"kind": "phone", "value": "021 8877 6655", "e164": "+982188776655"}]
    await desk.know(customer("reza", contacts=contacts))
    await desk.db.write(receive, [sms("SM1", number="+982188776655")])
    (message,) = await desk.messages(customer_id="reza")
    assert (message["state"], message["direction"], message["address"]) == ("received", "incoming", "+982188776655")


async def test_what_a_provider_repeats_is_kept_once(desk):
    """M5, R6: in one batch or in many."""
    await desk.db.write(receive, [sms("SM1"), sms("SM1"), sms("SM2")])
    await desk.db.write(receive, [sms("SM2"), sms("SM1")])
    assert len(await desk.messages()) == 2


async def test_unmatched_messages_wait_and_find_their_customer(desk, customer):
    """M5: kept with no customer, listed, and given to the customer that is created from them."""
    await desk.db.write(receive, [sms("SM1")])
    (message,) = await desk.messages(unmatched=True)
    assert (message["customer_id"], message["reason"]) == (None, None)
    await desk.know(customer("reza", NUMBER))
    (found,) = await desk.messages(customer_id="reza")
    assert (found["id"], found["version"]) == (message["id"], 2)
    await desk.standing.relay.once()
    told = [one["data"] for one in await desk.standing.read(topics.MESSAGES)]
    assert told[-1]["customer_id"] == "reza"


async def test_a_number_of_two_is_never_guessed(desk, customer):
    """M5: it is the one we wrote to last, or nobody's."""
    await desk.know(customer("reza", NUMBER), customer("sara", NUMBER))
    await desk.db.write(receive, [sms("SM1")])
    (message,) = await desk.messages()
    assert (message["customer_id"], message["reason"]) == (None, "ambiguous")

    def write_to_sara(tx):
        row = {"id": "m1", "customer_id": "sara", "address": NUMBER, "body": "b", "created_by": "u", "job_id": None}
        messages.insert_queued(tx, [row])

    await desk.db.write(write_to_sara)
    await desk.db.write(receive, [sms("SM2", "an answer")])
    found = await desk.messages(direction="incoming", customer_id="sara")
    assert [one["body"] for one in found] == ["an answer"]


async def test_stop_and_start_set_consent_with_their_evidence(desk):
    """M5, M11: in any language; the last word holds."""
    assert (await consent_of(desk))["state"] == "none"
    await desk.db.write(receive, [sms("SM1", "لغو")])
    said = await consent_of(desk)
    assert (said["state"], said["how"]) == ("out", "reply: لغو")
    await desk.db.write(receive, [sms("SM2", "STOP"), sms("SM3", "start")])
    assert (await consent_of(desk))["state"] == "in"
    await desk.db.write(receive, [sms("SM4", "please don't", wish="out")])
    assert (await consent_of(desk))["state"] == "out"
    await desk.db.write(receive, [sms("SM4", "start")])  # a replay says nothing new
    assert (await consent_of(desk))["state"] == "out"


async def test_consent_is_by_normalised_address(desk):
    """M11: in any spelling; `none` forgets."""
    spelled = {"channel": "sms", "address": "۰۹۱۲ ۱۱۱ ۱۱۱۱"}
    await desk.standing.publish(
        topics.USERS, "settings", {"type": "settings", "id": "settings", "region": "IR", "version": 99}
    )
    await desk.standing.settle()
    answer = await desk.http.put("/consent", params=spelled, json={"state": "out", "how": "by phone"})
    assert answer.status_code == 200
    assert (await consent_of(desk)) == answer.json()
    assert {name: answer.json()[name] for name in ("address", "state", "how")} == {
        "address": NUMBER,
        "state": "out",
        "how": "by phone",
    }
    await desk.http.put("/consent", params=spelled, json={"state": "none"})
    assert (await consent_of(desk))["state"] == "none"


@pytest.mark.parametrize(
    ("params", "body"),
    [
        ({"channel": "email", "address": NUMBER}, {"state": "out"}),
        ({"channel": "sms", "address": "no number"}, {"state": "out"}),
        ({"channel": "sms", "address": NUMBER}, {"state": "maybe"}),
        ({"channel": "sms", "address": NUMBER}, {}),
    ],
)
async def test_a_consent_that_makes_no_sense_is_refused(desk, params, body):
    """M11."""
    assert (await desk.http.put("/consent", params=params, json=body)).status_code == 422


async def test_messages_are_seen_by_who_sees_their_customer(desk, customer):
    """R12: the others' are not there, nor are those of nobody."""
    await desk.standing.group("g1")
    await desk.standing.group("g1a", parent_id="g1")
    await desk.standing.group("g2")
    await desk.know(customer("mine", NUMBER, groups=["g1a"]), customer("theirs", "+989122222222", groups=["g2"]))
    await desk.db.write(receive, [sms("SM1"), sms("SM2", number="+989122222222"), sms("SM3", number="+989123333333")])
    await desk.standing.user("seller", ["messages.view"], [{"group_id": "g1", "view": True}])
    seller = desk.standing.client("seller")

    async def seen(**query):
        return [one["customer_id"] for one in (await seller.get("/messages", params=query)).json()["items"]]

    assert await seen() == ["mine"]
    assert await seen(customer_id="theirs") == []
    assert await seen(unmatched=True) == []
    assert [one["customer_id"] for one in await desk.messages()] == [None, "theirs", "mine"]


async def test_messages_are_paged_newest_first(desk):
    """M4: keyset."""
    await desk.db.write(receive, [sms(f"SM{number}", str(number)) for number in range(5)])
    seen, after = [], None
    while True:
        page = (await desk.http.get("/messages", params={"limit": 2} | ({"after": after} if after else {}))).json()
        seen += [one["body"] for one in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert seen == ["4", "3", "2", "1", "0"]
    assert (await desk.http.get("/messages", params={"state": "lost"})).status_code == 422


async def test_an_older_customer_document_changes_nothing(desk, customer):
    """R2: any order, any repetition."""
    await desk.know(customer("reza", NUMBER, version=3))
    await desk.know(customer("reza", "+989129999999", version=2))
    await desk.db.write(receive, [sms("SM1"), sms("SM2", number="+989129999999")])
    assert [one["customer_id"] for one in await desk.messages()] == [None, "reza"]
