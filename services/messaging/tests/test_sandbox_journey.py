"""M1, M4, M5, M6, M11 by the sandbox, end to end: preview, send, delivery, an answer, STOP."""


async def test_preview_send_and_answer(desk, customer, until):
    """M1, M4, M6: who was previewed is written to, phones ring, states come back; M5: a reply is matched; M11: STOP holds."""
    await desk.know(
        customer("reza", "+989121111111"),
        customer("sara", "+989122222222"),
        customer("twin", "+989121111111"),
        customer("mute"),
        customer("off", "+989123333333", enabled=False),
        customer("bad", None, contacts=[{"kind": "mobile", "value": "12", "e164": None}]),
        customer("fails", "+989124440000"),
    )
    answer = await desk.http.post(
        "/messages:preview", json={"channel": "sms", "audience": {"query": {"all": []}}, "text": "سلام {{first_name}}"}
    )
    preview = answer.json()
    assert answer.status_code == 200, answer.text
    assert preview["recipients"] == 3
    assert preview["skipped"] == [
        {"reason": "disabled", "count": 1, "customer_ids": ["off"]},
        {"reason": "duplicate", "count": 1, "customer_ids": ["twin"]},
        {"reason": "invalid", "count": 1, "customer_ids": ["bad"]},
        {"reason": "no_contact", "count": 1, "customer_ids": ["mute"]},
    ]
    assert (preview["encoding"], preview["parts"], preview["forced_by"]) == ("UCS-2", 1, "س")
    async with desk.working():
        job = await desk.ended(await desk.send(audience_id=preview["audience_id"]))
        assert job["state"] == "done"
        assert job["progress"] == {"done": 3, "total": 3}
        await until(lambda: all_ended(desk))
        states = {one["customer_id"]: (one["state"], one["reason"]) for one in await desk.messages(job_id=job["id"])}
        assert states == {"reza": ("delivered", None), "sara": ("delivered", None), "fails": ("failed", "unreachable")}
        phones = (await desk.http.get("/sandbox/phones")).json()["items"]
        assert {phone["number"] for phone in phones} == {"+989121111111", "+989122222222", "+989124440000"}
        answer = await desk.http.post("/sandbox/phones/+989122222222:reply", json={"text": "لغو"})
        assert answer.status_code == 201, answer.text
    received = await desk.messages(direction="incoming")
    assert [(one["customer_id"], one["body"], one["state"]) for one in received] == [("sara", "لغو", "received")]
    consent = (await desk.http.get("/consent", params={"channel": "sms", "address": "0098 912 222 2222"})).json()
    assert consent["state"] == "out"


async def all_ended(desk):
    return all(one["state"] in ("delivered", "failed") for one in await desk.messages(direction="outgoing"))


async def test_phones_show_what_was_written_to_customers_that_one_sees(desk, customer, until):
    """R12, M6: of a number that two customers share, the words to the other one stay hidden; its answers go with its owner."""
    await desk.know(
        customer("mine", "+989121111111"),
        customer("other", "+989122222222", groups=["g2"]),
    )
    await desk.standing.user("clerk", ["sandbox.use"], [{"group_id": "g1", "view": True}])
    clerk = desk.standing.client("clerk")
    async with desk.working():
        for one in ("mine", "other"):
            await desk.ended(await desk.send(audience={"customer_ids": [one]}, text=f"to {one}"))
        await until(lambda: all_ended(desk))
    for number in ("+989121111111", "+989122222222"):
        assert (await desk.http.post(f"/sandbox/phones/{number}:reply", json={"text": "hm"})).status_code == 201
    assert len((await desk.http.get("/sandbox/phones")).json()["items"]) == 2
    phones = (await clerk.get("/sandbox/phones")).json()["items"]
    assert [(one["number"], one["messages"]) for one in phones] == [("+989121111111", 2)]
    mine = (await clerk.get("/sandbox/phones/+989121111111/messages")).json()["items"]
    assert [one["body"] for one in mine] == ["hm", "to mine"]
    assert (await clerk.get("/sandbox/phones/+989122222222/messages")).json()["items"] == []
    assert (await clerk.post("/sandbox/phones/+989122222222:reply", json={"text": "x"})).status_code == 404
    assert (await clerk.post("/sandbox/phones/+989121111111:reply", json={"text": "x"})).status_code == 201
