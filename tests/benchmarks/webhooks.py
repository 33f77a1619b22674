"""P8: signed Twilio status webhooks, each committed before its 2xx, against a bare FastAPI POST under the same load."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode

import httpx

from rapport_testkit.engines.ports import free_port
from rapport_testkit.installation import installed, until
from tests.benchmarks.load import Load, load, request
from tests.benchmarks.table import Row, median

TOKEN = "a-token-of-the-benchmark"
PUBLIC = "https://crm.example"
CONNECTIONS = 32
SECONDS = 4.0
ROUNDS = 3


async def run(folder: Path) -> list[Row]:
    """The row: alternating rounds, the medians compared."""
    env = {"TWILIO_ACCOUNT_SID": "AC" + "0" * 32, "TWILIO_AUTH_TOKEN": TOKEN, "TWILIO_FROM": "+15005550006"}
    env |= {"RAPPORT_PUBLIC_URL": PUBLIC}
    async with _floor() as floor_port, installed(folder / "data", env) as ours_at:
        pairs: list[tuple[Load, Load]] = []
        for number in range(ROUNDS):
            bodies = [_status(number * 10_000 + each) for each in range(5_000)]
            bare = await load(
                floor_port, [request("POST", "/hook", _headers(body), body) for body in bodies], CONNECTIONS, SECONDS
            )
            calls = [request("POST", "/webhooks/twilio/status", _headers(body), body) for body in bodies]
            pairs.append((await load(ours_at.port, calls, CONNECTIONS, SECONDS), bare))
    assert all(set(ours.statuses) <= {"200", "204"} for ours, _ in pairs), [ours.statuses for ours, _ in pairs]
    ours = median([one.rate for one, _ in pairs])
    floor = median([one.rate for _, one in pairs])
    p99 = median([one.p99 for one, _ in pairs])
    return [
        Row(
            "P8",
            f"signed status webhooks, committed before the 2xx, c={CONNECTIONS}",
            f"{ours:,.0f}/s, p99 {p99 * 1000:.0f} ms",
            f"{floor:,.0f}/s (bare FastAPI POST)",
            f"{ours / floor:.2f} ×",
            "≥ 0.45 ×",
            "≥ 0.65 ×",
            met=ours / floor >= 0.45,
            goal_reached=ours / floor >= 0.65,
        )
    ]


def _status(number: int) -> bytes:
    state = ("sent", "delivered", "queued")[number % 3]
    return urlencode({"MessageSid": f"SM{number:032x}", "MessageStatus": state, "To": "+15005550009"}).encode()


def _headers(body: bytes) -> dict[str, str]:
    pairs = sorted(part.split("=", 1) for part in body.decode().replace("%2B", "+").split("&"))
    said = f"{PUBLIC}/webhooks/twilio/status" + "".join(name + value for name, value in pairs)
    signature = base64.b64encode(hmac.new(TOKEN.encode(), said.encode(), hashlib.sha1).digest()).decode()
    return {"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature}


@contextlib.asynccontextmanager
async def _floor() -> AsyncIterator[int]:
    port = free_port()
    server = subprocess.Popen([sys.executable, "-m", "tests.benchmarks.floor_post", str(port)])
    try:
        async with httpx.AsyncClient() as client:

            async def up() -> bool:
                with contextlib.suppress(httpx.HTTPError):
                    return (await client.get(f"http://127.0.0.1:{port}/healthz")).status_code == 200
                return False

            await until(up, 20)
        yield port
    finally:
        server.terminate()
        server.wait()
