"""Values of custom fields (C4): typed, single or multiple, from a list where the field has one."""

from __future__ import annotations

import contextlib
from datetime import date
from typing import Any, Final

from rapport_contracts.text import normalise
from rapport_customers.domain.definitions import CustomField, Definitions

_LONGEST_TEXT: Final = 10_000
_MOST_VALUES: Final = 200
_LARGEST: Final = 2**53 - 1  # what JSON numbers keep exactly in every client


class WrongValue(Exception):  # noqa: N818  a refusal, not a fault
    """The value is not of the field's type; the message says it to a person."""


def read_value(field: CustomField, definitions: Definitions, value: Any) -> Any:
    """The value as documents hold it; None when nothing is left of it (C4: unset is not stored).

    A multiple field takes a list or a single value and holds a list without repetitions; a list field takes an item's
    id or label and holds the id. Raises `WrongValue`.
    """
    if not field.multiple:
        if isinstance(value, list):
            raise WrongValue(f"“{field.title}” takes one value only.")
        return _read_one(field, definitions, value)
    given = value if isinstance(value, list) else [value]
    if len(given) > _MOST_VALUES:
        raise WrongValue(f"“{field.title}” takes at most {_MOST_VALUES} values.")
    read = [one for one in (_read_one(field, definitions, one) for one in given) if one is not None]
    return list(dict.fromkeys(read)) or None


def _read_one(field: CustomField, definitions: Definitions, value: Any) -> Any:
    if value is None:
        return None
    return _READERS[field.field_type](field, definitions, value)


def _text(field: CustomField, _definitions: Definitions, value: Any) -> str | None:
    if not isinstance(value, str):
        raise WrongValue(f"“{field.title}” takes a text.")
    if len(value) > _LONGEST_TEXT or "\x00" in value:
        raise WrongValue(f"“{field.title}” takes a text of at most {_LONGEST_TEXT} characters.")
    stripped = value.strip()
    return stripped if normalise(stripped) else None


def _integer(field: CustomField, _definitions: Definitions, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > _LARGEST:
        raise WrongValue(f"“{field.title}” takes a whole number.")
    return value


def _boolean(field: CustomField, _definitions: Definitions, value: Any) -> bool:
    if not isinstance(value, bool):
        raise WrongValue(f"“{field.title}” takes yes or no.")
    return value


def _date(field: CustomField, _definitions: Definitions, value: Any) -> str:
    if isinstance(value, str) and len(value) == len("2026-03-21"):
        with contextlib.suppress(ValueError):
            return date.fromisoformat(value).isoformat()
    raise WrongValue(f"“{field.title}” takes a date such as 2026-03-21.")


def _list(field: CustomField, definitions: Definitions, value: Any) -> str | None:
    if isinstance(value, str) and not normalise(value):
        return None
    options = definitions.lists.get(field.list or "")
    item = options.item(value) if options and isinstance(value, str) else None
    if item is None:
        raise WrongValue(f"“{value}” is not in the list “{field.list}”.")
    return item.id


_READERS: Final = {"text": _text, "integer": _integer, "boolean": _boolean, "date": _date, "list": _list}
