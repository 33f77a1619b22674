"""Who gets a message and who does not, and why (features.md M1): the phone of a customer and the ledger's reasons."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, Literal

import phonenumbers

Reason = Literal["no_contact", "opted_out", "disabled", "duplicate", "invalid", "empty_text", "too_long"]
_CAN_RECEIVE: Final = frozenset(
    {phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE}
)


def sms_number(customer: Mapping[str, Any]) -> tuple[str | None, Reason | None]:
    """(E.164, None), or (None, why not) for one customer document.

    The primary mobile, else the first mobile with a valid number, else a `phone` (primary first) whose numbering plan says that
    it may be a mobile. Fax, WhatsApp and social numbers are never written to by SMS. `no_contact`: there is no mobile and no such
    phone; `invalid`: there is a mobile, and no number can be made of it.
    """
    contacts = customer.get("contacts") or []
    mobiles = _primary_first(contacts, "mobile")
    for contact in mobiles:
        if contact.get("e164"):
            return contact["e164"], None
    for contact in _primary_first(contacts, "phone"):
        if contact.get("e164") and may_be_mobile(contact["e164"]):
            return contact["e164"], None
    return None, "invalid" if mobiles else "no_contact"


def all_numbers(customer: Mapping[str, Any]) -> set[str]:
    """Every number by which this customer may write to us (features.md M5), E.164."""
    kinds = {"mobile", "phone", "whatsapp"}
    return {one["e164"] for one in customer.get("contacts") or [] if one["kind"] in kinds and one.get("e164")}


@lru_cache(maxsize=1 << 16)
def may_be_mobile(e164: str) -> bool:
    """Whether the numbering plan allows that this number is a mobile (in North America it cannot tell: yes)."""
    try:
        return phonenumbers.number_type(phonenumbers.parse(e164, None)) in _CAN_RECEIVE
    except phonenumbers.NumberParseException:
        return False


def _primary_first(contacts: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return sorted((one for one in contacts if one["kind"] == kind), key=lambda one: not one.get("primary"))
