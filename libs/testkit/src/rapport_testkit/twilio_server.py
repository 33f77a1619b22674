"""A local stand-in for Twilio's Messages API: its documented forms, its signed webhooks, and its bad days on demand.

Written from Twilio's documentation ("Message resource", "Outbound Message Status in Status Callbacks", "Validating Signatures"),
not from our adapter. In a test: `async with TwilioServer() as twilio:`; as a process: `python -m rapport_testkit.twilio_server`.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import hashlib
import hmac
import itertools
import json
import random
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Literal, Self
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

ACCOUNT_SID = "AC" + "0123456789abcdef" * 2
AUTH_TOKEN = "a-secret-token-of-the-stand-in"
SENDER = "+15005550006"

Mishap = Literal["rate_limit", "server_error_before", "server_error_after", "hang_after", "drop_after", "drop_before"]
"""`…_before`: nothing was taken; `…_after`: the message was taken and nobody hears of it."""


def sign(token: str, url: str, form: Mapping[str, str]) -> str:
    """X-Twilio-Signature of a POST: the full URL, then each parameter's name and value, sorted by name; HMAC-SHA1, base64."""
    text = url
    for name in sorted(form):
        text += name + form[name]
    return base64.b64encode(hmac.digest(token.encode(), text.encode(), hashlib.sha1)).decode()


@dataclass
class Accepted:
    """A message that the stand-in took."""

    sid: str
    to: str
    sender: str
    body: str
    callback: str | None
    at: datetime
    status: str = "queued"
    error_code: int | None = None

    def resource(self) -> dict[str, Any]:
        """The Message resource; like Twilio's it does not tell the StatusCallback."""
        return {
            "sid": self.sid,
            "account_sid": ACCOUNT_SID,
            "to": self.to,
            "from": self.sender,
            "body": self.body,
            "status": self.status,
            "direction": "outbound-api",
            "date_created": format_datetime(self.at),
            "date_sent": None if self.status == "queued" else format_datetime(self.at),
            "error_code": self.error_code,
            "num_segments": "1",
            "uri": f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages/{self.sid}.json",
        }


@dataclass
class TwilioServer:
    """The stand-in. `mishaps` are met by the next requests, one each; `errors` refuse numbers with a Twilio error code.

    `statuses` gives the callbacks of a message (status, error code) in the order in which they are sent.
    `deliver(url, form, headers)` posts a webhook and gives the HTTP status (by default over the network).
    """

    port: int = 0
    latency: float = 0.0
    callbacks: bool = True
    statuses: Callable[[Accepted], Iterable[tuple[str, int | None]]] | None = None
    deliver: Callable[[str, bytes, Mapping[str, str]], Awaitable[int]] | None = None
    mishaps: list[Mishap | None] = field(default_factory=list)
    errors: dict[str, tuple[int, int]] = field(default_factory=dict)  # number -> (HTTP status, code)
    accepted: list[Accepted] = field(default_factory=list)
    requests: int = 0
    in_hand: int = 0  # requests that came and are not answered yet; one whose caller died is still taken
    failed_callbacks: int = 0
    _sids: Any = field(default_factory=lambda: itertools.count(1))
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _runner: web.AppRunner | None = None
    _client: aiohttp.ClientSession | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def env(self, public_url: str = "http://rapport.test") -> dict[str, str]:
        """The environment that points a service here."""
        return {
            "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
            "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
            "TWILIO_FROM": SENDER,
            "TWILIO_BASE_URL": self.url,
            "RAPPORT_PUBLIC_URL": public_url,
        }

    async def __aenter__(self) -> Self:
        """Start listening (port 0: a free one)."""
        app = web.Application()
        path = f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json"
        app.router.add_post(path, self._create)
        app.router.add_get(path, self._list)
        app.router.add_get("/accepted", self._tell)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self._client = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client:
            await self._client.close()
        if self._runner:
            await self._runner.cleanup()

    async def callbacks_sent(self) -> None:
        """Wait until every callback that was begun is answered."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def inbound(self, url: str, sender: str, body: str, *, sid: str | None = None) -> int:
        """An SMS comes in: Twilio calls `url`; the answer's HTTP status."""
        form = {
            "MessageSid": sid or f"SM{next(self._sids):032x}",
            "AccountSid": ACCOUNT_SID,
            "From": sender,
            "To": SENDER,
            "Body": body,
            "NumMedia": "0",
            "NumSegments": "1",
        }
        return await self._post(url, form)

    async def _create(self, request: web.Request) -> web.StreamResponse:
        self.requests += 1
        if not _authorized(request):
            return _problem(401, 20003, "Authenticate")
        form = {name: str(value) for name, value in (await request.post()).items()}
        mishap = self.mishaps.pop(0) if self.mishaps else None
        if mishap == "rate_limit":
            return _problem(429, 20429, "Too Many Requests", {"Retry-After": "1"})
        if mishap == "server_error_before":
            return _problem(500, 20500, "Internal Server Error")
        if mishap == "drop_before":
            return _drop(request)
        if refused := self._refusal(form):
            return refused
        self.in_hand += 1
        try:
            await asyncio.sleep(self.latency)
            return await self._answer(request, self._accept(form), mishap)
        finally:
            self.in_hand -= 1

    async def _answer(self, request: web.Request, taken: Accepted, mishap: Mishap | None) -> web.StreamResponse:
        if mishap == "server_error_after":
            return _problem(500, 20500, "Internal Server Error")
        if mishap == "hang_after":
            await asyncio.sleep(3600)
        if mishap == "drop_after":
            return _drop(request)
        return web.json_response(taken.resource(), status=201)

    def _refusal(self, form: Mapping[str, str]) -> web.Response | None:
        if not form.get("To"):
            return _problem(400, 21604, "A 'To' phone number is required.")
        if not form.get("From") and not form.get("MessagingServiceSid"):
            return _problem(400, 21603, "A 'From' phone number is required.")
        if not form.get("Body"):
            return _problem(400, 21602, "Message body is required.")
        if form["To"] in self.errors:
            status, code = self.errors[form["To"]]
            return _problem(status, code, "Refused")
        return None

    def _accept(self, form: Mapping[str, str]) -> Accepted:
        sender = form.get("From") or form["MessagingServiceSid"]
        sid = f"SM{next(self._sids):032x}"
        taken = Accepted(sid, form["To"], sender, form["Body"], form.get("StatusCallback"), datetime.now(UTC))
        self.accepted.append(taken)
        if self.callbacks and taken.callback:
            task = asyncio.create_task(self._report(taken))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return taken

    async def _report(self, taken: Accepted) -> None:
        script = self.statuses or (lambda _: [("sent", None), ("delivered", None)])
        for status, code in script(taken):
            taken.status, taken.error_code = status, code
            form = {"MessageSid": taken.sid, "MessageStatus": status, "AccountSid": ACCOUNT_SID, "To": taken.to}
            form |= {"SmsSid": taken.sid, "SmsStatus": status, "From": taken.sender, "ApiVersion": "2010-04-01"}
            await self._post(taken.callback or "", form | ({"ErrorCode": str(code)} if code else {}))

    async def _post(self, url: str, form: Mapping[str, str]) -> int:
        headers = {
            "X-Twilio-Signature": sign(AUTH_TOKEN, url, form),
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
        }
        for pause in (0.1, 0.5, 2.0):
            status = await (self.deliver or self._over_network)(url, urlencode(form).encode(), headers)
            if 0 < status < 500:
                return status
            await asyncio.sleep(pause)
        self.failed_callbacks += 1
        return 0

    async def _over_network(self, url: str, form: bytes, headers: Mapping[str, str]) -> int:
        assert self._client is not None
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            async with self._client.post(url, data=form, headers=headers) as answer:
                return answer.status
        return 0

    async def _list(self, request: web.Request) -> web.Response:
        """Newest first, by To, From and PageSize, with `next_page_uri` to the rest."""
        if not _authorized(request):
            return _problem(401, 20003, "Authenticate")
        query = request.query
        found = [
            one
            for one in reversed(self.accepted)
            if query.get("To") in (None, one.to) and query.get("From") in (None, one.sender)
        ]
        size, page = int(query.get("PageSize", "50")), int(query.get("Page", "0"))
        shown = found[page * size : (page + 1) * size]
        rest = len(found) > (page + 1) * size
        following = urlencode({**query, "Page": str(page + 1)})
        return web.json_response(
            {
                "messages": [one.resource() for one in shown],
                "page": page,
                "page_size": size,
                "next_page_uri": f"{request.path}?{following}" if rest else None,
            }
        )

    async def _tell(self, _request: web.Request) -> web.Response:
        """For tests in other processes: [[to, body, sid], …] of everything that was accepted (no part of Twilio)."""
        return web.json_response([[one.to, one.body, one.sid] for one in self.accepted])


def _authorized(request: web.Request) -> bool:
    expected = "Basic " + base64.b64encode(f"{ACCOUNT_SID}:{AUTH_TOKEN}".encode()).decode()
    return hmac.compare_digest(request.headers.get("Authorization", ""), expected)


def _problem(status: int, code: int, message: str, headers: Mapping[str, str] | None = None) -> web.Response:
    body = {
        "code": code,
        "message": message,
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }
    return web.json_response(body, status=status, headers=headers)


def _drop(request: web.Request) -> web.StreamResponse:
    """Cut the connection without an answer."""
    if request.transport:
        request.transport.abort()
    return web.Response()


def scrambled(seed: int) -> Callable[[Accepted], list[tuple[str, int | None]]]:
    """Status callbacks in any order, some of them repeated; always with a `delivered`."""
    chance = random.Random(seed)

    def statuses(_: Accepted) -> list[tuple[str, int | None]]:
        reports: list[tuple[str, int | None]] = [("queued", None), ("sent", None), ("delivered", None)]
        reports += chance.choices(reports, k=2)
        chance.shuffle(reports)
        return reports

    return statuses


async def _serve(port: int, latency: float, *, callbacks: bool) -> None:
    async with TwilioServer(port=port, latency=latency, callbacks=callbacks) as server:
        sys.stdout.write(json.dumps(server.env()) + "\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def main() -> None:
    """Listen until ended; the first line of the output is the environment for the service, as JSON."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds that a message takes to be accepted")
    parser.add_argument("--no-callbacks", action="store_true")
    options = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(options.port, options.latency, callbacks=not options.no_callbacks))


if __name__ == "__main__":
    main()
