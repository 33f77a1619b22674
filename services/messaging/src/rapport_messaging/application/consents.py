"""Consent by channel and address (M11): read, set by hand, set by a reply."""

from __future__ import annotations

from typing import Any, Literal

from rapport_chassis.auth import Caller
from rapport_chassis.db import Tx
from rapport_chassis.problems import FieldError, Invalid
from rapport_contracts.phone import phone_key
from rapport_messaging.store import consent
from rapport_messaging.store.connection import Connection

State = Literal["in", "out", "none"]


def address_key(address: str, region: str) -> str:
    """The normalised address, E.164. Raises `Invalid` 422 for what is no number."""
    key = phone_key(address, region)
    if key is None:
        detail = "This is not a phone number."
        raise Invalid(detail, FieldError("address", "phone", detail))
    return key


def get_consent(conn: Connection, channel: str, address: str) -> dict[str, Any]:
    """{channel, address, state, at, how} of a normalised address; `none` where nobody said anything."""
    row = consent.find(conn, channel, address)
    said = {"state": "none", "at": None, "how": None}
    if row is not None:
        said = {"state": row.state, "at": row.at, "how": row.how}
    return {"channel": channel, "address": address} | said


def set_consent(tx: Tx, caller: Caller, channel: str, address: str, state: State, how: str | None) -> dict[str, Any]:
    """Set it by hand; `how` says how the customer said so. Gives what is then."""
    row = {"channel": channel, "address": address, "state": state, "evidence": None, "changed_by": caller.id}
    consent.put(tx, [row | {"how": how or "by hand"}])
    return get_consent(tx.conn, channel, address)
