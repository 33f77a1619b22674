"""R11: a restored installation starts held."""

from rapport_messaging.bootstrap import SERVICE


async def test_an_unfinished_send_waits_for_a_person_after_a_restore(desk, customer, until):
    """R11: its ledger does not know whom it wrote to since the backup."""
    await desk.know(customer("reza", "+989121111111"))
    job_id = await desk.send(audience={"customer_ids": ["reza"]}, text="hello")
    assert SERVICE.on_restore
    await desk.db.write(SERVICE.on_restore)
    async with desk.working():
        assert (await desk.job(job_id))["state"] == "paused"
        assert await desk.messages(job_id=job_id) == []
        await desk.http.post(f"/jobs/{job_id}:resume")
        assert (await desk.ended(job_id))["state"] == "done"
