"""What of a customer document is compared, and in which form: the one reading of a document that index and oracle share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

import phonenumbers

from rapport_contracts.text import digits, normalise, normalise_email

_NUMBER_KINDS: Final = frozenset({"phone", "mobile", "fax", "whatsapp"})
_CONTROL: Final = dict.fromkeys(range(0x20))
_ADDRESS: Final = frozenset({"city", "province", "country"})
_COUNTRY_CODES: Final = {str(code) for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE}


def comparable(text: str) -> str:
    """The normalised text without control characters: what equality, `contains` and `starts_with` see."""
    folded = normalise(text)
    return folded if folded.isprintable() else folded.translate(_CONTROL)


def display_name(document: Mapping[str, Any]) -> str:
    """An organization's name; a person's first and last name."""
    if document["kind"] == "organization":
        return document.get("name") or ""
    return " ".join(part for part in (document.get("first_name"), document.get("last_name")) if part)


def numbers_of(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The contacts that are numbers, of every kind."""
    return [contact for contact in document.get("contacts") or () if contact["kind"] in _NUMBER_KINDS]


def phone_forms(contact: Mapping[str, Any]) -> list[str]:
    """The digit strings under which a number is found: E.164, with a national trunk zero, and as it was written."""
    written, e164 = digits(contact.get("value") or ""), contact.get("e164")
    if not e164:
        return [written] if written else []
    international = e164[1:]
    national = "0" + international.removeprefix(_country_code_of(international[:3]))
    return list(dict.fromkeys((written or international, international, national)))


def values_of(document: Mapping[str, Any], field: str) -> list[Any]:
    """The values of a field as they are compared, empty ones left out: texts folded, others as the document has them."""
    if field.startswith("custom."):
        found = (document.get("fields") or {}).get(field.removeprefix("custom."))
        listed = found if isinstance(found, list) else [found]
        return [each for value in listed if (each := _folded(value)) not in (None, "")]
    found = _READERS[field](document) if field in _READERS else [_plain(document, field)]
    return [value for value in found if value not in (None, "")]


def email_key(value: str) -> str:
    """The form in which an e-mail address is compared, also when it is none."""
    return normalise_email(value) or comparable(value)


@lru_cache(maxsize=1 << 14)
def _country_code_of(head: str) -> str:
    return next((head[:size] for size in (1, 2, 3) if head[:size] in _COUNTRY_CODES), "")


def _folded(value: Any) -> Any:
    return comparable(value) if isinstance(value, str) else value


def _plain(document: Mapping[str, Any], field: str) -> Any:
    holder = (document.get("address") or {}) if field in _ADDRESS else document
    return _folded(holder.get(field))


_READERS: Final[dict[str, Callable[[Mapping[str, Any]], list[Any]]]] = {
    "name": lambda document: [comparable(display_name(document))],
    "email": lambda document: [email_key(c["value"]) for c in document.get("contacts") or () if c["kind"] == "email"],
    "phone": lambda document: [form for contact in numbers_of(document) for form in phone_forms(contact)],
    "group": lambda document: document["groups"],
    "kind": lambda document: [document["kind"]],
    "created_by": lambda document: [document.get("created_by")],
    "created_at": lambda document: [document.get("created_at")],
    "updated_at": lambda document: [document.get("updated_at")],
    "enabled": lambda document: [document.get("enabled", True)],
}
