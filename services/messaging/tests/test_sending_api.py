"""M1, M3, M11: previewing and sending through the API; what is refused; what holds at send time."""

import asyncio

import pytest


@pytest.fixture
async def some(desk, customer):
    await desk.standing.group("g1")
    await desk.know(customer("reza", "+989121111111"), customer("sara", "+989122222222"))
    return desk


async def preview(desk, **body):
    body = {"channel": "sms", "audience": {"customer_ids": ["reza", "sara"]}, "text": "Hello {{first_name}}"} | body
    answer = await desk.http.post("/messages:preview", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


ALL = {"customer_ids": ["reza", "sara"]}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"channel": "email", "audience": ALL, "text": "x"}, "validation_failed"),
        ({"channel": "sms", "audience": ALL, "text": "x", "schedule": {"at": "2027-01-01"}}, "validation_failed"),
        ({"channel": "sms", "audience": ALL, "text": "x", "subject": "s"}, "validation_failed"),
        ({"channel": "sms", "audience": ALL}, "validation_failed"),
        ({"channel": "sms", "audience": ALL, "text": "x", "template_id": "t"}, "validation_failed"),
        ({"channel": "sms", "audience": ALL | {"group": "g1"}, "text": "x"}, "validation_failed"),
        ({"channel": "sms", "audience": {}, "text": "x"}, "validation_failed"),
        ({"channel": "sms", "audience": ALL, "text": "   "}, "validation_failed"),
        ({"channel": "sms", "audience": ALL, "text": "x" * 1601}, "validation_failed"),
        ({"channel": "sms", "audience": ALL, "text": "x", "hold_seconds": -1}, "validation_failed"),
        ({"channel": "sms", "audience": ALL, "text": "Hi {{frist_name}}"}, "unknown_variable"),
        ({"channel": "sms", "audience": {"group": "g9"}, "text": "x"}, "validation_failed"),
        ({"channel": "sms"}, "validation_failed"),
    ],
)
async def test_what_is_not_there_is_refused(some, body, code):
    """M1, M2: nothing is changed."""
    answer = await some.http.post("/messages", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert (await some.http.get("/jobs")).json()["items"] == []


async def test_an_unknown_variable_names_the_nearest(some):
    """M2."""
    answer = await some.http.post("/messages:preview", json={"channel": "sms", "audience": ALL, "text": "{{last nam}}"})
    assert answer.status_code == 422
    assert answer.json()["suggestion"] == "last_name"
    assert answer.json()["errors"][0]["field"] == "text"


async def test_unknown_templates_previews_and_groups_are_not_found(some):
    """M1."""
    unknown = await some.http.post("/messages", json={"channel": "sms", "audience": ALL, "template_id": "nope"})
    assert unknown.status_code == 404
    assert (await some.http.post("/messages", json={"audience_id": "nope"})).status_code == 404
    group = await some.http.post("/messages:preview", json={"channel": "sms", "audience": {"group": "g9"}, "text": "x"})
    assert (group.status_code, group.json()["errors"][0]["field"]) == (422, "audience.group")


async def test_parts_and_cost_are_those_of_the_real_recipients(tmp_path, world, make_desk, customer):
    """M1: the longest rendering over the real recipients; cost when a price is configured."""
    from rapport_messaging.bootstrap import SERVICE
    from rapport_testkit.service import running

    async with running(SERVICE, tmp_path, peers=world.apps(), env={"RAPPORT_SMS_PRICE": "0.05 eur"}) as standing:
        desk = make_desk(standing, world)
        await desk.know(
            customer("short", "+989121111111", first_name="Al"), customer("long", "+989122222222", first_name="x" * 160)
        )
        found = await preview(desk, audience={"query": {"all": []}})
        assert (found["encoding"], found["parts"], found["forced_by"], found["total_parts"]) == ("GSM-7", 2, None, 3)
        assert found["cost"] == {"amount": "0.15", "currency": "EUR"}
        assert found["samples"][0] == {"customer_id": "short", "body": "Hello Al"}


async def test_groups_and_queries_are_asked_of_search_as_the_caller(some):
    """M1: with or without subgroups; the query is search's to judge."""
    await preview(some, audience={"group": "g1"})
    await preview(some, audience={"group": {"id": "g1", "subgroups": True}})
    tree = {"any": [{"field": "city", "op": "is", "value": "Shiraz"}]}
    await preview(some, audience={"query": tree})
    groups = [
        {"all": [{"field": "group", "op": "is", "value": {"id": "g1", "subgroups": sub}}]} for sub in (False, True)
    ]
    assert some.world.scanned == [*groups, tree]
    some.world.refusal = {
        "code": "validation_failed",
        "detail": "no such field",
        "errors": [{"field": "query.any.0.field", "code": "unknown_field", "detail": "no such field"}],
    }
    answer = await some.http.post("/messages:preview", json={"channel": "sms", "audience": {"query": {}}, "text": "x"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "audience.query.any.0.field")


async def test_sending_to_a_query_that_cannot_be_asked_is_refused_at_once(some):
    """M1: not by a job that fails later."""
    some.world.refusal = {
        "code": "validation_failed",
        "detail": "no such field",
        "errors": [{"field": "query.any.0.field", "code": "unknown_field", "detail": "no such field"}],
    }
    answer = await some.http.post("/messages", json={"channel": "sms", "audience": {"query": {}}, "text": "x"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "audience.query.any.0.field")
    assert (await some.http.get("/jobs")).json()["items"] == []


async def test_customers_newer_than_the_copy_are_asked_for(some, customer):
    """M1: who was created a moment ago is a recipient."""
    some.world.documents["new"] = customer("new", "+989123333333")
    found = await preview(some, audience={"customer_ids": ["new", "reza", "gone"]})
    assert (found["recipients"], found["skipped"]) == (2, [])


async def test_a_preview_is_sent_once_to_exactly_those_previewed(some, customer):
    """M1: a repeat gives the same job; a customer that came after the preview gets nothing."""
    found = await preview(some, audience={"query": {"all": []}})
    await some.know(customer("late", "+989124444444"))
    first = await some.send(audience_id=found["audience_id"])
    again = await some.send(audience_id=found["audience_id"], text="Hello {{first_name}}")
    assert first == again
    other = await some.http.post("/messages", json={"audience_id": found["audience_id"], "text": "another"})
    assert (other.status_code, other.json()["errors"][0]["field"]) == (422, "text")
    async with some.working():
        job = await some.ended(first)
    assert job["result"]["recipients"] == 2
    assert sorted(one["body"] for one in await some.messages()) == ["Hello Reza", "Hello Sara"]


async def test_another_persons_preview_is_not_there(some):
    """M1."""
    await some.standing.user("other", ["messages.send", "messages.view"])
    found = await preview(some)
    answer = await some.standing.client("other").post("/messages", json={"audience_id": found["audience_id"]})
    assert answer.status_code == 404


async def test_the_same_idempotency_key_sends_once(some):
    """R5: fifty at once, one job."""
    body = {"channel": "sms", "audience": ALL, "text": "x"}
    answers = await asyncio.gather(
        *(some.http.post("/messages", json=body, headers={"idempotency-key": "k"}) for _ in range(50))
    )
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    other = await some.http.post("/messages", json=body | {"text": "y"}, headers={"idempotency-key": "k"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")


async def test_cancelled_while_held_nothing_is_sent(some, until):
    """M3: `hold_seconds`."""
    held = await some.send(audience=ALL, text="x", hold_seconds=60)
    short = await some.send(audience=ALL, text="y", hold_seconds=1)
    async with some.working():
        assert (await some.http.post(f"/jobs/{held}:cancel")).json()["state"] == "cancelled"
        assert (await some.ended(short))["result"]["sent"] == 2
    assert {one["body"] for one in await some.messages()} == {"y"}


async def test_a_cancelled_job_sends_no_more_and_a_paused_one_waits(desk, customer, until):
    """M3, M4: what was not taken yet fails with the reason, or waits."""
    await desk.know(*(customer(f"c{number}", f"+98912{number:07d}") for number in range(1, 401)))
    job = await desk.send(audience={"query": {"all": []}}, text="x")

    async def some_sent():
        return any(one["state"] in ("sent", "delivered") for one in await desk.messages(job_id=job))

    async with desk.working():
        await until(some_sent)
        assert (await desk.http.post(f"/jobs/{job}:pause")).status_code == 200
        await until(lambda: nothing_on_its_way(desk))
        assert await desk.messages(state="queued")
        assert (await desk.http.post(f"/jobs/{job}:cancel")).status_code == 200
        await until(lambda: none_queued(desk))
    reasons = {(one["state"], one["reason"]) for one in await desk.messages()}
    assert reasons == {("delivered", None), ("failed", "cancelled")}


async def nothing_on_its_way(desk):
    return not await desk.messages(state="sending") and not await desk.messages(state="sent")


async def none_queued(desk):
    return not await desk.messages(state="queued")


async def test_who_opts_out_after_the_preview_gets_nothing(some, until):
    """M11: opt-outs are honoured when the ledger is queued, and at the moment of sending."""
    found = await preview(some)
    await some.http.put("/consent", params={"channel": "sms", "address": "+989121111111"}, json={"state": "out"})
    job = await some.send(audience_id=found["audience_id"])
    loop = asyncio.create_task(some.standing.jobs().run())  # queues, sends nothing
    await until(lambda: queued_one(some))
    await some.http.put("/consent", params={"channel": "sms", "address": "0912 222 2222"}, json={"state": "out"})
    await some.http.put("/consent", params={"channel": "sms", "address": "+989122222222"}, json={"state": "out"})
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)
    async with some.working():
        done = await some.ended(job)
    assert done["result"] | {"audience_id": ""} == {
        "audience_id": "",
        "recipients": 1,
        "sent": 0,
        "failed": 1,
        "unknown": 0,
        "skipped": {"opted_out": 1},
    }
    (message,) = await some.messages()
    assert (message["customer_id"], message["state"], message["reason"]) == ("sara", "failed", "opted_out")


async def queued_one(desk):
    return len(await desk.messages(state="queued")) == 1


async def test_who_became_invisible_or_disabled_since_the_preview_gets_nothing(some, customer):
    """M1, C10, R12: rights are looked at again."""
    found = await preview(some)
    some.world.hidden.add("reza")
    await some.know(customer("sara", "+989122222222", version=2, enabled=False))
    async with some.working():
        job = await some.ended(await some.send(audience_id=found["audience_id"]))
    assert job["result"]["skipped"] == {"not_visible": 1, "disabled": 1}
    assert await some.messages() == []


async def test_a_sender_without_the_right_any_more_sends_nothing(some):
    """G1: a right taken away is gone in jobs too."""
    await some.standing.user("seller", ["messages.send", "messages.view"])
    answer = await some.standing.client("seller").post(
        "/messages", json={"channel": "sms", "audience": ALL, "text": "x"}
    )
    await some.standing.user("seller", ["messages.view"])
    async with some.working():
        job = await some.ended(answer.json()["id"])
    assert (job["state"], job["error"]["code"]) == ("failed", "forbidden")
    assert await some.messages() == []


async def test_texts_that_render_to_nothing_or_too_much_are_skipped(some, customer):
    """M1: an empty SMS is sent to nobody."""
    await some.know(
        customer("nameless", "+989125555555", first_name=None),
        customer("wordy", "+989126666666", first_name="x" * 1601),
    )
    found = await preview(some, audience={"query": {"all": []}}, text="{{first_name}}")
    assert {one["reason"]: one["customer_ids"] for one in found["skipped"]} == {
        "empty_text": ["nameless"],
        "too_long": ["wordy"],
    }
    assert found["recipients"] == 2


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("post", "/messages", {"audience_id": "x"}),
        ("post", "/messages:preview", {"channel": "sms", "audience": ALL, "text": "x"}),
        ("get", "/messages", None),
        ("post", "/templates", {"name": "n", "channel": "sms", "body": "b"}),
        ("put", "/consent?channel=sms&address=%2B989121111111", {"state": "in"}),
        ("get", "/sandbox/phones", None),
    ],
)
async def test_every_route_needs_its_permission(some, method, path, body):
    """R12."""
    await some.standing.user("nobody", ["customers.view"])
    more = {"json": body} if body else {}
    assert (await getattr(some.standing.client("nobody"), method)(path, **more)).status_code == 403
    assert (await getattr(some.standing.client(None), method)(path, **more)).status_code == 401


@pytest.mark.parametrize(
    "query",
    ['{"all":' * 300 + "[]" + "}" * 300, r'{"field":"name","op":"is","value":"\ud800"}'],
    ids=["deep", "surrogate"],
)
async def test_a_hostile_query_is_refused(some, query):
    """R13: a clear 4xx."""
    body = '{"channel":"sms","text":"x","audience":{"query":' + query + "}}"
    answer = await some.http.post("/messages:preview", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422


async def test_what_is_old_is_forgotten_and_what_is_not_stays(some):
    """Retention: previews a day, ledgers of what was sent a season."""
    from datetime import timedelta

    from rapport_messaging.store import audiences

    unsent, sent = await preview(some), await preview(some)
    await some.send(audience_id=sent["audience_id"])
    now = some.standing.runtime.clock.now()
    hour, day = timedelta(hours=1), timedelta(days=1)
    assert await some.db.write(audiences.forget_old, now - hour, now - day) == 0
    assert await some.db.write(audiences.forget_old, now + hour, now - day) == 1
    assert (await some.http.post("/messages", json={"audience_id": unsent["audience_id"]})).status_code == 404
    assert await some.db.read(audiences.recipient_count, sent["audience_id"]) == 2
    assert await some.db.write(audiences.forget_old, now + hour, now + hour) == 1
    assert await some.db.read(audiences.recipient_count, sent["audience_id"]) == 0


async def test_messages_of_the_sandbox_are_forgotten_after_a_month(some):
    """Retention: the phones of the sandbox are for trying out."""
    from datetime import timedelta

    from rapport_messaging.store import sandbox

    now = some.standing.runtime.clock.now()
    rows = [{"id": str(number), "phone": "+989120000000", "body": "x"} for number in range(3)]
    await some.db.write(sandbox.accept, rows)
    assert await some.db.write(sandbox.forget_old, now - timedelta(days=30)) == 0
    assert await some.db.write(sandbox.forget_old, now + timedelta(hours=1)) == 3
    assert await some.db.read(sandbox.known, ["0", "1", "2"]) == {}


async def test_what_customers_refuses_is_refused(some):
    """R13: the other service's no is ours, not an accident."""
    body = {"channel": "sms", "audience": {"customer_ids": ["refused"]}, "text": "x"}
    answer = await some.http.post("/messages:preview", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")


async def test_a_job_waits_for_a_service_that_is_away(some):
    """R10: nothing is lost; a preview says that it cannot be done now."""
    some.world.away = 1
    answer = await some.http.post("/messages:preview", json={"channel": "sms", "audience": ALL, "text": "x"})
    assert (answer.status_code, answer.json()["code"]) == (503, "engine_unavailable")
    some.world.away = 2
    async with some.working():
        job = await some.ended(await some.send(audience=ALL, text="x"))
    assert job["result"]["sent"] == 2
