"""SMS by Twilio's REST API (Twilio docs: "Message resource"): no idempotency key, so callbacks carry our intent."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final, Literal
from urllib.parse import quote, urlencode

import aiohttp
import orjson

from rapport_messaging.application.ports import (
    Answer,
    LookupFailed,
    Lost,
    NotTaken,
    Outgoing,
    Refused,
    Taken,
    Trace,
    Unclear,
)
from rapport_messaging.config import Twilio

from .twilio_words import LATER, NAME, OPTED_OUT, STATUS, TRIAL_PREFIX, end_of, reason

STATUS_PATH: Final = "/webhooks/twilio/status"
_OK, _UNAUTHORIZED, _FORBIDDEN, _GONE, _TIMED_OUT, _TOO_MANY, _SERVER = 300, 401, 403, 404, 408, 429, 500
_CONNECT_SECONDS: Final = 5.0
_ACCOUNT_WAIT: Final = 60.0  # a wrong token is a person's to mend
_SKEW: Final = timedelta(minutes=2)  # between our clock and Twilio's
_PAGE, _PAGES = 200, 50
_FORM: Final = {"content-type": "application/x-www-form-urlencoded"}


class TwilioSmsProvider:
    """One Twilio account."""

    name: Final = NAME
    recovery: Literal["idempotent", "lookup", "neither"] = "lookup"

    def __init__(self, account: Twilio, public_url: str | None, together: int = 64) -> None:
        self._account = account
        self._public_url = public_url
        self._together = together
        self._path = f"/2010-04-01/Accounts/{account.account_sid}/Messages.json"
        self._open: aiohttp.ClientSession | None = None

    async def send(self, message: Outgoing) -> Answer:
        """POST Messages.json; what cannot have reached Twilio is `NotTaken`, what may have without an answer `Unclear`."""
        try:
            async with self._session().post(
                self._account.base_url + self._path, data=urlencode(self._form(message)), headers=_FORM
            ) as answer:
                return _answer(answer.status, answer.headers, await answer.read())
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            return NotTaken("provider_unreachable")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return Unclear(type(error).__name__)

    async def find(self, lost: Lost) -> list[Trace]:
        """GET Messages.json by To (and From), newest first, back to when the first attempt began: those with this body.

        No DateSent filter: a message that Twilio has not sent yet has no date of sending.
        """
        query = {"To": lost.address, "PageSize": str(_PAGE)}
        if not self._by_service():
            query["From"] = self._account.sender
        uri: str | None = f"{self._path}?{urlencode(query)}"
        traces: list[Trace] = []
        for _ in range(_PAGES):
            if uri is None:
                return traces
            page = await self._page(uri)
            found = [(_created(one), one) for one in page["messages"]]
            traces += [_trace(at, one) for at, one in found if at >= lost.since - _SKEW and _is(one, lost.body)]
            older = bool(found) and found[-1][0] < lost.since - _SKEW
            uri = None if older else page.get("next_page_uri")
        raise LookupFailed("too many messages to this number to look through")

    async def close(self) -> None:
        """Close the connections."""
        if self._open is not None:
            await self._open.close()

    def _form(self, message: Outgoing) -> dict[str, str]:
        sender = "MessagingServiceSid" if self._by_service() else "From"
        form = {"To": message.address, sender: self._account.sender, "Body": message.body}
        if self._public_url:
            form["StatusCallback"] = f"{self._public_url}{STATUS_PATH}?intent={quote(message.id)}"
        return form

    def _by_service(self) -> bool:
        return self._account.sender.startswith("MG")

    async def _page(self, uri: str) -> dict[str, Any]:
        try:
            async with self._session().get(self._account.base_url + uri) as answer:
                content = await answer.read()
                if answer.status >= _OK:
                    raise LookupFailed(f"Twilio answered {answer.status}")
                page: dict[str, Any] = orjson.loads(content)
                return page
        except (aiohttp.ClientError, TimeoutError, OSError, orjson.JSONDecodeError) as error:
            raise LookupFailed(repr(error)) from error

    def _session(self) -> aiohttp.ClientSession:
        if self._open is None or self._open.closed:
            self._open = aiohttp.ClientSession(
                headers={"authorization": _basic(self._account)},
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS),
                connector=aiohttp.TCPConnector(limit=self._together, keepalive_timeout=10),
            )
        return self._open


def _basic(account: Twilio) -> str:
    return "Basic " + base64.b64encode(f"{account.account_sid}:{account.auth_token}".encode()).decode()


def _answer(status: int, headers: Mapping[str, str], content: bytes) -> Answer:
    body = _json(content)
    if status < _OK:
        return _taken(body)
    code = body.get("code") if isinstance(body.get("code"), int) else None
    if status == _TOO_MANY or code in LATER:
        return NotTaken("rate_limited", _seconds(headers.get("Retry-After")))
    if status in (_UNAUTHORIZED, _FORBIDDEN, _GONE) and code != OPTED_OUT:
        return NotTaken("account_refused", _ACCOUNT_WAIT)
    if status >= _SERVER or status == _TIMED_OUT:
        return Unclear(f"http_{status}")
    return Refused(*end_of(code), opted_out=code == OPTED_OUT)


def _taken(body: Mapping[str, Any]) -> Answer:
    sid, said = body.get("sid"), STATUS.get(str(body.get("status")))
    if not sid or said is None:
        return Unclear("answer_not_understood")
    return Taken(str(sid), said, reason(body.get("error_code")))


def _json(content: bytes) -> dict[str, Any]:
    try:
        body = orjson.loads(content)
    except orjson.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}


def _seconds(header: str | None) -> float | None:
    return float(header) if header and header.isascii() and header.isdigit() else None


def _created(one: Mapping[str, Any]) -> datetime:
    try:
        return parsedate_to_datetime(one["date_created"])
    except (KeyError, TypeError, ValueError) as error:
        raise LookupFailed("Twilio's list has a message without a date") from error


def _is(one: Mapping[str, Any], body: str) -> bool:
    if not str(one.get("direction", "")).startswith("outbound"):
        return False
    return str(one.get("body", "")).removeprefix(TRIAL_PREFIX).strip() == body.strip()


def _trace(at: datetime, one: Mapping[str, Any]) -> Trace:
    return Trace(str(one["sid"]), STATUS.get(str(one.get("status")), "sent"), reason(one.get("error_code")), at)
