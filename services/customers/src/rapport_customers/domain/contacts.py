"""Contact points (C2): their kinds, their keys, one primary per kind."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from rapport_chassis.problems import FieldError, Invalid
from rapport_contracts.phone import phone_key
from rapport_contracts.text import digits, normalise, normalise_email

KINDS: Final = ("phone", "mobile", "fax", "email", "address", "website", "social", "whatsapp")
NUMBERS: Final = frozenset({"phone", "mobile", "fax", "whatsapp"})
_LONGEST_KEY = 120


def contact(kind: str, value: str, label: str | None, e164: str | None, primary: bool) -> dict[str, Any]:
    """A contact as documents hold it."""
    return {"kind": kind, "label": label, "value": value, "e164": e164, "primary": primary}


def contact_key(kind: str, value: str, e164: str | None) -> str:
    """By what a contact is the same as another of its kind: E.164, the e-mail key, else the normalised text."""
    if e164:
        return e164
    if kind in NUMBERS:
        return digits(value) or short_key(normalise(value))
    if kind == "email" and (email := normalise_email(value)):
        return email
    return short_key(normalise(value))


def short_key(key: str) -> str:
    """`key`, or for a long one its beginning and a digest: index entries stay small on every engine."""
    if len(key) <= _LONGEST_KEY:
        return key
    return f"{key[:60]}#{hashlib.blake2b(key.encode('utf-8', 'surrogatepass'), digest_size=16).hexdigest()}"


def read_contacts(given: Sequence[Mapping[str, Any]], kept: Sequence[Mapping[str, Any]], region: str) -> list[Any]:
    """The contacts of a request as documents hold them: numbers keyed in `region`, one primary per kind, repetitions joined.

    `kept` are the contacts of the customer so far: a number that stays keeps its key, whatever region it was read in.
    Raises `Invalid` for an e-mail address that is none (`invalid_email`) and for two primaries of a kind
    (`second_primary`).
    """
    keys = {(one["kind"], one["value"]): one["e164"] for one in kept if one["e164"]}
    found: dict[tuple[str, str], dict[str, Any]] = {}
    primaries: set[str] = set()
    for place, one in enumerate(given):
        kind, value = one["kind"], one["value"]
        e164 = (keys.get((kind, value)) or phone_key(value, region)) if kind in NUMBERS else None
        if kind == "email" and normalise_email(value) is None:
            raise _wrong(place, "value", "invalid_email", f"“{value}” is not an e-mail address.")
        primary = bool(one.get("primary"))
        if primary and kind in primaries:
            raise _wrong(place, "primary", "second_primary", f"Only one {kind} can be the primary one.")
        if primary:
            primaries.add(kind)
        known = found.setdefault((kind, contact_key(kind, value, e164)), contact(kind, value, None, e164, False))
        known["label"] = known["label"] or one.get("label")
        known["primary"] = known["primary"] or primary
    return with_primaries(list(found.values()))


def with_primaries(contacts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first contact of every kind that has no primary becomes its primary."""
    have = {one["kind"] for one in contacts if one["primary"]}
    for one in contacts:
        if one["kind"] not in have:
            one["primary"] = True
            have.add(one["kind"])
    return contacts


def _wrong(place: int, part: str, code: str, detail: str) -> Invalid:
    return Invalid(detail, FieldError(f"contacts.{place}.{part}", code, detail))
