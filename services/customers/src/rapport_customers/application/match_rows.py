"""Match the rows of a batch with customers and with each other (I5); who matches several is nobody's to guess."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from rapport_customers.domain.documents import Document
from rapport_customers.domain.import_rows import Row, keys_to_compare
from rapport_customers.domain.keys import keys_in
from rapport_customers.domain.matching import Rule
from rapport_customers.store import customers, matching
from rapport_customers.store.connection import Connection

_FEW: Final = 8  # candidates whose documents are read and compared; more are narrowed down by another field first


@dataclass(slots=True)
class Subject:
    """A customer in the hands of a batch: `before` is None for one that the batch creates."""

    document: Document
    before: Document | None = None
    keys: dict[str, set[str]] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        """Whether the batch changed a customer that was there before."""
        return self.before is not None and self.before is not self.document


class Matcher:
    """Knows, for each row of a batch, which customers it is: those stored and visible, and those of earlier rows."""

    def __init__(
        self, conn: Connection, rule: Rule, kind: str, groups: frozenset[str] | None, rows: Sequence[Row]
    ) -> None:
        self._rule = rule
        self._local: dict[tuple[str, str], list[Subject]] = {}
        self._fields = frozenset((*rule.fields, *rule.lookups))
        self._keys = {row.number: keys_to_compare(row, self._fields) for row in rows}
        found = self._candidates(conn, rows)
        every = {number for numbers in found.values() for number in numbers}
        known = customers.visible_numbers(conn, every, groups, kind) if every else {}
        self._stored = {row: {known[one] for one in numbers if one in known} for row, numbers in found.items()}
        few = {id_ for ids in self._stored.values() if len(ids) <= _FEW for id_ in ids}
        stored = customers.find_many(conn, few, None, lock=True) if few else {}
        self._subjects = {id_: self._subject(one) for id_, one in stored.items()}

    def matches(self, row: Row) -> tuple[int, Subject | None]:
        """How many customers the row is, and the customer when it is one."""
        keys = self._keys[row.number]
        stored = self._stored.get(row.number, set())
        if len(stored) > _FEW:
            return len(stored), None
        found = {id_: self._subjects[id_] for id_ in stored if self._rule.same(keys, self._subjects[id_].keys)}
        for name in self._rule.lookups:
            for key in keys.get(name, ()):
                for one in self._local.get((name, key), ()):
                    if self._rule.same(keys, one.keys):
                        found[one.document["id"]] = one
            if self._rule.combine == "all" and keys.get(name):
                break  # who differs here differs
        return len(found), next(iter(found.values())) if len(found) == 1 else None

    def created(self, row: Row, subject: Subject) -> None:
        """The row became this customer: later rows that match it are the same one."""
        subject.keys = self._keys[row.number]
        self._register(subject)

    def changed(self, subject: Subject) -> None:
        """A row was merged into this customer: later rows match what it is now, as those of a later batch would."""
        subject.keys = keys_in(subject.document, self._fields)
        self._register(subject)

    def _register(self, subject: Subject) -> None:
        for name in self._rule.lookups:
            for key in subject.keys.get(name, ()):
                known = self._local.setdefault((name, key), [])
                if not any(one is subject for one in known):
                    known.append(subject)

    def _candidates(self, conn: Connection, rows: Sequence[Row]) -> dict[int, set[int]]:
        found: dict[int, set[int]] = {}
        for name in self._rule.lookups:
            if self._rule.combine == "any":
                asked = rows
            else:
                asked = [row for row in rows if row.number not in found or len(found[row.number]) > _FEW]
            wanted = {key for row in asked for key in self._keys[row.number].get(name, ())}
            if wanted:
                self._join(found, asked, name, matching.find(conn, name, wanted))
        return found

    def _join(self, found: dict[int, set[int]], asked: Sequence[Row], name: str, by_key: dict[str, list[int]]) -> None:
        for row in asked:
            keys = self._keys[row.number].get(name)
            if not keys:
                continue
            numbers = {number for key in keys for number in by_key.get(key, ())}
            if row.number in found:
                known = found[row.number]
                numbers = numbers | known if self._rule.combine == "any" else numbers & known
            found[row.number] = numbers

    def _subject(self, stored: customers.Stored) -> Subject:
        document = stored.document
        return Subject(document, document, keys_in(document, self._fields))
