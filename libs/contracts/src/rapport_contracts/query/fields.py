"""The fields that may be asked for, their types, and which ops each type takes: tables, not code."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

CUSTOM: Final = "custom."


class FieldType(StrEnum):
    """How a field's values compare."""

    TEXT = "text"  # normalised (Q1)
    PHONE = "phone"  # by E.164 and by digits in any spelling (C2)
    EMAIL = "email"
    KIND = "kind"
    GROUP = "group"
    USER = "user"
    INSTANT = "instant"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    DATE = "date"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Field:
    """A field by its name in the API: `city`, `custom.<id>`."""

    name: str
    type: FieldType

    @property
    def custom_id(self) -> str | None:
        """The custom field's id, or None for a built-in field."""
        return self.name.removeprefix(CUSTOM) if self.name.startswith(CUSTOM) else None


_TEXTS = (
    "name",
    "first_name",
    "last_name",
    "company_name",
    "position",
    "title",
    "city",
    "province",
    "country",
    "description",
)
_TYPES: Final[dict[str, FieldType]] = {
    **dict.fromkeys(_TEXTS, FieldType.TEXT),
    "kind": FieldType.KIND,
    "phone": FieldType.PHONE,
    "email": FieldType.EMAIL,
    "group": FieldType.GROUP,
    "created_at": FieldType.INSTANT,
    "updated_at": FieldType.INSTANT,
    "created_by": FieldType.USER,
    "enabled": FieldType.BOOLEAN,
}
BUILT_IN: Final[dict[str, Field]] = {name: Field(name, type_) for name, type_ in _TYPES.items()}

SORTABLE: Final = (
    "name",
    "first_name",
    "last_name",
    "company_name",
    "position",
    "title",
    "city",
    "province",
    "country",
    "email",
    "kind",
    "enabled",
    "created_at",
    "updated_at",
)
"""What one may sort by (Q5): built-in fields with one value a customer, the shown one of several e-mail addresses."""

_PRESENCE: Final = frozenset({"filled", "empty"})
_CHOICE: Final = frozenset({"is", "is_not"}) | _PRESENCE
_CHOICES: Final = _CHOICE | {"in"}
_TEXTUAL: Final = _CHOICES | {"contains", "starts_with"}
_ORDERED: Final = _CHOICE | {"gt", "gte", "lt", "lte", "between"}
_RELATIVE: Final = frozenset({"within_last", "within_next", "older_than"})
OPS: Final[dict[FieldType, frozenset[str]]] = {
    FieldType.TEXT: _TEXTUAL,
    FieldType.PHONE: _TEXTUAL,
    FieldType.EMAIL: _TEXTUAL,
    FieldType.KIND: _CHOICES,
    FieldType.GROUP: _CHOICES,
    FieldType.USER: _CHOICES,
    FieldType.LIST: _CHOICES,
    FieldType.BOOLEAN: _CHOICE,
    FieldType.INTEGER: _ORDERED | {"in"},
    FieldType.DATE: _ORDERED | _RELATIVE | {"in"},
    FieldType.INSTANT: _ORDERED | _RELATIVE,
}


def custom_field(field_id: str, field_type: str) -> Field:
    """The field of a custom field definition (C4). Raises `ValueError` for a type this contract does not know."""
    return Field(CUSTOM + field_id, FieldType(field_type))
