"""R3: an SMS is never sent twice and never silently lost, whatever is killed between the provider's yes and our note of it."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from pathlib import Path

import pytest

from rapport_testkit.installation import Client, Installation, installed, until
from rapport_testkit.twilio_server import TwilioServer
from tests.chaos.killing import LONG, rows, size

MESSAGES = size(300, 30_000)
KILLS = size(4, 40)
WRITERS = 8
IN_FLIGHT = 64
PACE = {
    "RAPPORT_RATE_USER": "0/0",
    "RAPPORT_SMS_PER_SECOND": "300" if LONG else "30",
    "RAPPORT_SMS_LEASE_SECONDS": "6",
    "RAPPORT_SMS_SETTLE_SECONDS": "0.5",
}


@pytest.mark.timeout(3_600 if LONG else 300)
async def test_a_worker_killed_between_accept_and_record_sends_each_message_once(tmp_path: Path) -> None:
    """R3: no callback ever comes, so only asking the provider can tell."""
    async with (
        TwilioServer(latency=0.1, callbacks=False) as twilio,
        installed(tmp_path / "data", twilio.env() | PACE) as installation,
    ):
        client = await installation.client()
        group = (await client.post("/groups", {"name": "Everybody"}, expect=201))["id"]
        await asyncio.gather(*(_people(client, group, range(at, MESSAGES, WRITERS)) for at in range(WRITERS)))

        async def all_known() -> bool:
            answer = await client.post("/customers:search", {"query": {"all": []}, "count": True, "limit": 1})
            copied = rows(installation, "messaging", "SELECT count(*) FROM customers")[0][0]
            return bool(answer["count"] == copied == MESSAGES)

        await until(all_known, 600 if LONG else 90)
        body = {"channel": "sms", "audience": {"group": group}, "text": "hello"}
        job = (await client.post("/messages", body, expect=202))["id"]
        under_way = await _kill(installation, twilio)
        ended = await client.job(job, 1_800 if LONG else 150)
    assert ended["state"] == "done", ended
    result = ended["result"]
    sent = Counter(one.to for one in twilio.accepted)
    assert max(sent.values()) == 1, "sent twice"
    assert len(sent) == result["sent"] + result["unknown"] == MESSAGES, "lost"
    assert result["unknown"] <= KILLS * IN_FLIGHT
    assert under_way, "nothing was between accept and record at any kill: this proves nothing"
    print(
        f"R3: {MESSAGES} messages, {KILLS} kills, {len(under_way)} under way then: 0 twice, 0 lost, "
        f"{result['unknown']} parked"
    )


async def _people(client: Client, group: str, share: range) -> None:
    for number in share:
        contact = {"kind": "mobile", "value": f"+98912{number:07d}"}
        body = {"kind": "person", "first_name": f"Nr {number}", "groups": [group], "contacts": [contact]}
        await client.post("/customers", body, expect=201)


async def _kill(installation: Installation, twilio: TwilioServer) -> set[str]:
    """Kill the worker while it sends; the numbers whose message was taken and not yet noted at one of the kills."""
    chance, under_way = random.Random(3), set[str]()

    async def nothing_in_hand() -> bool:
        return not twilio.in_hand

    for _ in range(KILLS):
        await installation.until_working("follower")
        before = len(twilio.accepted)

        async def sending(at: int = before) -> bool:
            return len(twilio.accepted) > at

        await until(sending, 90)
        await asyncio.sleep(chance.uniform(0.05, 0.4))
        assert await installation.kill("follower") is not None, "the worker had ended by itself"
        noted = rows(installation, "messaging", "SELECT address FROM messages WHERE state = 'sent'")
        await until(nothing_in_hand, 30)
        under_way |= {one.to for one in twilio.accepted} - {address for (address,) in noted}
    return under_way
