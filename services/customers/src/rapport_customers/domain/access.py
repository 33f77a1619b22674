"""What of a customer a caller sees (G1, C4): a group, field or linked customer that is not visible does not exist."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rapport_customers.domain.definitions import Definitions
from rapport_customers.domain.documents import Document


@dataclass(frozen=True, slots=True)
class Sight:
    """What a caller may know. `groups` None: every group. `customers` are the linked customers that are visible (None: all)."""

    definitions: Definitions
    groups: frozenset[str] | None
    customers: frozenset[str] | None = None

    def sees_group(self, group_id: str) -> bool:
        """Whether the group exists for the caller."""
        return group_id in self.definitions.groups and (self.groups is None or group_id in self.groups)

    def sees_customer(self, customer_id: str | None) -> bool:
        """Whether a linked customer exists for the caller."""
        return customer_id is not None and (self.customers is None or customer_id in self.customers)

    def fields_of(self, document: Document) -> frozenset[str]:
        """The custom fields of this customer that exist for the caller."""
        return self.definitions.fields_seen(self.groups, document["groups"])

    def shown(self, document: Document) -> Document:
        """The document as the caller sees it."""
        seen = dict(document)
        seen["groups"] = [group for group in document["groups"] if self.sees_group(group)]
        if document["fields"]:
            fields = self.fields_of(document)
            seen["fields"] = {name: value for name, value in document["fields"].items() if name in fields}
        if "organizations" in document:
            seen["organizations"] = [link for link in document["organizations"] if self.sees_customer(link["id"])]
        if not self.sees_customer(document["related_to"]):
            seen["related_to"] = None
        return seen

    def shown_changes(self, document: Document, changes: list[list[Any]]) -> list[dict[str, Any]]:
        """Changes of the customer's history as the caller sees them; changes of what is hidden are left out."""
        found = []
        for field, old, new in changes:
            if field.startswith("custom.") and not self._knows_field(field.removeprefix("custom."), document):
                continue
            before, after = self._value(field, old), self._value(field, new)
            if before != after:
                found.append({"field": field, "from": before, "to": after})
        return found

    def _knows_field(self, field_id: str, document: Document) -> bool:
        """Fields that are gone meanwhile are shown to those who see every group only."""
        if field_id not in self.definitions.fields:
            return self.groups is None
        return field_id in self.fields_of(document)

    def _value(self, field: str, value: Any) -> Any:
        if value is None:
            return None
        if field == "groups":
            return [group for group in value if self.groups is None or group in self.groups]
        if field == "organizations":
            return [link for link in value if self.sees_customer(link["id"])]
        if field == "related_to":
            return value if self.sees_customer(value) else None
        return value


def linked(document: Document) -> set[str]:
    """The customers that this one points to."""
    links = {link["id"] for link in document.get("organizations", ())}
    return links | {document["related_to"]} if document["related_to"] else links
