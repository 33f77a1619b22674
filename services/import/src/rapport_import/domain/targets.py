"""What a column can become: the built-in fields, the kinds of contacts, groups, and custom fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

CustomerKind = Literal["person", "organization"]
TargetType = Literal["text", "phone", "email", "contact", "groups", "integer", "boolean", "date", "list"]

BOTH: Final[tuple[CustomerKind, ...]] = ("person", "organization")
PERSON: Final[tuple[CustomerKind, ...]] = ("person",)
CUSTOM: Final = "custom."


@dataclass(frozen=True, slots=True)
class ListOption:
    """An option of a list: what is stored and what a cell may say for it."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Target:
    """One place a column can go. `multiple`: several values, so a cell may be split and several columns may share it.

    `matchable`: customers can be found by it; other texts only narrow a match on all fields down (I5).
    """

    name: str
    label: str
    type: TargetType
    kinds: tuple[CustomerKind, ...] = BOTH
    multiple: bool = False
    matchable: bool = True
    group_ids: tuple[str, ...] = ()
    options: tuple[ListOption, ...] = field(default=())

    def document(self) -> dict[str, Any]:
        """As GET /imports/targets shows it."""
        shown: dict[str, Any] = {
            "target": self.name,
            "label": self.label,
            "type": self.type,
            "kinds": list(self.kinds),
            "multiple": self.multiple,
            "matchable": self.matchable,
        }
        if self.type == "list":
            shown["options"] = [{"id": one.id, "label": one.label} for one in self.options]
        return shown


_BUILT_IN: Final = (
    Target("title", "Title", "text", matchable=False),
    Target("first_name", "First name", "text", PERSON),
    Target("last_name", "Last name", "text", PERSON),
    Target("name", "Name", "text"),
    Target("company_name", "Company", "text", PERSON),
    Target("position", "Position", "text", PERSON, matchable=False),
    Target("mobile", "Mobile", "phone", multiple=True),
    Target("phone", "Phone", "phone", multiple=True),
    Target("fax", "Fax", "phone", multiple=True),
    Target("email", "Email", "email", multiple=True),
    Target("whatsapp", "WhatsApp", "phone", multiple=True),
    Target("website", "Website", "contact", multiple=True),
    Target("social", "Social profile", "contact", multiple=True),
    Target("address", "Further address", "contact", multiple=True),
    Target("street", "Street", "text", matchable=False),
    Target("city", "City", "text", matchable=False),
    Target("province", "Province", "text", matchable=False),
    Target("postal_code", "Postal code", "text", matchable=False),
    Target("country", "Country", "text", matchable=False),
    Target("description", "Description", "text", matchable=False),
    Target("groups", "Groups", "groups", multiple=True, matchable=False),
)
BUILT_IN: Final[Mapping[str, Target]] = {target.name: target for target in _BUILT_IN}

PHONES: Final = frozenset(name for name, target in BUILT_IN.items() if target.type == "phone")
CONTACTS: Final = frozenset(name for name, target in BUILT_IN.items() if target.type in ("phone", "email", "contact"))
NAMES: Final = frozenset({"first_name", "last_name", "name", "company_name"})


def catalogue(fields: Iterable[Target]) -> dict[str, Target]:
    """All targets by name: the built-in ones, then `fields` (custom fields the caller may see), in order."""
    return dict(BUILT_IN) | {target.name: target for target in fields}


def field_target(document: Mapping[str, Any], lists: Mapping[str, Mapping[str, Any]]) -> Target:
    """The target of a custom field's document (customers.definitions.v1); `lists` are list documents by name (C4)."""
    options: tuple[ListOption, ...] = ()
    if document["field_type"] == "list":
        items = (lists.get(document.get("list") or "") or {}).get("items", ())
        options = tuple(ListOption(str(item["id"]), str(item["label"])) for item in items)
    return Target(
        name=f"{CUSTOM}{document['id']}",
        label=document["title"],
        type=document["field_type"],
        multiple=bool(document.get("multiple")),
        group_ids=tuple(document.get("group_ids") or ()),
        options=options,
    )
