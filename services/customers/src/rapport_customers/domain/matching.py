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
    """Same on `fields`: on all of them (a field that both leave empty is the same, one field at least is filled) or on any."""

    fields: tuple[str, ...]
    combine: Literal["all", "any"]

    @staticmethod
    def of(fields: Sequence[str], combine: Literal["all", "any"], kind: str) -> Rule:
        """The rule as import says it; a person's `name` is the first and last name together.

        Raises `RowRefused` when nothing in it can find a customer: places (city, country, …) and titles only narrow
        down.
        """
        known = [FULL_NAME if name == "name" and kind == "person" else name for name in fields]
        finding = [name for name in known if name == FULL_NAME or is_indexed(name)]
        if not finding or (combine == "any" and len(finding) < len(known)):
            raise RowRefused("Match by a name, a contact or a custom field; other fields can only narrow that down.")
        return Rule(tuple(dict.fromkeys(known)), combine)

    @cached_property
    def lookups(self) -> tuple[str, ...]:
        """The fields to look customers up by, the most telling first."""
        fields = [name for name in self.fields if name == FULL_NAME or is_indexed(name)]
        if self.combine == "all" and "first_name" in fields and "last_name" in fields:
            fields.append(FULL_NAME)
        return tuple(sorted(dict.fromkeys(fields), key=selectivity))

    def same(self, row: Keys, customer: Keys) -> bool:
        """Whether a row with these keys is the customer with those."""
        if self.combine == "any":
            return any(not keys.isdisjoint(customer.get(name, ())) for name, keys in row.items())
        one_filled = False
        for name in self.fields:
            ours, theirs = row.get(name), customer.get(name)
            if bool(ours) != bool(theirs) or (ours and theirs and ours.isdisjoint(theirs)):
                return False
            one_filled = one_filled or bool(ours)
        return one_filled
