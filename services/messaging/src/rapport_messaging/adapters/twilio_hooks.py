"""Twilio's webhooks: the signature first (Twilio docs: "Webhooks Security", "Validating Signatures"), then the form."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import parse_qsl

from rapport_chassis.problems import FieldError, Forbidden, Invalid
from rapport_contracts.phone import phone_key
from rapport_messaging.application.receive import Incoming
from rapport_messaging.domain.keywords import Wish
from rapport_messaging.store.reports import Report

from .twilio_words import NAME, STATUS, reason

_MOST_FIELDS: Final = 200
_WISHES: Final[dict[str, Wish]] = {"STOP": "out", "START": "in"}


def signature(token: str, url: str, form: Sequence[tuple[str, str]]) -> str:
    """X-Twilio-Signature: base64 of HMAC-SHA1 over the full URL and the form's names and values, sorted by name."""
    said = url + "".join(name + value for name, value in sorted(set(form)))
    return base64.b64encode(hmac.new(token.encode(), said.encode(), hashlib.sha1).digest()).decode()


class TwilioWebhooks:
    """Reads what Twilio sends. Without a token or a public address nothing is believed."""

    def __init__(self, token: str | None, public_url: str | None, region: Callable[[], str]) -> None:
        self._token = token
        self._public_url = public_url
        self._region = region

    def status(self, path: str, query: str, body: bytes, signature: str) -> Report | None:
        """A status callback; None for a status that Twilio may invent."""
        form = self._checked(path, query, body, signature)
        state = STATUS.get(form.get("MessageStatus") or form.get("SmsStatus", ""))
        reference = _required(form, "MessageSid")
        if state is None:
            return None
        code = form.get("ErrorCode", "")
        why = reason(int(code)) if code.isascii() and code.isdigit() else None
        return Report(NAME, reference, state, why, dict(parse_qsl(query)).get("intent"))

    def inbound(self, path: str, query: str, body: bytes, signature: str) -> Incoming:
        """An incoming SMS; the addresses of its media, if any, follow the text."""
        form = self._checked(path, query, body, signature)
        sender = _required(form, "From")
        if ":" in sender:
            detail = "Only SMS is received here."
            raise Invalid(detail, FieldError("From", "channel", detail))
        media = [form[name] for name in sorted(form) if name.startswith("MediaUrl")]
        return Incoming(
            provider=NAME,
            reference=_required(form, "MessageSid"),
            address=phone_key(sender, self._region()) or sender,
            body="\n".join([form.get("Body", ""), *media]).strip("\n"),
            wish=_WISHES.get(form.get("OptOutType", "")),
        )

    def _checked(self, path: str, query: str, body: bytes, given: str) -> dict[str, str]:
        if self._token is None or self._public_url is None:
            raise _invalid()
        try:
            form = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
        except ValueError as error:
            raise _invalid() from error
        url = f"{self._public_url}{path}?{query}" if query else self._public_url + path
        if not hmac.compare_digest(signature(self._token, url, form).encode(), given.encode()):
            raise _invalid()
        return {name: value.replace("\0", "") for name, value in form}  # no database keeps it, and nobody reads it


def _required(form: dict[str, str], name: str) -> str:
    if not form.get(name):
        detail = f"{name} is missing."
        raise Invalid(detail, FieldError(name, "missing", detail))
    return form[name]


def _invalid() -> Forbidden:
    return Forbidden("This was not signed by Twilio for this address.", code="signature_invalid")
