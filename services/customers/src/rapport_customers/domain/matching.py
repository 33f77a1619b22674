"""The rule by which a row and a customer are the same (I5): on any chosen fields, joined by all or any, compared normalised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from rapport_customers.domain.import_rows import RowRefused
from rapport_customers.domain.keys import FULL_NAME, is_indexed, selectivity

Keys = Mapping[str, set[str]]


@dataclass(frozen=True)
class Rule:
    """Same on `fields`, on any or on all of them.

    On all: a field that both leave empty is the same; one that finds customers (a name, a contact, a custom field) is filled.
    """

    fields: tuple[str, ...]
    combine: Literal["all", "any"]

    @staticmethod
    def of(fields: Sequence[str], combine: Literal["all", "any"], kind: str) -> Rule:
        """The rule as import says it; a person's `name` is the first and last name together.

        Raises `RowRefused` when nothing in it can find a customer: places (city, country, …) and titles only narrow
        down.
        """
        known = [FULL_NAME if name == "name" and kind == "person" else name for name in fields]
        finding = [name for name in known if _finds(name)]
        if not finding or (combine == "any" and len(finding) < len(known)):
            raise RowRefused("Match by a name, a contact or a custom field; other fields can only narrow that down.")
        return Rule(tuple(dict.fromkeys(known)), combine)

    @cached_property
    def lookups(self) -> tuple[str, ...]:
        """The fields to look customers up by, the most telling first."""
        fields = [name for name in self.fields if _finds(name)]
        if self.combine == "all" and "first_name" in fields and "last_name" in fields:
            fields.append(FULL_NAME)
        return tuple(sorted(dict.fromkeys(fields), key=selectivity))

    def same(self, row: Keys, customer: Keys) -> bool:
        """Whether a row with these keys is the customer with those."""
        if self.combine == "any":
            return any(not keys.isdisjoint(customer.get(name, ())) for name, keys in row.items())
        found_by = False
        for name in self.fields:
            ours, theirs = row.get(name), customer.get(name)
            if bool(ours) != bool(theirs) or (ours and theirs and ours.isdisjoint(theirs)):
                return False
            found_by = found_by or (bool(ours) and _finds(name))
        return found_by


def _finds(field: str) -> bool:
    return field == FULL_NAME or is_indexed(field)
