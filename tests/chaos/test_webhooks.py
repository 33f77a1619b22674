"""R6: a forged webhook is refused, a repeated one harmless, and a 2xx is a promise that kill -9 does not break."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest

from rapport_testkit.installation import Installation, installed
from rapport_testkit.twilio_server import ACCOUNT_SID, AUTH_TOKEN, SENDER, sign
from tests.benchmarks.load import load, request
from tests.chaos.killing import LONG, rows

PUBLIC = "https://crm.example"
PATH = "/webhooks/twilio/inbound"
ENV = {"TWILIO_ACCOUNT_SID": ACCOUNT_SID, "TWILIO_AUTH_TOKEN": AUTH_TOKEN, "TWILIO_FROM": SENDER}
CONNECTIONS = 32 if LONG else 8
SECONDS = 30.0 if LONG else 4.0
DISTINCT = 60_000 if LONG else 8_000


def incoming(number: int) -> tuple[bytes, dict[str, str]]:
    """An SMS that comes in, as Twilio posts it: form and headers."""
    form = {"MessageSid": f"SM{number:032x}", "From": "+989121234567", "To": SENDER, "Body": f"hello {number}"}
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return urlencode(form).encode(), headers | {"x-twilio-signature": sign(AUTH_TOKEN, PUBLIC + PATH, form)}


def kept(installation: Installation) -> int:
    found: int = rows(installation, "messaging", "SELECT count(*) FROM messages WHERE state = 'received'")[0][0]
    return found


@pytest.mark.timeout(300)
async def test_one_changed_byte_is_refused_a_repeat_is_harmless_and_a_2xx_survives_a_kill(tmp_path: Path) -> None:
    """R6."""
    async with installed(tmp_path / "data", ENV | {"RAPPORT_PUBLIC_URL": PUBLIC}) as installation:
        async with httpx.AsyncClient(base_url=installation.url, timeout=30) as provider:
            body, headers = incoming(0)
            signature = headers["x-twilio-signature"]
            changed = [
                (PATH, body.replace(b"hello", b"hellp"), headers),
                (f"{PATH}?a=1", body, headers),
                ("/webhooks/twilio/status", body, headers),
                (PATH, body, headers | {"x-twilio-signature": ("b" if signature[0] == "a" else "a") + signature[1:]}),
                (PATH, body, {name: value for name, value in headers.items() if name == "content-type"}),
            ]
            for path, form, with_headers in changed:
                answer = await provider.post(path, content=form, headers=with_headers)
                assert answer.status_code == 403, (path, answer.text)
            assert kept(installation) == 0
            for _ in range(3):
                assert (await provider.post(PATH, content=body, headers=headers)).is_success
            assert kept(installation) == 1
        await under_load(installation)


async def under_load(installation: Installation) -> None:
    """Answers come in time, and what was answered with 2xx is there after a kill."""
    calls = [incoming(number) for number in range(1, DISTINCT + 1)]
    plan = [request("POST", PATH, headers, body) for body, headers in calls]
    found = await load(installation.port, plan, CONNECTIONS, SECONDS)
    assert await installation.kill("web") is not None
    assert set(found.statuses) <= {"200", "204"}, found.statuses
    answered = sum(found.statuses.values())
    assert kept(installation) == 1 + min(answered, DISTINCT)
    print(f"R6: {found.rate:,.0f}/s over {CONNECTIONS} connections, p99 {found.p99 * 1000:.0f} ms; {answered} kept")
    assert found.p99 <= 1.0 or not LONG  # the short form runs beside whatever else the machine does
