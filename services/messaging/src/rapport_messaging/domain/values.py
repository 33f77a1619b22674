"""What the variables of a text stand for, for one customer: the built-in ones and custom fields as people write them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from .jalali import to_jalali

_WORDS: Final = {"en": ("yes", "no", ", "), "fa": ("بله", "خیر", "، ")}
_ADDRESS: Final = frozenset({"street", "city", "province", "postal_code", "country"})
_CONTACTS: Final = frozenset({"phone", "mobile", "email"})

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Setting:
    """What is the same for all recipients: field types by id, labels by option id, organizations, the user, habits."""

    field_types: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    organizations: Mapping[str, Document] = field(default_factory=dict)
    user_name: str | None = None
    language: str = "en"
    calendar: str = "gregorian"


def full_name(customer: Document) -> str:
    """The name one calls a customer by: an organization's, or a person's first and last name."""
    if customer.get("kind") == "organization":
        return str(customer.get("name") or "")
    return " ".join(part for part in (customer.get("first_name"), customer.get("last_name")) if part)


def value_of(customer: Document, name: str, setting: Setting) -> str | None:  # noqa: PLR0911  one line a kind
    """What the variable `name` is for this customer; None or "" when it is empty."""
    if name.startswith("custom."):
        return _custom(customer, name.removeprefix("custom."), setting)
    if name == "name":
        return full_name(customer)
    if name == "user.name":
        return setting.user_name
    if name.startswith("organization."):
        return _organization(customer, name.removeprefix("organization."), setting)
    if name in _ADDRESS:
        return _text((customer.get("address") or {}).get(name))
    if name in _CONTACTS:
        return _contact(customer, name)
    return _text(customer.get(name))


def first_organization(customer: Document) -> str | None:
    """The id of the organization that `organization.…` variables speak of: the first one a person belongs to."""
    links = customer.get("organizations") or []
    return links[0]["id"] if links else None


def _text(value: Any) -> str | None:
    return None if value is None else str(value).strip()


def _contact(customer: Document, kind: str) -> str | None:
    contacts = [contact for contact in customer.get("contacts") or [] if contact["kind"] == kind]
    chosen = next((contact for contact in contacts if contact.get("primary")), contacts[0] if contacts else None)
    return _text(chosen["value"]) if chosen else None


def _organization(customer: Document, part: str, setting: Setting) -> str | None:
    if customer.get("kind") == "organization":
        return full_name(customer) if part == "name" else None
    links = customer.get("organizations") or []
    if not links:
        return None
    if part == "position":
        return _text(links[0].get("position"))
    organization = setting.organizations.get(links[0]["id"])
    return full_name(organization) if organization else None


def _custom(customer: Document, field_id: str, setting: Setting) -> str | None:
    value = (customer.get("fields") or {}).get(field_id)
    if value is None:
        return None
    values = value if isinstance(value, list) else [value]
    joint = _WORDS[setting.language][2]
    return joint.join(_shown(each, setting.field_types.get(field_id, "text"), setting) for each in values)


def _shown(value: Any, field_type: str, setting: Setting) -> str:
    if field_type == "boolean":
        return _WORDS[setting.language][0 if value else 1]
    if field_type == "list":
        return setting.options.get(str(value), str(value))
    if field_type == "date" and setting.calendar == "jalali":
        return "{:04d}/{:02d}/{:02d}".format(*to_jalali(date.fromisoformat(value)))
    return str(value).strip()
